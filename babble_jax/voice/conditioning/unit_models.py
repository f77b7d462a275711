"""The codebook of acoustic units and the unit language models of a voice: fitted once, stored beside its weights.

Axes: R recordings, K intervals, F frames of 10 ms, S speakers, N runs of a unit.
"""

import dataclasses
import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import safetensors
import safetensors.numpy

from babble_jax import files
from babble_jax.audio.level import LOWEST_RMS_DB
from babble_jax.audio.units import HOP, Codebook, UnitFrame, UnitSequence, fit_codebook, frame_spans
from babble_jax.errors import BabbleError
from babble_jax.progress import Progress
from babble_jax.voice.conditioning.unit_lm import UnitLM

_MAX_RUN = 255  # frames
_PITCH_STEP, _MAX_PITCH_STEPS, _UNVOICED = (
    1 / 64,
    127,
    -128,
)  # octaves; the pitch of a run is stored in 8 bits
_LEVEL_STEP, _LEVEL_BITS = 2.0, 5  # dB; the level of a run is stored in 5 bits


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
    read: Callable[[int], np.ndarray],
    rate: int,
) -> UnitModels:
    """Fits a codebook on all recordings, and a unit language model on those of each speaker.

    Args:
      count: number of units, from 2 to 256.
      lengths: [R] samples.
      speakers: [R] indices from 0; every index up to the largest has a recording.
      active: intervals of speech in each recording, [K, 2] seconds.
      read: reads recording i, [T] float, full scale 1.
      rate: Hz.
    """
    with Progress("learning units", 2 * len(lengths), "recordings") as progress:
        codebook = fit_codebook(count, active, speakers, read, rate, advance=progress.update)
        sequences = []
        for i in range(len(lengths)):
            sequences.append(codebook.encode_recording(read(i), rate, int(speakers[i])))
            progress.update()
    unit_lms = []
    for speaker in range(len(codebook.mean)):
        own = [i for i in range(len(lengths)) if speakers[i] == speaker]
        unit_lms.append(
            fit_unit_lm(
                [sequences[i] for i in own], [active[i] for i in own], [lengths[i] / rate for i in own]
            )
        )
    return UnitModels(codebook, tuple(unit_lms))


def fit_unit_lm(
    sequences: Sequence[UnitSequence], active: Sequence[np.ndarray], seconds: Sequence[float]
) -> UnitLM:
    """Fits the unit language model of one speaker on recordings, which are taken to follow each other.

    Args:
      sequences: units, pitch and level of each recording.
      active: intervals of speech in each recording, [K, 2] seconds.
      seconds: length of each recording.

    Raises:
      BabbleError: no recording has speech.
    """
    units, durations, ends_phrase, pitch, rms_db = [], [], [], [], []
    ends_recording, pauses, silences = [], [], []
    trailing = None  # seconds of silence at the end of the recording before
    for sequence, intervals, length in zip(sequences, active, seconds, strict=True):
        silent, last_end = np.ones(len(sequence.units), bool), 0.0
        for (onset, end), (first, stop) in zip(intervals, frame_spans(intervals, len(silent)), strict=True):
            silent[first:stop] = False
            if stop <= first:
                continue
            phrase = sequence.units[first:stop]
            edges = _run_edges(phrase)
            units.append(phrase[edges[:-1]])
            durations.append(np.diff(edges))
            pitch.append(_mean_pitch(sequence.pitch[first:stop], edges))
            mean_rms_db = np.add.reduceat(sequence.rms_db[first:stop], edges[:-1]) / np.diff(edges)
            rms_db.append(_level_steps(mean_rms_db) * _LEVEL_STEP + LOWEST_RMS_DB)
            ends_phrase.append(np.arange(1, len(edges)) == len(edges) - 1)
            if trailing is not None:
                pauses.append(trailing + onset - last_end)
            ends_recording.append(False)
            trailing, last_end = 0.0, end
        if ends_recording:
            ends_recording[-1] = True
        if trailing is not None:
            trailing += length - last_end
        silences.append(sequence.units[silent])
    if not units:
        raise BabbleError(
            "There is no speech to learn units from; look at where the data set says it speaks."
        )
    silent_units = np.concatenate(silences)
    return UnitLM(
        np.concatenate(units),
        np.concatenate(durations),
        np.concatenate(ends_phrase),
        np.concatenate(pitch),
        np.concatenate(rms_db),
        np.array(ends_recording),
        np.array(pauses, np.float64),
        int(np.bincount(silent_units).argmax()) if len(silent_units) else int(units[0][0]),
    )


