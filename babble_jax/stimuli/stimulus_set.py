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
from babble_jax.conversation.reading import Reading, read
from babble_jax.dialogue.card_levels import level_voice
from babble_jax.dialogue.manifest import describe_provenance
from babble_jax.dialogue.utterance import LeveledVoice
from babble_jax.files import MANIFEST, atomic_folder
from babble_jax.pretrained.pair import make_babbler_pair, with_prosody
from babble_jax.progress import Progress
from babble_jax.stimuli.delivery import name_files
from babble_jax.stimuli.experiment_page import check_question, write_jspsych, write_page
from babble_jax.stimuli.items import plan_items
from babble_jax.stimuli.list_files import write_tables
from babble_jax.stimuli.lists import Assignment, Trial, assign_factors, draw_lists, list_constant
from babble_jax.stimuli.recordings import RecordingFolder, format_times
from babble_jax.stimuli.sounds import ItemSounds
from babble_jax.stimuli.spec.levels import Treatment
from babble_jax.stimuli.spec_reading import read_spec
from babble_jax.stimuli.specification import StimulusSpec
from babble_jax.stimuli.tables import stimulus_name
from babble_jax.stimuli.versions import write_version
from babble_jax.voice.babbler import Babbler, CachedBabbler
from babble_jax.voice.conditioning.prosody import Prosody

KIND = "babble_jax stimuli"
SPEC, RECORDINGS = "spec.toml", "recordings.csv"


@dataclasses.dataclass(frozen=True, eq=False)
class StimuliReport:
    """A set of stimuli on disk.

    Attributes:
      folder: of its files.
      manifest: the content of `manifest.json`.
      reading: how the annotation to replay was understood; None without a replay.
    """

    folder: Path
    manifest: dict[str, Any]
    reading: Reading | None = None


@check_arguments
def make_stimuli(
    spec: StimulusSpec | str | os.PathLike,
    out: str | os.PathLike,
    *,
    babblers: Sequence[Babbler] | None = None,
    overwrite: bool = False,
    page: bool = False,
    jspsych: bool = False,
) -> StimuliReport:
    """Renders all stimuli of an experiment and writes them into a folder, all of it or nothing.

    For each stimulus `NAME.wav` (or another type), `.TextGrid`, `.eaf`, `.rttm` and `.csv`, NAME being
    `item001-LEVEL-LEVEL` or `catch001`; `stimuli.csv`, a row for each of them; `list1.csv` ..., the trials of each
    list, and `lists.csv`, all of them; `transfers.csv`, a row for each floor transfer; `recordings.csv`, onset and end
    of each recording; `spec.toml`, the spec; `manifest.json`, all of this with every IPU. An IPU has the same label,
    key and waveform in all conditions of its item that are spoken alike. A page, `index.html` or `jspsych.html`, runs
    the experiment.

    Args:
      spec: the TOML file (`babble_jax.stimuli.specification` begins with an example), or what `read_spec` gave.
      out: the folder, new or empty, or that of earlier stimuli if `overwrite` says so.
      babblers: two voices of one sample rate; None for those that the specification names.
      overwrite: replace earlier stimuli; other content is never replaced.
      page: write the page that runs the experiment in a browser.
      jspsych: write the same for the library jsPsych.

    Returns:
      The report: `folder`, and `manifest` with every stimulus, list and inter-pausal unit.

    Raises:
      BabbleError: the specification is wrong (each mistake with line and key), an item cannot be planned, manipulated
        or spoken, a recording cannot be used, or `out` may not be written.

    Examples:
      >>> report = make_stimuli("gaps.toml", "stimuli")
      >>> [stimulus["file"] for stimulus in report.manifest["stimuli"]]
      ['item001-natural.wav']
    """
    files.check_folder(out, KIND, overwrite)
    spec = spec if isinstance(spec, StimulusSpec) else read_spec(spec)
    lists = list_trials(spec)
    if page or jspsych:
        check_question(spec.question, spec.file.path, min(map(len, lists)))
    recordings = RecordingFolder(spec) if spec.recordings is not None else None
    reading = read(spec.replay, layout=spec.layout) if spec.replay else None
    if babblers is None and _needs_voices(spec, recordings):
        babblers = make_babbler_pair(spec.voices, spec.speakers, spec.temperature, spec.top_k)
    rate = choose_rate(spec, recordings, babblers or ())
    count = len(spec.conditions)
    assignments = assign_factors(spec.items, count, spec.balanced)
    # Catch trials are the same in every list; they measure attention only, so nothing is balanced.
    assignments += [Assignment(None, 0, 0)] * spec.catch.trials
    with atomic_folder(out, KIND, overwrite) as folder:
        items = plan_items(spec, reading.conversations if reading else (), recordings, rate)
        voices = {
            prosody: [level_voice(with_prosody(babbler, prosody)) for babbler in babblers or ()]
            for prosody in _list_prosodies(spec)
        }
        stimuli: list[dict[str, Any]] = []
        total = spec.items * count + spec.catch.trials
        with Progress("stimuli", total, "stimuli") as progress:
            for number, (item, assignment) in enumerate(zip(items, assignments, strict=True)):
                seats = {prosody: _seat(own, assignment) for prosody, own in voices.items()}
                sounds = ItemSounds(item, seats, rate, spec.output.level, spec.seed)
                versions = []
                for name, levels, treatment in _list_versions(spec, number):
                    stimulus = write_version(folder, name, spec, item, assignment, treatment, sounds)
                    catch = number >= spec.items
                    versions.append({"item": number, "catch": catch, "levels": levels} | stimulus)
                    progress.update()
                _check_sounds(versions)
                stimuli += versions
        manifest = _describe(spec, lists, assignments[: spec.items], rate) | {"stimuli": stimuli}
        if recordings is not None:
            speech = [recordings.read(name, rate) for name in recordings.names]
            manifest["recordings"] = [
                {"file": one.name, "onset": one.onset, "end": one.end, "detected": one.detected}
                | {"warnings": list(one.warnings)}
                for one in speech
            ]
            files.write_text(folder / RECORDINGS, format_times(speech))
        files.write_text(folder / SPEC, spec.file.text)
        tables = write_tables(folder, spec, lists, stimuli)
        if page and spec.question:
            write_page(folder, tables, spec.question, spec.seed)
        if jspsych and spec.question:
            write_jspsych(folder, tables, spec.question, spec.seed)
        files.write_json(folder / MANIFEST, manifest | describe_provenance(folder))
    return StimuliReport(Path(out), manifest, reading)


