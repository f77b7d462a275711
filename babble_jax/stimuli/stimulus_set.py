"""A set of stimuli in one folder: every item in every condition, the same babble in all of them.

Axes: I items, K conditions, N IPUs of one stimulus.
"""

import csv
import dataclasses
import io
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax import files
from babble_jax.audio import wave
from babble_jax.conversation import writing
from babble_jax.conversation.reading import read
from babble_jax.dialogue.manifest import described, made_with
from babble_jax.dialogue.plan import Plan, drawn, manipulated, replayed
from babble_jax.dialogue.render import render
from babble_jax.dialogue.utterance import Speaker
from babble_jax.errors import BabbleError
from babble_jax.files import MANIFEST, atomic_folder
from babble_jax.progress import Progress
from babble_jax.stimuli.lists import Assignment, Trial, assignments, latin_lists
from babble_jax.stimuli.specification import StimulusSpec
from babble_jax.timing.events import floor_transfers, ipus
from babble_jax.timing.manipulation.manipulations import Manipulations
from babble_jax.timing.preset import load_preset
from babble_jax.voice.babbler import Babbler

KIND = "babble_jax stimuli"
STIMULI, LISTS, SPEC = "stimuli.csv", "lists.csv", "spec.toml"

_DRAWS = 100  # for each item, at most, until one holds enough floor transfers


@dataclasses.dataclass(frozen=True, eq=False)
class StimuliReport:
    """What `babble stimuli` made.

    Attributes:
      folder: where it lies.
      manifest: what stands in `manifest.json`.
    """

    folder: Path
    manifest: dict[str, Any]


def make_stimuli(
    spec: StimulusSpec, babblers: Sequence[Babbler], out: str | os.PathLike, *, overwrite: bool = False
) -> StimuliReport:
    """Renders all stimuli and writes them into a folder, all of it or nothing.

    For each stimulus `NAME.wav`, `.TextGrid`, `.eaf`, `.rttm` and `.csv`, NAME being `item001-LEVEL-LEVEL` or
    `catch001`; `stimuli.csv`, a row for each of them; `lists.csv`, a row for each trial of each list;
    `spec.toml`, the spec; `manifest.json`, all of this with every IPU. An IPU has the same label, key and
    waveform in all conditions of its item.

    Args:
      spec: see `spec.read_spec`.
      babblers: two voices of one sample rate.
      out: the folder, new or empty, or that of earlier stimuli if `overwrite` says so.
      overwrite: replace earlier stimuli; other content is never replaced.

    Raises:
      BabbleError: an item cannot be planned, manipulated or spoken, or `out` may not be written.
    """
    count = len(spec.conditions)
    given = assignments(spec.items, count, spec.counterbalance)
    # Catch trials are the same in every list; nothing is learned from them, so nothing is balanced.
    given += [Assignment(None, 0, 0)] * spec.catch_trials
    with atomic_folder(out, KIND, overwrite) as folder:
        plans = _plans(spec)
        speakers = [Speaker.of(babbler) for babbler in babblers]
        stimuli: list[dict[str, Any]] = []
        total = spec.items * count + spec.catch_trials
        with Progress("stimuli", total, "stimuli") as progress:
            for item, ((draw, plan), assignment) in enumerate(zip(plans, given, strict=True)):
                voices = [Speaker(CachedBabbler(one.babbler), one.gain) for one in speakers]
                made = []
                for name, levels, asked in _versions(spec, item):
                    made.append(
                        {"file": f"{name}.wav", "item": item, "catch": item >= spec.items, "levels": levels}
                        | _stimulus(folder, name, plan, assignment, asked, voices, spec.seed, draw)
                    )
                    progress.update()
                _same_sounds(made)
                stimuli += made
        lists = latin_lists(spec.items, count, spec.catch_trials, spec.seed)
        values = {
            "kind": KIND,
            "seed": spec.seed,
            "conditions": [
                {"levels": condition.levels, "manipulations": condition.manipulations.to_json()}
                for condition in spec.conditions
            ],
            "counterbalanced": {
                "over_items": list(spec.counterbalance),
                "completely": spec.items % (count * 2 ** len(spec.counterbalance)) == 0,
            },
            "lists": [
                {"list": number, "trials": [_file(spec, trial) for trial in trials]}
                for number, trials in enumerate(lists, start=1)
            ],
            "stimuli": stimuli,
        }
        files.write_text(folder / SPEC, spec.text)
        files.write_text(folder / STIMULI, _table([_stimulus_row(one) for one in stimuli]))
        files.write_text(folder / LISTS, _table(_list_rows(spec, lists)))
        files.write_json(folder / MANIFEST, values | made_with(folder))
    return StimuliReport(Path(out), values)


