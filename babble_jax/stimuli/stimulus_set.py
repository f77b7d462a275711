"""Makes a set of stimuli in one folder: every item in every condition, the same babble in all of them.

Axes: I items, K conditions, N IPUs of one stimulus.
"""

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from babble_jax import files
from babble_jax.arguments import check_arguments
from babble_jax.audio import wave
from babble_jax.conversation import writing
from babble_jax.dialogue.card_levels import level_voice
from babble_jax.dialogue.manifest import describe_provenance, describe_rendering
from babble_jax.dialogue.plan import Plan, manipulate_plan
from babble_jax.dialogue.render import render
from babble_jax.dialogue.utterance import LeveledVoice
from babble_jax.files import MANIFEST, atomic_folder
from babble_jax.pretrained.pair import make_babbler_pair
from babble_jax.progress import Progress
from babble_jax.stimuli.items import apply_assignment, plan_items
from babble_jax.stimuli.lists import Assignment, Trial, assign_factors, draw_lists
from babble_jax.stimuli.specification import StimulusSpec, read_spec
from babble_jax.stimuli.tables import format_lists, format_stimuli, stimulus_name
from babble_jax.timing.manipulation.manipulations import Manipulations
from babble_jax.voice.babbler import Babbler, CachedBabbler

KIND = "babble_jax stimuli"
STIMULI, LISTS, SPEC = "stimuli.csv", "lists.csv", "spec.toml"


@dataclasses.dataclass(frozen=True, eq=False)
class StimuliReport:
    """A set of stimuli on disk.

    Attributes:
      folder: of its files.
      manifest: the content of `manifest.json`.
    """

    folder: Path
    manifest: dict[str, Any]


@check_arguments
def make_stimuli(
    spec: StimulusSpec | str | os.PathLike,
    out: str | os.PathLike,
    *,
    babblers: Sequence[Babbler] | None = None,
    overwrite: bool = False,
) -> StimuliReport:
    """Renders all stimuli of an experiment and writes them into a folder, all of it or nothing.

    For each stimulus `NAME.wav`, `.TextGrid`, `.eaf`, `.rttm` and `.csv`, NAME being `item001-LEVEL-LEVEL` or
    `catch001`; `stimuli.csv`, a row for each of them; `lists.csv`, a row for each trial of each list;
    `spec.toml`, the spec; `manifest.json`, all of this with every IPU. An IPU has the same label, key and
    waveform in all conditions of its item.

    Args:
      spec: the TOML file (`babble_jax.stimuli.specification` begins with an example), or what `read_spec` gave.
      out: the folder, new or empty, or that of earlier stimuli if `overwrite` says so.
      babblers: two voices of one sample rate; None for those that the specification names.
      overwrite: replace earlier stimuli; other content is never replaced.

    Returns:
      The report: `folder`, and `manifest` with every stimulus, list and inter-pausal unit.

    Raises:
      BabbleError: the specification is wrong (file, line and key are named), an item cannot be planned, manipulated or
        spoken, or `out` may not be written.

    Examples:
      >>> report = make_stimuli("gaps.toml", "stimuli")
      >>> [stimulus["file"] for stimulus in report.manifest["stimuli"]]
      ['item001-natural.wav']
    """
    files.check_folder(out, KIND, overwrite)
    spec = spec if isinstance(spec, StimulusSpec) else read_spec(spec)
    if babblers is None:
        babblers = make_babbler_pair(spec.voices, spec.speakers, spec.temperature, spec.top_k)
    count = len(spec.conditions)
    assignments = assign_factors(spec.items, count, spec.counterbalance)
    # Catch trials are the same in every list; they measure attention only, so nothing is balanced.
    assignments += [Assignment(None, 0, 0)] * spec.catch.trials
    with atomic_folder(out, KIND, overwrite) as folder:
        plans = plan_items(spec)
        voices = [level_voice(babbler) for babbler in babblers]
        stimuli: list[dict[str, Any]] = []
        total = spec.items * count + spec.catch.trials
        with Progress("stimuli", total, "stimuli") as progress:
            for item, ((draw, plan), assignment) in enumerate(zip(plans, assignments, strict=True)):
                cached = [LeveledVoice(CachedBabbler(voice.babbler), voice.gain) for voice in voices]
                versions = []
                for name, levels, manipulations in _list_versions(spec, item):
                    rendering = _render_stimulus(
                        folder, name, plan, assignment, manipulations, cached, spec.seed, draw
                    )
                    catch = item >= spec.items
                    versions.append(
                        {"file": f"{name}.wav", "item": item, "catch": catch, "levels": levels} | rendering
                    )
                    progress.update()
                _check_sounds(versions)
                stimuli += versions
        lists = draw_lists(spec.items, count, spec.catch.trials, spec.seed)
        manifest = _describe(spec, lists) | {"stimuli": stimuli}
        files.write_text(folder / SPEC, spec.file.text)
        files.write_text(folder / STIMULI, format_stimuli(stimuli))
        files.write_text(folder / LISTS, format_lists(spec, lists))
        files.write_json(folder / MANIFEST, manifest | describe_provenance(folder))
    return StimuliReport(Path(out), manifest)