def dedup(sequence: UnitSequence, active: np.ndarray, silence_unit: int) -> UnitSequence:
    """Reduces a recording to what its language model represents: runs of a unit with mean pitch and mean level.

    A voice is trained on reduced recordings, so that in free running it is conditioned on nothing that it has not
    seen.

    Args:
      sequence: units, pitch and level of the recording, F frames.
      active: [K, 2] seconds of speech; the rest becomes silence.
      silence_unit: the unit of silence.

    Returns:
      F frames.
    """
    silence = UnitFrame(silence_unit, np.nan, LOWEST_RMS_DB)
    frames = [silence] * len(sequence.units)
    starts = [first for first, stop in frame_spans(active, len(frames)) if first < stop]
    if starts:
        unit_lm, at = fit_unit_lm([sequence], [active], [len(frames) * HOP]), 0
        for first in starts:
            phrase = [silence]
            while len(phrase) == 1 or not unit_lm.ends_phrase[at - 1]:
                phrase += unit_lm.run_frames(at, phrase[-1])
                at += 1
            frames[first : first + len(phrase) - 1] = phrase[1:]
    return UnitSequence.from_frames(frames)


def _run_edges(units: np.ndarray) -> np.ndarray:
    """Returns the first frames of the runs of units [F], and F; a run of more than `_MAX_RUN` frames is split."""
    changes = np.concatenate([[0], np.flatnonzero(np.diff(units)) + 1, [len(units)]])
    return np.concatenate(
        [*(np.arange(a, b, _MAX_RUN) for a, b in itertools.pairwise(changes)), changes[-1:]]
    )


def _mean_pitch(pitch: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Computes the mean pitch of each run, in octaves rounded to steps; NaN where most of the run is unvoiced.

    Args:
      pitch: [F] octaves.
      edges: [N + 1] frames.
    """
    means = []
    for first, stop in itertools.pairwise(edges.tolist()):
        run = pitch[first:stop]
        voiced = run[np.isfinite(run)]
        means.append(np.mean(voiced) if 2 * len(voiced) >= len(run) else np.nan)
    limit = _MAX_PITCH_STEPS * _PITCH_STEP
    return np.rint(np.clip(np.array(means), -limit, limit) / _PITCH_STEP) * _PITCH_STEP


def _level_steps(rms_db: np.ndarray) -> np.ndarray:
    """Rounds levels to steps above silence."""
    return np.clip(np.rint((rms_db - LOWEST_RMS_DB) / _LEVEL_STEP), 0, 2**_LEVEL_BITS - 1)


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
        pitch = np.where(np.isfinite(lm.pitch), lm.pitch / _PITCH_STEP, _UNVOICED).astype(np.int8)
        arrays |= {
            f"unit_lm_{s}/units": _pack_bits(lm.units, _unit_bits(models.count)),
            f"unit_lm_{s}/durations": lm.durations.astype(np.uint8),
            f"unit_lm_{s}/ends_phrase": np.packbits(lm.ends_phrase),
            f"unit_lm_{s}/pitch": pitch,
            f"unit_lm_{s}/rms_db": _pack_bits(_level_steps(lm.rms_db), _LEVEL_BITS),
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
        arrays = safetensors.numpy.load_file(path)
        codebook = Codebook(*(arrays[f"codebook/{field.name}"] for field in dataclasses.fields(Codebook)))
        unit_lms = []
        for s in range(len(codebook.mean)):
            units, durations, ends_phrase, pitch, rms_db, ends_recording, pauses, silence_unit = (
                arrays[f"unit_lm_{s}/{field.name}"] for field in dataclasses.fields(UnitLM)
            )
            runs = len(durations)
            unit_lms.append(
                UnitLM(
                    _unpack_bits(units, _unit_bits(len(codebook.centroids)), runs),
                    durations.astype(np.int64),
                    np.unpackbits(ends_phrase, count=runs).astype(bool),
                    np.where(pitch == _UNVOICED, np.nan, pitch * _PITCH_STEP),
                    _unpack_bits(rms_db, _LEVEL_BITS, runs) * _LEVEL_STEP + LOWEST_RMS_DB,
                    np.unpackbits(ends_recording, count=len(pauses) + 1).astype(bool),
                    pauses.astype(np.float64),
                    int(silence_unit[0]),
                )
            )
    except (OSError, KeyError, IndexError, ValueError, safetensors.SafetensorError) as error:
        raise BabbleError(f"{path}: the voice's units cannot be read ({error!r}); train it again.") from error
    models = UnitModels(codebook, tuple(unit_lms))
    if (models.count, len(unit_lms)) != (count, max(1, speakers)):
        raise BabbleError(
            f"{path}: holds {models.count} units of {len(unit_lms)} speakers where the voice takes {count} of "
            f"{max(1, speakers)}; put back the file that belongs to it, or train it again."
        )
    return models
