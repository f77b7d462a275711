"""The speech that a voice was trained on, as a reference of `babble judge`: held-out recordings of its data set.

A reference lies in the folder of its voice, as `reference.json` or, for a voice of several speakers,
`reference-SPEAKER.json`. That of a training run is measured when it is wanted for the first time.
"""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from babble_jax import files
from babble_jax.cli.messages import print_line
from babble_jax.cli.origin import read_origin
from babble_jax.config import from_json
from babble_jax.errors import BabbleError
from babble_jax.input_files import read_json
from babble_jax.judge.reference import (
    PIECE_SECONDS,
    Reference,
    load_reference,
    measure_reference,
    read_reference,
    save_reference,
)
from babble_jax.presets import registry
from babble_jax.presets.registry import DEFAULT_VOICE
from babble_jax.train.record import DATASET_FOLDER

FALLBACK = "festvox-ru"
"""Reference of files whose voice is not known."""
SHIPPED: dict[str, dict[str | None, str]] = {
    DEFAULT_VOICE: {"man": "festvox-ru", "woman": "asterisk-core-sounds-ru-g722"},
    "russian": {None: "festvox-ru"},
    "languages": {
        "english": "kathleen",
        "german": "kerstin",
        "dutch": "nathalie",
        "italian": "asterisk-core-sounds-it-g722",
    },
}
"""References that ship, by voice and speaker; None for a voice without speakers. Other sounds than speech have none."""
_MOST_PIECES = 30  # 10 s each; they take 0.6 s each


def choose_reference(paths: Sequence[Path]) -> tuple[Reference, bool]:
    """Finds the reference of the voice that made files, and says which it is.

    Args:
      paths: sound files.

    Returns:
      (reference, own): whether it is of that voice's own speech; else it is `FALLBACK`, for files of an unknown voice,
      of several ones, or of one whose recordings are not at hand. Voices of other sounds than speech are named then.
    """
    origins = [*dict.fromkeys(_read_speaker(path) for path in paths)]
    origin, *others = origins
    reason = "the files do not say which voice made them"
    if others:
        reason = "the files are of several voices"
    elif origin is not None:
        name = _name_speaker(*origin)
        reason = f"there is no speech of {name} to compare with"
        try:
            reference = find_reference(*origin)
        except BabbleError as error:
            reference, reason = None, f"{reason} ({str(error).rstrip('.')})"
        if reference is not None:
            print_line(
                f"compared with the speech of {name} itself: {reference.name}; --reference names other speech",
                sys.stderr,
            )
            return reference, True
    print_line(
        f"compared with {FALLBACK}, a guess, since {reason}; --reference names other speech", sys.stderr
    )
    for one in filter(None, origins):
        if (kind := find_kind(*one)) not in (None, "speech"):
            print_line(
                f"{_name_speaker(*one)} is of the kind {kind}, but only speech can be judged: the verdict says how "
                "far it is from speech, not how good it is",
                sys.stderr,
            )
    return load_reference(FALLBACK), False


def _read_speaker(path: Path) -> tuple[str, str | None] | None:
    """Reads the voice and the speaker that made a sound file; None for a file that does not say."""
    origin = read_origin(path)
    return None if origin is None else (origin.voice, origin.speaker)


def _name_speaker(voice: str, speaker: str | None) -> str:
    """Names a speaker of a voice, or a voice without speakers."""
    return voice if speaker is None else f"{speaker} of {voice}"


def find_kind(voice: str, speaker: str | None) -> str | None:
    """Finds which kind of sound a speaker of a voice has, by its card; None where it does not say, or is not at hand.

    Args:
      voice: name or folder of a voice, or folder of a training run.
      speaker: name of one of its speakers; None for a voice without.
    """
    from babble_jax.pretrained.catalogue import describe_voice

    shipped = voice in registry.names("voices")
    try:
        described = (
            describe_voice(registry.path("voices", voice), voice) if shipped else describe_voice(voice)
        )
    except BabbleError:
        return None
    return next((one["kind"] for one in described["speakers"] if one["name"] == speaker), None)


def is_other_sound(path: Path) -> bool:
    """Returns whether a sound file is known not to be speech, by the card of the voice that made it.

    Args:
      path: of the file.
    """
    speaker = _read_speaker(path)
    return speaker is not None and find_kind(*speaker) not in (None, "speech")