def _describe(spec: StimulusSpec, lists: Sequence[Sequence[Trial]]) -> dict[str, Any]:
    """Describes the design as JSON values."""
    return {
        "kind": KIND,
        "seed": spec.seed,
        "conditions": [
            {"levels": condition.levels, "manipulations": condition.manipulations.to_json()}
            for condition in spec.conditions
        ],
        "counterbalanced": {
            "over_items": list(spec.counterbalance),
            "completely": spec.items % (len(spec.conditions) * 2 ** len(spec.counterbalance)) == 0,
        },
        "lists": [
            {"list": number, "trials": [f"{stimulus_name(spec, trial)}.wav" for trial in trials]}
            for number, trials in enumerate(lists, start=1)
        ],
    }


def _list_versions(spec: StimulusSpec, item: int) -> list[tuple[str, dict[str, str], Manipulations]]:
    """Returns name, levels and manipulations of each stimulus of an item."""
    if item >= spec.items:
        name = stimulus_name(spec, Trial(item - spec.items, None))
        return [(name, {}, spec.catch.manipulations())]
    return [
        (stimulus_name(spec, Trial(item, number)), condition.levels, condition.manipulations)
        for number, condition in enumerate(spec.conditions)
    ]


def _render_stimulus(
    folder: Path,
    name: str,
    plan: Plan,
    assignment: Assignment,
    manipulations: Manipulations,
    voices: Sequence[LeveledVoice],
    seed: int,
    draw: int,
) -> dict[str, Any]:
    """Writes one stimulus and describes it for the manifest."""
    base = apply_assignment(plan, assignment)
    final = manipulate_plan(base, manipulations, seed, draw)
    dialogue = dataclasses.replace(final.dialogue, id=name, group=name)
    by_speaker = [voices[assignment.voice], voices[1 - assignment.voice]]
    by_channel = by_speaker[::-1] if assignment.channel else by_speaker
    rendering = render(dialogue, by_channel, seed, draw, final.number, lambda count: None)
    wave.write(folder / f"{name}.wav", rendering.audio.T, rendering.placement.rate)
    writing.write_all(folder / f"{name}.wav", rendering.dialogue, rendering.placement.number)
    return {
        "draw": draw,
        "starts": base.dialogue.speakers[base.dialogue.speaker[0]],
        "timing": final.record,
        **describe_rendering(rendering),
    }


def _check_sounds(stimuli: Sequence[dict[str, Any]]) -> None:
    """Raises a RuntimeError where an IPU sounds differently in two conditions: the rendering broke its promise."""
    hashes: dict[str, str] = {}
    for stimulus in stimuli:
        for ipu in stimulus["ipus"]:
            if hashes.setdefault(ipu["label"], ipu["waveform_sha256"]) != ipu["waveform_sha256"]:
                raise RuntimeError(
                    f"{stimulus['file']}: the IPU {ipu['label']} differs from another condition's"
                )
