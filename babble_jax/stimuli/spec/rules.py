"""Rules that hold between the keys of a specification; every one that is broken is a mistake of its own."""

import itertools
import math
from collections.abc import Iterator
from typing import Any

from babble_jax.input_files import is_file, is_folder
from babble_jax.stimuli.columns import COLUMNS
from babble_jax.stimuli.lists import FACTORS
from babble_jax.stimuli.spec.exact_rules import find_exact_mistakes
from babble_jax.stimuli.spec.keys import LEVEL_NAME
from babble_jax.stimuli.spec.levels import Degradation, Treatment
from babble_jax.stimuli.spec.mistakes import KeyPath, Mistake
from babble_jax.stimuli.spec.prosody import SpokenProsody
from babble_jax.stimuli.spec.question import KEY_NAMES, find_unknown_keys
from babble_jax.stimuli.specification import StimulusSpec

MOST_CONDITIONS, MOST_ITEMS = 1000, 100_000


def find_mistakes(spec: StimulusSpec) -> Iterator[Mistake]:
    """Yields every rule that a specification, whose values have the right types, breaks."""
    factors = list(_find_factor_mistakes(spec))
    yield from factors
    if not factors:
        yield from _find_condition_mistakes(spec)
        yield from _find_item_mistakes(spec)
    if spec.catch.trials and not spec.catch.settings():
        yield Mistake(("catch",), "needs a manipulation that a listener catches, shift_gaps = 3.0, say")
    own = spec.counterbalance or ()
    if sorted(set(own) & set(FACTORS)) != sorted(own):
        yield Mistake(("counterbalance",), f"must name some of {', '.join(FACTORS)}, each once")
    if {"timing", "replay"} <= spec.model_fields_set:
        yield Mistake(("replay",), "and timing cannot both be given; remove one")
    if spec.design == "drawn" and spec.seconds is None:
        yield Mistake(("seconds",), "is missing; add seconds = 12.0, say, or ask for turns = 2")
    yield from find_exact_mistakes(spec)
    yield from _find_degradation_mistakes(("degrade",), spec.degrade)
    yield from _find_degradation_mistakes(("catch", "degrade"), spec.catch.degrade)
    for factor, levels in spec.factors.items():
        for name, level in levels.items():
            yield from _find_degradation_mistakes(("factors", factor, name, "degrade"), level.degrade)
            yield from _find_prosody_mistakes(spec, ("factors", factor, name, "prosody"), level.prosody)
    yield from _find_prosody_mistakes(spec, ("catch", "prosody"), spec.catch.prosody)
    yield from _find_output_mistakes(spec)
    yield from _find_file_mistakes(spec)


def _find_prosody_mistakes(
    spec: StimulusSpec, path: KeyPath, prosody: SpokenProsody | None
) -> Iterator[Mistake]:
    if prosody is None or spec.recordings is None:
        return
    script = spec.turn_script
    own = {turn.speaker for turn in script if is_folder(spec.recordings / turn.speaker)}
    if not spec.backchannels and not any(
        turn.recordings is None and (turn.recorded is False or (bool(own) and turn.speaker not in own))
        for turn in script
    ):
        yield Mistake(path, "is of babble, and the turns are recordings; remove it")


def _find_factor_mistakes(spec: StimulusSpec) -> Iterator[Mistake]:
    if not spec.factors and spec.gap_levels is None and spec.adaptive is None:
        gap = "; or ask for gap = [0.0, 0.2]" if spec.design == "exact" else ""
        yield Mistake(("factors",), f"holds no factor; add [factors.NAME] with a level or more{gap}")
    for factor, levels in spec.factors.items():
        for path in (("factors", factor), *(("factors", factor, name) for name in levels)):
            if not LEVEL_NAME.fullmatch(path[-1]):
                yield Mistake(path, "becomes part of file names: use letters, digits and _ only")
        if factor in COLUMNS:
            yield Mistake(("factors", factor), "is the name of another column of the lists; rename it")
        if not levels:
            yield Mistake(("factors", factor), "must be a table of levels; add natural = {}, say")
    if "gap" in spec.factors and (spec.gap_levels is not None or spec.adaptive is not None):
        yield Mistake(
            ("factors", "gap"),
            "is a second factor of this name beside gap = [...] or adaptive; rename it",
        )
    if math.prod(map(len, spec.all_factors.values())) > MOST_CONDITIONS:
        yield Mistake(("factors",), f"have more than {MOST_CONDITIONS} combinations; leave some levels out")


