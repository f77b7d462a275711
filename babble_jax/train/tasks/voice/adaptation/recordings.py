"""Recordings of a new speaker as a data set for a voice: at its sample rate and its level, all of one speaker.

Axes: T samples, F frames of 10 ms, K intervals of activity.
"""

import dataclasses
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax import files
from babble_jax.audio import wave
from babble_jax.audio.activity import LABEL_SUFFIX, detect_by_energy
from babble_jax.audio.level import active_power, frame_power
from babble_jax.dataset.preparation import list_sound_files
from babble_jax.dataset.recordings import build_from_folders
from babble_jax.dataset.source import open_dataset
from babble_jax.dataset.splits import SPLITS
from babble_jax.dataset.tfds_folder import PEAK
from babble_jax.errors import BabbleError
from babble_jax.input_files import read_json
from babble_jax.plural import plural
from babble_jax.progress import Progress
from babble_jax.train.record import DATASET_FOLDER, SOURCE_FILE
from babble_jax.train.tasks.voice.presets import BABBLERS_PRESET
from babble_jax.voice.conditioning.unit_models import UnitModels
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.voice import Voice

LEAST_SPEECH = 20.0
"""Seconds of speech with less of which no voice is adapted."""
_PIECE = 10.0  # seconds, longest piece: held-out ones are evaluated side by side, so that the longest takes the time
_LOUDEST = 0.9999  # quantile of the magnitudes of a recording that counts as its loudest: a click does not
_LONGEST_NAME = 60  # characters