class CachedBabbler:
    """A `Babbler` that remembers its streams, so that the conditions of an item cost the babble of one."""

    def __init__(self, babbler: Babbler):
        self._babbler = babbler
        self._known: dict[tuple[bytes, tuple[float, float] | None], np.ndarray] = {}

    @property
    def name(self) -> str:
        """The voice's own."""
        return self._babbler.name

    @property
    def sample_rate(self) -> int:
        """The voice's own."""
        return self._babbler.sample_rate

    @property
    def settings(self) -> Mapping[str, Any]:
        """The voice's own."""
        return self._babbler.settings

    @property
    def takes_activity(self) -> bool:
        """The voice's own."""
        return self._babbler.takes_activity

    def babble(
        self,
        keys: np.ndarray,
        samples: Sequence[int],
        advance: Callable[[int], None],
        active: Sequence[tuple[float, float]] | None = None,
    ) -> list[np.ndarray]:
        """As `Babbler.babble`: a longer stream begins with the shorter one, so that the longest is kept."""
        when = [None] * len(keys) if active is None else active
        names = [(key.tobytes(), own) for key, own in zip(keys, when, strict=True)]
        new = [i for i, name in enumerate(names) if len(self._known.get(name, ())) < samples[i]]
        if new:
            streams = self._babbler.babble(
                keys[new],
                [samples[i] for i in new],
                advance,
                None if active is None else [active[i] for i in new],
            )
            self._known |= {names[i]: stream for i, stream in zip(new, streams, strict=True)}
        advance(sum(samples[i] for i in range(len(names)) if i not in new))
        return [self._known[name] for name in names]


def _plans(spec: StimulusSpec) -> list[tuple[int, Plan]]:
    """Of all items, then of the catch trials: the first draws or stretches with enough floor transfers, numbered."""
    count = spec.items + spec.catch_trials
    found = []
    for number, plan in enumerate(_stretches(spec) if spec.replay else _draws(spec, _DRAWS * count)):
        if len(plan.dialogue.onset) and _transfers(plan) >= spec.transfers:
            found.append((number, plan))
        if len(found) == count:
            return found
    source = "the conversations to replay give" if spec.replay else f"{_DRAWS * count} draws give"
    raise BabbleError(
        f"{spec.path}: {source} {len(found)} stretches of {spec.seconds:g} s with {spec.transfers} floor transfers or "
        f"more, but {count} items and catch trials are wanted; ask for more seconds, or for fewer transfers or items."
    )


def _draws(spec: StimulusSpec, most: int) -> Iterator[Plan]:
    preset = load_preset(spec.timing)
    for number in range(most):
        yield drawn(preset, spec.seconds, spec.seed, number)


def _stretches(spec: StimulusSpec) -> Iterator[Plan]:
    """Successive stretches of all conversations of two."""
    named = [path for path in spec.replay if path.is_file()]
    for conversation in read(spec.replay).conversations:
        if len(conversation.speakers) != 2:
            continue
        for first, last in conversation.windows.tolist():
            for start in np.arange(first, last - spec.seconds + 1e-6, spec.seconds).tolist():
                yield replayed(conversation, start, spec.seconds, sources=named)


def _transfers(plan: Plan) -> int:
    units = ipus(plan.dialogue, plan.definitions)
    return int(np.count_nonzero(floor_transfers(units, "ipu", plan.definitions).defined))


def _versions(spec: StimulusSpec, item: int) -> list[tuple[str, dict[str, str], Manipulations]]:
    """Name, levels and manipulations of each stimulus of an item."""
    if item >= spec.items:
        return [(_name(spec, Trial(item - spec.items, None)), {}, spec.catch)]
    return [
        (_name(spec, Trial(item, number)), condition.levels, condition.manipulations)
        for number, condition in enumerate(spec.conditions)
    ]