def _find_condition_mistakes(spec: StimulusSpec) -> Iterator[Mistake]:
    """Yields levels of two factors that set one key, or that contradict each other: once for each pair of levels."""
    top = {"degrade": spec.degrade} if spec.degrade else {}
    for levels in spec.factors.values() if top else ():
        for name, level in levels.items():
            if level.degrade is not None:
                factor = next(f for f, own in spec.factors.items() if own is levels)
                yield Mistake(("factors", factor, name), "sets degrade, which the top of the file sets too")
    clashes: set[KeyPath] = set()
    for (_, earlier), (factor, levels) in itertools.combinations(spec.all_factors.items(), 2):
        for a, (name, b) in itertools.product(earlier.values(), levels.items()):
            path = ("factors", factor, name)
            shared = a.settings().keys() & b.settings().keys()
            for key in sorted(shared):
                if path not in clashes:
                    key = key.replace("backchannel_times", "backchannels")
                    yield Mistake(path, f"sets {key}, which another factor sets too")
                clashes.add(path)
            reason = None if shared else _contradiction(a.settings() | b.settings())
            if reason and path not in clashes:
                clashes.add(path)
                yield Mistake(path, f"is wrong: {reason}")


def _contradiction(settings: dict[str, Any]) -> str | None:
    try:
        Treatment.combine(settings)
    except ValueError as error:
        return str(error)
    return None


def _find_item_mistakes(spec: StimulusSpec) -> Iterator[Mistake]:
    count = max(1, math.prod(map(len, spec.all_factors.values())))
    if spec.items > MOST_ITEMS:
        yield Mistake(("items",), f"must be {MOST_ITEMS} at most")
    elif spec.adaptive and spec.items < 1:
        yield Mistake(("items",), "must be 1 at least")
    elif not spec.adaptive and (spec.items < 1 or spec.items % count):
        nearest = max(round(spec.items / count), 1) * count
        rule = f"must be a multiple of the {count} conditions, for lists in which each comes equally often"
        yield Mistake(("items",), f"{rule}; take {nearest}")
    elif spec.catch.trials >= spec.items:
        yield Mistake(("catch", "trials"), f"must be fewer than the {spec.items} items")


def _find_degradation_mistakes(path: KeyPath, degradation: Degradation | None) -> Iterator[Mistake]:
    for key, kind in (("cutoff", "low-pass"), ("bands", "noise-vocoded")):
        if degradation and getattr(degradation, key) is not None and degradation.kind != kind:
            yield Mistake((*path, key), f"belongs to {kind}, not to {degradation.kind}; remove it")


def _find_output_mistakes(spec: StimulusSpec) -> Iterator[Mistake]:
    output = spec.output
    if output.level and (output.level.active is None) == (output.level.lufs is None):
        yield Mistake(("output", "level"), "must set one of active and lufs: { active = -26.0 }, say")
    if output.format == "mp3" and (output.sample_rate or 0) > 48_000:
        yield Mistake(("output", "sample_rate"), "must be 48000 at most in mp3")
    if spec.question:
        for key in find_unknown_keys(spec.question):
            yield Mistake(
                ("question", "keys", key), f"is no key: name a character, or one of {', '.join(KEY_NAMES)}"
            )
        if not spec.question.keys:
            yield Mistake(("question", "keys"), 'is empty; add { f = "yes", j = "no" }, say')


def _find_file_mistakes(spec: StimulusSpec) -> Iterator[Mistake]:
    if spec.recordings is not None and not is_folder(spec.recordings):
        yield Mistake(("recordings",), f"names no folder ({spec.recordings}); check the path")
    if spec.recording_times is not None and not is_file(spec.recording_times):
        yield Mistake(("recording_times",), f"names no file ({spec.recording_times}); check the path")
