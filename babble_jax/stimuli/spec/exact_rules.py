"""Rules of exact designs: turns, script, offsets, backchannels, adaptive procedures and recordings."""

import math
from collections.abc import Iterator

from babble_jax.stimuli.spec.designs import MOST_GAPS, MOST_TURNS, name_gap
from babble_jax.stimuli.spec.mistakes import Mistake
from babble_jax.stimuli.specification import StimulusSpec

LONGEST_GAP = 60.0
"""Seconds, of either sign."""

_EXACT_KEYS = {
    "gap": "gap",
    "gap_levels": "gap",
    "critical": "critical",
    "backchannels": "backchannels",
    "adaptive": "adaptive",
    "recordings": "recordings",
    "recording_times": "recording_times",
    "turn_seconds": "turn_seconds",
    "ramp": "ramp",
}
_OTHER_KEYS = ("timing", "replay", "layout", "seconds", "transfers")


def find_exact_mistakes(spec: StimulusSpec) -> Iterator[Mistake]:
    """Yields every rule of exact designs that a specification breaks, and keys that only one kind of design has."""
    if spec.design == "exact":
        for name in _OTHER_KEYS:
            if name in spec.model_fields_set:
                yield Mistake((name,), "has no meaning beside turns or script; remove one of them")
        yield from _find_turn_mistakes(spec)
        yield from _find_gap_mistakes(spec)
        yield from _find_recording_mistakes(spec)
        return
    for field, key in _EXACT_KEYS.items():
        if field in spec.model_fields_set:
            yield Mistake((key,), "needs an exact design; add turns = 2, say, or tables [[script]]")
    levels = [
        (("factors", factor, name), level)
        for factor, own in spec.factors.items()
        for name, level in own.items()
    ]
    for path, level in [*levels, (("catch",), spec.catch)]:
        if level.gap is not None:
            yield Mistake((*path, "gap"), "needs an exact design, turns = 2, say; or use shift_gaps")
        if level.backchannel_times is not None:
            yield Mistake(
                (*path, "backchannels"), "must be a number per minute, unless turns or script are given"
            )


def _find_turn_mistakes(spec: StimulusSpec) -> Iterator[Mistake]:
    if spec.turns is not None and spec.script:
        yield Mistake(("turns",), "and script cannot both be given; remove one")
    if spec.turns is not None and not 1 <= spec.turns <= MOST_TURNS:
        yield Mistake(("turns",), f"must be from 1 to {MOST_TURNS}")
        return
    if len(spec.script) > MOST_TURNS:
        yield Mistake(("script",), f"must have {MOST_TURNS} turns at most")
    names = list(dict.fromkeys(turn.speaker for turn in spec.script))
    if len(names) > 2:
        yield Mistake(("script",), f"has more than two speakers ({', '.join(names[:5])}); name two")
    ranges = [(("turn_seconds",), spec.turn_seconds)]
    ranges += [(("script", k, "seconds"), turn.seconds) for k, turn in enumerate(spec.script) if turn.seconds]
    for path, seconds in ranges:
        if len(seconds) != 2 or not 0.05 <= seconds[0] <= seconds[1] <= 600:
            yield Mistake(path, "must be seconds from 0.05 to 600, or a range of two, the shorter one first")
    if spec.script and spec.script[0].gap is not None:
        yield Mistake(("script", 0, "gap"), "has no turn before it; remove it")
    if spec.script and "start" in (spec.counterbalance or ()):
        yield Mistake(("counterbalance",), "cannot name start: the script says who starts")
    if spec.critical is not None and not 2 <= spec.critical <= len(spec.turn_script):
        yield Mistake(("critical",), "must be the number of a turn, from 2 to that of the last one")
    speakers = {turn.speaker for turn in spec.turn_script}
    for k, one in enumerate(spec.backchannels):
        if one.speaker is not None and one.speaker not in speakers:
            yield Mistake(("backchannels", k), f"has a speaker without a turn, {one.speaker}")