def choose_rate(spec: StimulusSpec, recordings: RecordingFolder | None, babblers: Sequence[Babbler]) -> int:
    """Returns the sample rate of the stimuli, Hz: as stated, or else that of the recordings or of the voices.

    Args:
      spec: of the stimuli.
      recordings: their folder, where there is one.
      babblers: the voices, where any turn is babble.
    """
    if spec.output.sample_rate is not None:
        return spec.output.sample_rate
    return recordings.rate if recordings is not None else babblers[0].sample_rate


def list_trials(spec: StimulusSpec) -> list[list[Trial]]:
    """Draws the lists; of an adaptive procedure there is one for each item, its offsets rising."""
    if spec.adaptive is not None:
        return [
            [Trial(item, condition) for condition in range(len(spec.conditions))]
            for item in range(spec.items)
        ]
    return draw_lists(spec.items, len(spec.conditions), spec.catch.trials, spec.seed)


def _list_prosodies(spec: StimulusSpec) -> list[Prosody]:
    """Lists the prosodies of all conditions and of the catch trials, each once."""
    treatments = [condition.treatment for condition in spec.conditions]
    treatments += [Treatment.combine(spec.catch.settings())] if spec.catch.trials else []
    return list(dict.fromkeys(one.delivery for one in treatments))


def _needs_voices(spec: StimulusSpec, recordings: RecordingFolder | None) -> bool:
    """Returns whether anything in the stimuli is babble."""
    if recordings is None or any(names is None for turns in recordings.items for names in turns):
        return True
    treatments = [condition.treatment for condition in spec.conditions]
    treatments.append(Treatment.combine(spec.catch.settings()))
    return bool(spec.backchannels) or any(
        one.backchannels or one.manipulations.backchannels for one in treatments
    )


def _seat(voices: Sequence[LeveledVoice], assignment: Assignment) -> list[LeveledVoice]:
    """Returns the voice of each channel of an item, with a cache that lasts for its versions."""
    cached = [LeveledVoice(CachedBabbler(voice.babbler), voice.gain) for voice in voices]
    by_speaker = cached[::-1] if assignment.voice else cached
    return by_speaker[::-1] if assignment.channel else by_speaker


def _describe(
    spec: StimulusSpec, lists: Sequence[Sequence[Trial]], assignments: Sequence[Assignment], rate: int
) -> dict[str, Any]:
    """Describes the design as JSON values."""
    output = dataclasses.asdict(spec.output) | {"sample_rate": rate}
    return {
        "kind": KIND,
        "seed": spec.seed,
        "design": spec.design,
        "output": output,
        "conditions": [
            {"levels": condition.levels, "manipulations": condition.treatment.to_json()}
            for condition in spec.conditions
        ],
        "counterbalanced": {
            "over_items": list(spec.balanced),
            "constant": list_constant(assignments, spec.balanced),
            "completely": spec.items % (len(spec.conditions) * 2 ** len(spec.balanced)) == 0,
        },
        "lists": [
            {
                "list": number,
                "trials": [name_files(stimulus_name(spec, trial), spec.output)[0] for trial in trials],
            }
            for number, trials in enumerate(lists, start=1)
        ],
    }


def _list_versions(spec: StimulusSpec, item: int) -> list[tuple[str, dict[str, str], Treatment]]:
    """Returns name, levels and treatment of each stimulus of an item."""
    if item >= spec.items:
        name = stimulus_name(spec, Trial(item - spec.items, None))
        return [(name, {}, Treatment.combine(_degradation(spec) | spec.catch.settings()))]
    return [
        (stimulus_name(spec, Trial(item, number)), condition.levels, condition.treatment)
        for number, condition in enumerate(spec.conditions)
    ]


def _degradation(spec: StimulusSpec) -> dict[str, Any]:
    return {} if spec.degrade is None else {"degrade": spec.degrade}


def _check_sounds(stimuli: Sequence[dict[str, Any]]) -> None:
    """Raises a RuntimeError where an IPU sounds differently in two conditions: the rendering broke its promise."""
    hashes: dict[str, str] = {}
    for stimulus in stimuli:
        for ipu in stimulus["ipus"]:
            name = f"{ipu['label']} {stimulus['degrade']} {stimulus.get('prosody')}"
            if hashes.setdefault(name, ipu["waveform_sha256"]) != ipu["waveform_sha256"]:
                raise RuntimeError(
                    f"{stimulus['file']}: the IPU {ipu['label']} differs from another condition's"
                )