def find_short_trainings(paths: Sequence[Path]) -> list[str]:
    """Says which voices of sound files were trained for fewer updates than their preset's, and how to train on.

    A run whose record cannot be read is named instead: the judgement stands without it.

    Args:
      paths: sound files.
    """
    from babble_jax.train.record import RunRecord, latest_step
    from babble_jax.train.tasks.voice.config import VoiceTrainConfig
    from babble_jax.train.tasks.voice.presets import TRAIN_PRESETS, find_preset

    lines = []
    for voice in sorted({origin.voice for path in paths if (origin := read_origin(path)) is not None}):
        run = Path(voice).parent if Path(voice).name == "voice" else Path(voice)
        step = latest_step(run)
        if step is None or not (run / "config.json").is_file():
            continue
        try:
            config = RunRecord.read(run / "config.json", VoiceTrainConfig).config
            name = find_preset(from_json(VoiceTrainConfig, config, f"{run}/config.json"))
        except BabbleError as error:
            lines.append(f"note: whether {voice} was trained to the end of a preset is not known: {error}")
            continue
        if name is not None and step < (steps := TRAIN_PRESETS[name].steps):
            lines.append(
                f"next: {voice} was trained for {step:,} of the {steps:,} updates of its preset {name}; train on: "
                f"babble train --workdir {shlex.quote(str(run))} --steps {steps}"
            )
    return lines


def find_reference(voice: str, speaker: str | None) -> Reference | None:
    """Finds or measures the speech that a voice was trained on; None where neither it nor its data set is at hand.

    Args:
      voice: name or folder of a voice, or folder of a training run.
      speaker: name of one of its speakers; None for a voice without.

    Raises:
      BabbleError: its data set cannot be read, or holds too little.
    """
    if voice in registry.names("voices"):
        shipped = SHIPPED.get(voice, {}).get(speaker)
        return None if shipped is None else load_reference(shipped)
    folder = Path(voice)
    own = folder / "voice" if (folder / "voice" / "voice.json").is_file() else folder
    path = own / reference_file(speaker)
    if path.is_file():
        return read_reference(path)
    record = own.parent / "config.json"
    if own.name != "voice" or not record.is_file():
        return None
    values = read_json(record)
    dataset = str(values.get("dataset", "")) if isinstance(values, dict) else ""
    if not (Path(dataset) / files.MANIFEST).is_file():
        return None
    name = own.parent.name if Path(dataset).name == DATASET_FOLDER else Path(dataset).name
    reference = measure_held_out(Path(dataset), speaker, f"held-out recordings of {speaker or name}")
    save_reference(reference, path)
    return reference


def reference_file(speaker: str | None) -> str:
    """Names the file of a reference in the folder of a voice."""
    return "reference.json" if speaker is None else f"reference-{speaker}.json"


def measure_held_out(
    dataset: Path, speaker: str | None, name: str, splits: Sequence[str] = ("validation", "test")
) -> Reference:
    """Measures the reference that recordings of a data set give, those held out unless `splits` says otherwise.

    Args:
      dataset: its folder.
      speaker: name of a speaker, whose recordings alone are taken; None for all.
      name: of the reference.
      splits: whose recordings are taken, those that there are.

    Raises:
      BabbleError: the data set cannot be read, or holds too little.
    """
    from babble_jax.audio import pcm
    from babble_jax.dataset.source import open_dataset
    from babble_jax.progress import Progress

    parts, rate, seconds = [], 1, 0.0
    for split in splits:
        recordings = open_dataset(dataset, split)
        rate = recordings.sample_rate
        for i in range(len(recordings)):
            if speaker is not None and recordings.speaker_names[recordings.speakers[i]] != speaker:
                continue
            if seconds < _MOST_PIECES * PIECE_SECONDS:
                parts.append(pcm.from_int16(recordings.read(i)))
                seconds += len(parts[-1]) / rate
    audio = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    pieces = min(_MOST_PIECES, int(seconds / PIECE_SECONDS))
    audio = audio[: round(pieces * PIECE_SECONDS * rate)]
    with Progress("measuring the voice's own speech, once", pieces + min(pieces, 10), "pieces") as progress:
        return measure_reference(audio, rate, name, str(dataset.name), progress.update)