def _find_gap_mistakes(spec: StimulusSpec) -> Iterator[Mistake]:
    gaps = [(("gap",), spec.gap)] + [(("script", k, "gap"), turn.gap) for k, turn in enumerate(spec.script)]
    gaps += [
        (("factors", factor, name, "gap"), level.gap)
        for factor, levels in spec.factors.items()
        for name, level in levels.items()
    ]
    gaps += [(("catch", "gap"), spec.catch.gap)]
    gaps += [(("gap",), gap) for gap in spec.gap_levels or ()]
    for path, gap in gaps:
        if gap is not None and abs(gap) > LONGEST_GAP:
            hint = f"; for {gap:g} ms write {gap / 1000:g}" if abs(gap) <= 1000 * LONGEST_GAP else ""
            yield Mistake(
                path, f"must be seconds from -{LONGEST_GAP:g} to {LONGEST_GAP:g}, not {gap:g}{hint}"
            )
    varied = spec.gap_levels is not None or any(path[0] == "factors" for path, gap in gaps if gap is not None)
    if (varied or spec.adaptive) and len(spec.turn_script) < 2:
        yield Mistake(("turns",), "must be 2 or more where there is a gap between turns")
    levels = spec.gap_levels
    if levels is not None and (not levels or len({name_gap(gap) for gap in levels}) < len(levels)):
        yield Mistake(("gap",), "must be one or more offsets, in seconds, no two alike to 0.1 ms")
    if spec.adaptive is None:
        return
    if levels is not None:
        yield Mistake(("adaptive",), "and gap = [...] are both the factor gap; remove one")
    adaptive = spec.adaptive
    if adaptive.last <= adaptive.first or max(abs(adaptive.first), abs(adaptive.last)) > LONGEST_GAP:
        yield Mistake(
            ("adaptive", "to"), f"must be above from, both from -{LONGEST_GAP:g} to {LONGEST_GAP:g} s"
        )
    elif adaptive.steps > MOST_GAPS:
        yield Mistake(("adaptive", "step"), f"gives more than {MOST_GAPS} offsets; take longer steps")
    elif not math.isclose(adaptive.steps, round(adaptive.steps), abs_tol=1e-6):
        last = adaptive.first + math.floor(adaptive.steps) * adaptive.step
        yield Mistake(
            ("adaptive", "step"),
            f"does not lead from {adaptive.first:g} to {adaptive.last:g}; take to = {last:g}",
        )
    elif len({name_gap(gap) for gap in adaptive.gaps}) < len(adaptive.gaps):
        yield Mistake(("adaptive", "step"), "must be 0.0001 s at least")
    if spec.catch.trials:
        yield Mistake(
            ("catch",), "has no place in an adaptive procedure, which chooses its trials; remove it"
        )


def _find_recording_mistakes(spec: StimulusSpec) -> Iterator[Mistake]:
    if spec.recordings is None:
        for k, turn in enumerate(spec.script):
            if turn.recorded or turn.recordings is not None:
                yield Mistake(("script", k, "recording"), 'needs recordings = "FOLDER" at the top')
        if spec.recording_times is not None:
            yield Mistake(("recording_times",), 'needs recordings = "FOLDER"')
        return
    for k, turn in enumerate(spec.script):
        if turn.recordings is not None and not all(turn.recordings):
            yield Mistake(("script", k, "recording"), "must name one or more files in the folder")
        if turn.seconds and turn.recorded is not False:
            yield Mistake(
                ("script", k, "seconds"), "is that of the recording; remove it, or add recording = false"
            )
    wrong = {"start", "voice"} & set(spec.counterbalance or ())
    if wrong and all(turn.recorded is not False for turn in spec.turn_script):
        yield Mistake(
            ("counterbalance",), f"cannot name {' or '.join(sorted(wrong))}: recordings have their speakers"
        )
