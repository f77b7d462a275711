"""The codebook of acoustic units and the unit language models of a voice: fitted once, stored beside its weights.

Axes: R recordings, K intervals, F frames of 10 ms, S speakers, N runs of a unit.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import safetensors
import safetensors.numpy

from babble_jax import files, input_files
from babble_jax.audio.level import LOWEST_RMS_DB
from babble_jax.audio.pitch import frame_count
from babble_jax.audio.units import (
    Codebook,
    EncodedRecording,
    RawFeatures,
    UnitSequence,
    fit_codebook,
    frame_spans,
)
from babble_jax.errors import BabbleError
from babble_jax.plural import plural
from babble_jax.progress import Progress
from babble_jax.voice.conditioning.unit_lm import UnitLM
from babble_jax.voice.conditioning.unit_runs import (
    LEVEL_BITS,
    LEVEL_STEP,
    PITCH_STEP,
    Runs,
    level_steps,
    phrase_runs,
)

_UNVOICED = -128  # steps of pitch
_LONGEST_PAUSE = 1e5  # seconds


@dataclasses.dataclass(frozen=True, eq=False)
class UnitModels:
    """The models of acoustic units that a voice is conditioned with.

    Attributes:
      codebook: centroids of the units, and the normalization of each speaker.
      unit_lms: language model of each speaker's units.
    """

    codebook: Codebook
    unit_lms: tuple[UnitLM, ...]

    @property
    def count(self) -> int:
        """Number of units."""
        return len(self.codebook.centroids)


def fit_unit_models(
    count: int,
    lengths: np.ndarray,
    speakers: np.ndarray,
    active: Sequence[np.ndarray],
    features: RawFeatures,
    rate: int,
) -> UnitModels:
    """Fits a codebook on all recordings, and a unit language model on those of each speaker.

    Args:
      count: number of units, from 2 to 256.
      lengths: [R] samples.
      speakers: [R] indices from 0; every index up to the largest has a recording.
      active: intervals of speech in each recording, [K, 2] seconds.
      features: raw features of the recordings.
      rate: Hz.
    """
    frames = [frame_count(int(length), rate) for length in lengths]
    codebook = fit_codebook(count, active, speakers, frames, features)
    unit_lms = []
    with Progress("learning units", len(lengths), "recordings") as progress:

        def encode(i: int, speaker: int) -> EncodedRecording:
            progress.update()
            return codebook.encode_features(features, i, frames[i], speaker)

        for speaker in range(len(codebook.mean)):
            own = [i for i in range(len(lengths)) if speakers[i] == speaker]
            unit_lms.append(
                fit_unit_lm(
                    (encode(i, speaker) for i in own),
                    [active[i] for i in own],
                    [lengths[i] / rate for i in own],
                )
            )
    return UnitModels(codebook, tuple(unit_lms))


def fit_unit_lm(
    recordings: Iterable[UnitSequence | EncodedRecording],
    active: Sequence[np.ndarray],
    seconds: Sequence[float],
) -> UnitLM:
    """Fits the unit language model of one speaker on recordings, which are taken to follow each other.

    Args:
      recordings: units, pitch and level of each recording.
      active: intervals of speech in each recording, [K, 2] seconds.
      seconds: length of each recording.

    Raises:
      BabbleError: no recording has speech.
    """
    parts: list[Runs] = []
    ends_phrase, ends_recording, pauses = [], [], []
    silence_counts = np.zeros(256, np.int64)  # of each unit
    trailing = None  # seconds of silence at the end of the recording before
    for recording, intervals, length in zip(recordings, active, seconds, strict=True):
        silent, last_end = np.ones(len(recording.units), bool), 0.0
        for (onset, end), (first, stop) in zip(intervals, frame_spans(intervals, len(silent)), strict=True):
            silent[first:stop] = False
            if stop <= first:
                continue
            for runs in phrase_runs(recording, first, stop):
                parts.append(runs)
                ends_phrase.append(np.zeros(len(runs.units), bool))
            ends_phrase[-1][-1] = True
            if trailing is not None:
                pauses.append(trailing + onset - last_end)
            ends_recording.append(False)
            trailing, last_end = 0.0, end
        if ends_recording:
            ends_recording[-1] = True
        if trailing is not None:
            trailing += length - last_end
        silence_counts += np.bincount(recording.units[silent], minlength=len(silence_counts))
    if not parts:
        raise BabbleError(
            "There is no speech to learn units from; look at where the data set says it speaks."
        )
    units, durations, pitch, rms_db = (np.concatenate(values) for values in zip(*parts, strict=True))
    return UnitLM(
        units,
        durations,
        np.concatenate(ends_phrase),
        pitch,
        rms_db,
        np.array(ends_recording),
        np.array(pauses, np.float32).astype(np.float64),  # as a file holds them
        int(silence_counts.argmax()) if silence_counts.any() else int(units[0]),
    )


def _pack_bits(values: np.ndarray, bits: int) -> np.ndarray:
    """Packs the lowest `bits` bits of each integer [N] one after another: uint8."""
    return np.packbits(np.unpackbits(values.astype(np.uint8)[:, None], axis=1)[:, -bits:])


def _unpack_bits(packed: np.ndarray, bits: int, count: int) -> np.ndarray:
    """Unpacks `count` integers that `_pack_bits` has packed: [N] int64.

    Args:
      packed: uint8.
      bits: bits of an integer.
      count: N.
    """
    rows = np.unpackbits(packed, count=count * bits).reshape(count, bits)
    return np.packbits(np.pad(rows, ((0, 0), (8 - bits, 0))), axis=1)[:, 0].astype(np.int64)


def _unit_bits(count: int) -> int:
    """Returns the bits that one of `count` units takes."""
    return (count - 1).bit_length()


def save_unit_models(models: UnitModels, path: Path) -> None:
    """Writes unit models to a file atomically: about 100 kB for an hour of speech."""
    arrays = {f"codebook/{name}": x for name, x in vars(models.codebook).items()}
    for s, lm in enumerate(models.unit_lms):
        pitch = np.where(np.isfinite(lm.pitch), lm.pitch / PITCH_STEP, _UNVOICED).astype(np.int8)
        arrays |= {
            f"unit_lm_{s}/units": _pack_bits(lm.units, _unit_bits(models.count)),
            f"unit_lm_{s}/durations": lm.durations.astype(np.uint8),
            f"unit_lm_{s}/ends_phrase": np.packbits(lm.ends_phrase),
            f"unit_lm_{s}/pitch": pitch,
            f"unit_lm_{s}/rms_db": _pack_bits(level_steps(lm.rms_db), LEVEL_BITS),
            f"unit_lm_{s}/ends_recording": np.packbits(lm.ends_recording),
            f"unit_lm_{s}/pauses": lm.pauses.astype(np.float32),
            f"unit_lm_{s}/silence_unit": np.array([lm.silence_unit], np.uint8),
        }
    with files.atomic_write(path) as temporary:
        temporary.write_bytes(safetensors.numpy.save(arrays))


def load_unit_models(path: Path, count: int, speakers: int) -> UnitModels:
    """Reads unit models.

    Args:
      path: the file.
      count: number of units of the voice.
      speakers: number of speakers of the voice; 0 for a voice without speakers.

    Raises:
      BabbleError: the file cannot be read, or belongs to a voice of another number of units or speakers.
    """
    try:
        arrays = safetensors.numpy.load(input_files.read_bytes(path))
        codebook = Codebook(*(arrays[f"codebook/{field.name}"] for field in dataclasses.fields(Codebook)))
        unit_lms = []
        for s in range(len(codebook.mean)):
            units, durations, ends_phrase, pitch, rms_db, ends_recording, pauses, silence_unit = (
                arrays[f"unit_lm_{s}/{field.name}"] for field in dataclasses.fields(UnitLM)
            )
            runs = len(durations)
            packed = (units, _unit_bits(len(codebook.centroids))), (rms_db, LEVEL_BITS), (ends_phrase, 1)
            for x, bits in (*packed, (durations, 8), (pitch, 8)):
                if x.dtype != (np.int8 if x is pitch else np.uint8) or x.shape != (-(-runs * bits // 8),):
                    raise ValueError(f"the runs of speaker {s} have arrays of different lengths or types")
            if ends_recording.shape != (-(-(len(pauses) + 1) // 8),) or silence_unit.shape != (1,):
                raise ValueError(f"the phrases of speaker {s} have arrays of different lengths")
            unit_lms.append(
                UnitLM(
                    _unpack_bits(units, _unit_bits(len(codebook.centroids)), runs),
                    durations.astype(np.int64),
                    np.unpackbits(ends_phrase, count=runs).astype(bool),
                    np.where(pitch == _UNVOICED, np.nan, pitch * PITCH_STEP),
                    _unpack_bits(rms_db, LEVEL_BITS, runs) * LEVEL_STEP + LOWEST_RMS_DB,
                    np.unpackbits(ends_recording, count=len(pauses) + 1).astype(bool),
                    pauses.astype(np.float64),
                    int(silence_unit[0]),
                )
            )
        _check_codebook(codebook)
        for lm in unit_lms:
            _check_unit_lm(lm, len(codebook.centroids))
    except (
        KeyError,
        IndexError,
        ValueError,
        TypeError,
        AttributeError,
        safetensors.SafetensorError,
    ) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else str(error).split("\n")[0]
        raise BabbleError(f"{path}: the voice's units cannot be read ({reason}); train it again.") from error
    models = UnitModels(codebook, tuple(unit_lms))
    if (models.count, len(unit_lms)) != (count, max(1, speakers)):
        raise BabbleError(
            f"{path}: holds {models.count} units of {plural(len(unit_lms), 'speaker')} where the voice takes {count} "
            f"of {max(1, speakers)}; put back the file that belongs to it, or train it again."
        )
    return models


def _check_codebook(codebook: Codebook) -> None:
    """Raises `ValueError` where a codebook holds what none of a voice has."""
    centroids, mean, deviation, median_f0 = vars(codebook).values()
    if (
        centroids.ndim != 2
        or mean.ndim != 2
        or not mean.shape == deviation.shape == (len(median_f0), centroids.shape[1])
    ):
        raise ValueError("the arrays of the codebook do not fit together")
    for name, x in vars(codebook).items():
        if x.dtype.kind != "f" or not np.isfinite(x).all():
            raise ValueError(f"{name} of the codebook holds what is no finite number")
    if deviation.min(initial=1) < 0 or not (median_f0 >= 0).all():
        raise ValueError("the codebook has deviations or pitches below 0")


def _check_unit_lm(lm: UnitLM, count: int) -> None:
    """Raises `ValueError` where a language model of `count` units could not be drawn from."""
    if not len(lm.units) or lm.units.max() >= count or not 0 <= lm.silence_unit < count:
        raise ValueError(f"it has no runs, or units beyond the {count} of the codebook")
    if lm.durations.min() < 1:
        raise ValueError("a run lasts no frame")
    if not lm.ends_phrase[-1] or not lm.ends_recording[-1] or lm.ends_phrase.sum() != len(lm.ends_recording):
        raise ValueError("the ends of phrases and recordings do not fit together")
    if not (np.isfinite(lm.pauses).all() and (np.abs(lm.pauses) <= _LONGEST_PAUSE).all()):
        raise ValueError("a pause is no number of seconds, or lasts hours")