def _name(spec: StimulusSpec, trial: Trial) -> str:
    if trial.condition is None:
        return f"catch{trial.item + 1:03d}"
    return f"item{trial.item + 1:03d}-{spec.conditions[trial.condition].name}"


def _file(spec: StimulusSpec, trial: Trial) -> str:
    return f"{_name(spec, trial)}.wav"


def assigned(plan: Plan, assignment: Assignment) -> Plan:
    """The plan with who starts, and the speaker of the first channel, as the assignment wants."""
    dialogue = plan.dialogue
    speaker, names = dialogue.speaker, dialogue.speakers
    if assignment.start is not None and speaker[0] != assignment.start:
        speaker = 1 - speaker
    if assignment.channel:
        speaker, names = 1 - speaker, names[::-1]
    order = np.lexsort((speaker, dialogue.end, dialogue.onset))
    changed = dataclasses.replace(
        dialogue,
        speakers=names,
        speaker=speaker[order].astype(np.int32),
        onset=dialogue.onset[order],
        end=dialogue.end[order],
        mark=dialogue.mark[order],
    )
    return dataclasses.replace(plan, dialogue=changed, number=plan.number[order])


def _stimulus(
    folder: Path,
    name: str,
    plan: Plan,
    assignment: Assignment,
    asked: Manipulations,
    voices: Sequence[Speaker],
    seed: int,
    draw: int,
) -> dict[str, Any]:
    """Writes one stimulus; the rest of its entry in the manifest."""
    base = assigned(plan, assignment)
    final = manipulated(base, asked, seed, draw)
    dialogue = dataclasses.replace(final.dialogue, id=name, group=name)
    own = [voices[assignment.voice], voices[1 - assignment.voice]]  # of the first speaker, of the second
    channels = own[::-1] if assignment.channel else own
    rendering = render(dialogue, channels, seed, draw, final.number, lambda made: None)
    wave.write(folder / f"{name}.wav", rendering.audio.T, rendering.placement.rate)
    writing.write_all(folder / f"{name}.wav", rendering.dialogue, rendering.placement.number)
    return {
        "draw": draw,
        "starts": base.dialogue.speakers[base.dialogue.speaker[0]],
        "timing": final.record,
        **described(rendering),
    }


def _same_sounds(stimuli: Sequence[dict[str, Any]]) -> None:
    """Raises a RuntimeError where an IPU sounds differently in two conditions: the rendering broke its promise."""
    known: dict[str, str] = {}
    for stimulus in stimuli:
        for ipu in stimulus["ipus"]:
            if known.setdefault(ipu["label"], ipu["waveform_sha256"]) != ipu["waveform_sha256"]:
                raise RuntimeError(
                    f"{stimulus['file']}: the IPU {ipu['label']} differs from another condition's"
                )


def _stimulus_row(stimulus: dict[str, Any]) -> dict[str, Any]:
    voices = {f"voice_{c['channel']}": c["voice"] for c in stimulus["channels"]}
    speakers = {f"speaker_{c['channel']}": c["speaker"] for c in stimulus["channels"]}
    clipped = sum(len(step["clipped"]) for step in stimulus["timing"]["manipulations"])
    return {
        "file": stimulus["file"],
        "item": _item(stimulus["item"], stimulus["catch"]),
        "catch": int(stimulus["catch"]),
        **stimulus["levels"],
        "starts": stimulus["starts"],
        **speakers,
        **voices,
        "seconds": f"{stimulus['seconds']:.6f}",
        "ipus": len(stimulus["ipus"]),
        "transfers_clipped": clipped,
    }


def _list_rows(spec: StimulusSpec, lists: list[list[Trial]]) -> list[dict[str, Any]]:
    rows = []
    for number, trials in enumerate(lists, start=1):
        for place, trial in enumerate(trials, start=1):
            levels = {} if trial.condition is None else spec.conditions[trial.condition].levels
            rows.append(
                {
                    "list": number,
                    "trial": place,
                    "file": _file(spec, trial),
                    "item": _item(trial.item, trial.condition is None),
                    "catch": int(trial.condition is None),
                    **levels,
                }
            )
    return rows


def _item(number: int, catch: bool) -> int | str:
    return "" if catch else number + 1


def _table(rows: list[dict[str, Any]]) -> str:
    """CSV with every column that any row has; empty where a row lacks it."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