@dataclasses.dataclass(frozen=True)
class SpeakerRecordings:
    """A data set of one speaker.

    Attributes:
      dataset: its folder.
      speaker: name.
      seconds: of speech in the recordings, by their energy.
      gain_db: by which the recordings were made louder, to the level of the voice.
      files: how many sound files they are, those that were left out included.
      pieces: of the data set, by split: train, validation and test.
      bad: (path, reason) of each file that was left out.
      notes: sentences about anything out of the ordinary.
    """

    dataset: Path
    speaker: str
    seconds: float
    gain_db: float
    files: int
    pieces: dict[str, int]
    bad: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Says how much speech there is, and how many pieces each split has."""
        train, validation, test = (self.pieces[split] for split in SPLITS)
        return (
            f"{self.seconds / 60:.1f} min of speech in {plural(self.files, 'file')}; {plural(train, 'piece')} to train "
            f"on, {validation} held out to decide by, {test} that nothing looks at"
        )


def name_speaker(recordings: Sequence[str | os.PathLike], speaker: str | None) -> str:
    """Returns the name of the speaker: the one that is given, or that of the first folder of the recordings.

    Raises:
      BabbleError: it can be no name of a folder.
    """
    if speaker is None:
        first = Path(recordings[0]).resolve()
        speaker = first.name if first.is_dir() else first.parent.name
    if not speaker.isprintable() or not 0 < len(speaker) <= _LONGEST_NAME or {*speaker} & {*"/\\"}:
        raise BabbleError(
            f"{speaker[:_LONGEST_NAME]!r} is no name of a speaker; give one of 1 to {_LONGEST_NAME} characters without "
            "slashes."
        )
    if speaker.startswith("."):
        raise BabbleError(
            f"{speaker!r} is no name of a speaker; give one that does not begin with a full stop."
        )
    return speaker


def voice_level_db(unit_models: UnitModels) -> float:
    """Measures the level, dB of full scale, of the recordings that a voice was trained on, from its unit models."""
    power = [np.repeat(10 ** (lm.rms_db / 10), lm.durations) for lm in unit_models.unit_lms]
    return float(10 * np.log10(active_power(np.concatenate(power))))


def prepare_recordings(
    recordings: Sequence[str | os.PathLike], voice: Voice, speaker: str, workdir: Path
) -> SpeakerRecordings:
    """Makes the data set of a new speaker in a work folder, or finds the one that an earlier start has made there.

    All recordings are brought by one factor to the level of those that the voice was trained on, so that its gain and
    its channel of level keep their meaning; those of a voice without units to its peak.

    Args:
      recordings: folders and files, one at least.
      voice: that is adapted.
      speaker: name of the new one.
      workdir: the work folder.

    Raises:
      BabbleError: there is no sound, too little speech in it, or the folder has a data set of other recordings.
    """
    paths = _list_files(recordings)
    config, out, record = voice.config, workdir / DATASET_FOLDER, workdir / SOURCE_FILE
    with files.wrap_oserror(paths[0]):
        source: dict[str, Any] = {
            "recordings": [[str(path), path.stat().st_size] for path in paths],
            "speaker": speaker,
            "sample_rate": config.sample_rate,
            "level_db": None if voice.unit_models is None else voice_level_db(voice.unit_models),
            "voice_gain": config.gain,
        }
    if out.is_dir() and record.is_file():
        earlier = read_json(record)
        if isinstance(earlier, dict) and source.items() <= earlier.items():
            measures = float(earlier["seconds"]), float(earlier["gain_db"])
            return SpeakerRecordings(out, speaker, *measures, len(paths), _count_pieces(out))
        raise BabbleError(
            f"{out}: was made of other recordings, for another speaker or another voice; give the same again to go on, "
            "or name a new folder with --workdir."
        )
    measured, bad = _measure(paths, config.sample_rate)
    seconds = sum(one.seconds for one in measured)
    if seconds < LEAST_SPEECH:
        reason = (
            f"; {plural(len(bad), 'file')} cannot be used, the first is {': '.join(bad[0])}" if bad else "."
        )
        raise BabbleError(
            f"{recordings[0]}: there are {seconds:.1f} s of speech; give {LEAST_SPEECH:.0f} s or more{reason}"
        )
    factor = _find_factor(measured, config, source["level_db"])
    gain_db = float(20 * np.log10(factor))
    with files.scratch_folder() as scratch:
        folder = scratch / speaker
        with Progress("bringing to the voice's level", len(measured), "files") as progress:
            for number, one in enumerate(measured):
                staged = folder / f"{number:05d}-{one.path.stem}.wav"
                audio = wave.read_sound(one.path, config.sample_rate).audio
                wave.write(staged, factor * audio, config.sample_rate)
                if (labels := one.path.with_suffix(LABEL_SUFFIX)).is_file():
                    shutil.copyfile(labels, staged.with_suffix(LABEL_SUFFIX))
                progress.update()
        pad = BABBLERS_PRESET.pad if config.local else 0.0
        files.write_json(record, source | {"seconds": seconds, "gain_db": gain_db})
        report = build_from_folders(folder, out, config.sample_rate, pad=pad, piece=_PIECE)
    if report.counts.get("validation", 0) == 0:
        raise BabbleError(
            f"{recordings[0]}: nothing of it can be held out; give three recordings or more, or one of 10 s or more."
        )
    bad = (*bad, *report.bad)
    return SpeakerRecordings(
        out, speaker, seconds, gain_db, len(paths), _count_pieces(out), bad, report.notes
    )


def _count_pieces(dataset: Path) -> dict[str, int]:
    """Counts the pieces of each split of a data set."""
    return {split: len(open_dataset(dataset, split)) for split in SPLITS}


def _list_files(recordings: Sequence[str | os.PathLike]) -> list[Path]:
    """Lists the sound files of folders and files, each once."""
    paths: dict[Path, None] = {}
    for one in recordings:
        path = Path(one)
        if not str(one) or not path.exists():
            raise BabbleError(f"{one}: there is no such folder or file; name recordings of the new speaker.")
        names = list_sound_files(path)
        if not names:
            raise BabbleError(f"{one}: holds no sound file; name recordings of the new speaker.")
        above = path.parent if path.is_file() else path
        paths |= {(above / name).resolve(): None for name in names}
    return list(paths)


@dataclasses.dataclass(frozen=True, eq=False)
class _Measured:
    """What is measured of a recording: seconds of speech, mean squares of its frames [F], its largest magnitude."""

    path: Path
    seconds: float
    power: np.ndarray
    peak: float


def _measure(paths: Sequence[Path], rate: int) -> tuple[list[_Measured], list[tuple[str, str]]]:
    """Measures recordings: those that can be used, and (path, reason) of the others."""
    measured, bad = [], []
    with Progress("measuring the recordings", len(paths), "files") as progress:
        for path in paths:
            progress.update()
            try:
                audio = wave.read_sound(path, rate).audio
            except BabbleError as error:
                bad.append((str(path), str(error).removeprefix(f"{path}: ")))
                continue
            power = frame_power(audio, rate)
            if not power.any():
                bad.append((str(path), "holds nothing but silence; leave the file out."))
                continue
            seconds = float(np.diff(detect_by_energy(audio, rate), axis=1).sum())
            measured.append(_Measured(path, seconds, power, float(np.quantile(np.abs(audio), _LOUDEST))))
    return measured, bad


def _find_factor(measured: Sequence[_Measured], config: VoiceConfig, level_db: float | None) -> float:
    """Finds the factor that brings recordings to the level of a voice, or to its peak where that comes first.

    Args:
      measured: recordings.
      config: of the voice.
      level_db: of the recordings that it was trained on; None where it is not known.
    """
    loudest = PEAK / config.gain / max(1e-6, *(one.peak for one in measured))
    if level_db is None:
        return loudest
    power = active_power(np.concatenate([one.power for one in measured]))
    return min(float(10 ** (level_db / 20) / np.sqrt(power)), loudest)
