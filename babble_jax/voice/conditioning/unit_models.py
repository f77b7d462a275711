"""The units that a voice is told, and what follows what in each of its speakers: learned once, kept beside its weights.

Axes: R recordings, K intervals, F frames of 10 ms, S speakers.
"""

import dataclasses
import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import safetensors
import safetensors.numpy

from babble_jax import files
from babble_jax.audio.level import LOWEST
from babble_jax.audio.units import HOP, Codebook, UnitFrame, UnitSequence, fit_codebook, spans
from babble_jax.errors import BabbleError
from babble_jax.progress import Progress
from babble_jax.voice.conditioning.unit_lm import UnitLM

_LONGEST = 255  # frames of a run
_STEP, _LARGEST, _UNVOICED = 1 / 64, 127, -128  # octaves; of the pitch of a run as it is kept, in 8 bits
_FINE, _LEVEL_BITS = 2.0, 5  # dB; of its level


@dataclasses.dataclass(frozen=True, eq=False)
class Units:
    """Attributes:
    codebook: what a unit sounds like.
    unit_lms: per speaker, what follows what.
    """

    codebook: Codebook
    unit_lms: tuple[UnitLM, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.codebook.centroids)


def fit_units(
    count: int,
    lengths: np.ndarray,
    speakers: np.ndarray,
    active: Sequence[np.ndarray],
    read: Callable[[int], np.ndarray],
    rate: int,
) -> Units:
    """Learns units and unit_lms.

    Args:
      count: of units, from 2 to 256.
      lengths: [R] samples.
      speakers: [R] indices from 0; every index up to the largest has a recording.
      active: per recording where it speaks, [K, 2] seconds.
      read: gives recording i, [T] float, full scale 1.
      rate: Hz.
    """
    with Progress("learning units", 2 * len(lengths), "recordings") as progress:
        codebook = fit_codebook(count, active, speakers, read, rate, advance=progress.update)
        lines = []
        for i in range(len(lengths)):
            lines.append(codebook.encode_recording(read(i), rate, int(speakers[i])))
            progress.update()
    unit_lms = []
    for speaker in range(len(codebook.mean)):
        own = [i for i in range(len(lengths)) if speakers[i] == speaker]
        unit_lms.append(
            fit_unit_lm([lines[i] for i in own], [active[i] for i in own], [lengths[i] / rate for i in own])
        )
    return Units(codebook, tuple(unit_lms))


def fit_unit_lm(
    lines: Sequence[UnitSequence], active: Sequence[np.ndarray], seconds: Sequence[float]
) -> UnitLM:
    """What follows what in recordings of one speaker, taken to follow each other.

    Args:
      lines: per recording what is said in it.
      active: per recording [K, 2] seconds.
      seconds: of each recording.

    Raises:
      BabbleError: no recording speaks.
    """
    units, frames, last, pitch, level, ends, pauses, silent = [], [], [], [], [], [], [], []
    trailing = None  # seconds of silence at the end of the recording before
    for line, intervals, length in zip(lines, active, seconds, strict=True):
        still, end = np.ones(len(line.units), bool), 0.0
        for (onset, offset), (first, stop) in zip(intervals, spans(intervals, len(still)), strict=True):
            still[first:stop] = False
            if stop <= first:
                continue
            piece = line.units[first:stop]
            edges = _edges(piece)
            units.append(piece[edges[:-1]])
            frames.append(np.diff(edges))
            pitch.append(_means(line.pitch[first:stop], edges))
            level.append(
                _steps(np.add.reduceat(line.level[first:stop], edges[:-1]) / np.diff(edges)) * _FINE + LOWEST
            )
            last.append(np.arange(1, len(edges)) == len(edges) - 1)
            if trailing is not None:
                pauses.append(trailing + onset - end)
            ends.append(False)
            trailing, end = 0.0, offset
        if ends:
            ends[-1] = True
        if trailing is not None:
            trailing += length - end
        silent.append(line.units[still])
    if not units:
        raise BabbleError(
            "There is no speech to learn units from; look at where the data set says it speaks."
        )
    silences = np.concatenate(silent)
    return UnitLM(
        np.concatenate(units),
        np.concatenate(frames),
        np.concatenate(last),
        np.concatenate(pitch),
        np.concatenate(level),
        np.array(ends),
        np.array(pauses, np.float64),
        int(np.bincount(silences).argmax()) if len(silences) else int(units[0][0]),
    )


def dedup(line: UnitSequence, active: np.ndarray, silence: int) -> UnitSequence:
    """What a grammar keeps of a recording: runs of a unit with the mean pitch and the mean level of each.

    A voice is told this from the start, so that it is told nothing else when it babbles.

    Args:
      line: what is said in the recording.
      active: [K, 2] seconds where it speaks; elsewhere is silence.
      silence: the unit of that.
    """
    still = UnitFrame(silence, np.nan, LOWEST)
    frames = [still] * len(line.units)
    starts = [first for first, stop in spans(active, len(frames)) if first < stop]
    if starts:
        one, at = fit_unit_lm([line], [active], [len(frames) * HOP]), 0
        for first in starts:
            phrase = [still]
            while len(phrase) == 1 or not one.last[at - 1]:
                phrase += one.run(at, phrase[-1])
                at += 1
            frames[first : first + len(phrase) - 1] = phrase[1:]
    return UnitSequence.of(frames)


def _edges(units: np.ndarray) -> np.ndarray:
    """Where the runs of a string [F] begin, and F; one that is too long to be kept goes on as another."""
    changes = np.concatenate([[0], np.flatnonzero(np.diff(units)) + 1, [len(units)]])
    return np.concatenate(
        [*(np.arange(a, b, _LONGEST) for a, b in itertools.pairwise(changes)), changes[-1:]]
    )


def _means(pitch: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Mean pitch of each run, in whole steps; NaN where most of it is not voiced."""
    found = []
    for first, stop in itertools.pairwise(edges.tolist()):
        run = pitch[first:stop]
        voiced = run[np.isfinite(run)]
        found.append(np.mean(voiced) if 2 * len(voiced) >= len(run) else np.nan)
    return np.rint(np.clip(np.array(found), -_LARGEST * _STEP, _LARGEST * _STEP) / _STEP) * _STEP


def _steps(level: np.ndarray) -> np.ndarray:
    """Levels in whole steps above silence."""
    return np.clip(np.rint((level - LOWEST) / _FINE), 0, 2**_LEVEL_BITS - 1)


def _packed(values: np.ndarray, bits: int) -> np.ndarray:
    """Integers [N] from 0 on, so many bits of each, one after another: uint8."""
    return np.packbits(np.unpackbits(values.astype(np.uint8)[:, None], axis=1)[:, -bits:])


def _unpacked(packed: np.ndarray, bits: int, count: int) -> np.ndarray:
    """[N] integers, as `_packed` has packed them."""
    rows = np.unpackbits(packed, count=count * bits).reshape(count, bits)
    return np.packbits(np.pad(rows, ((0, 0), (8 - bits, 0))), axis=1)[:, 0].astype(np.int64)


def _bits(count: int) -> int:
    """Of a unit, where there are so many."""
    return (count - 1).bit_length()


def save_units(units: Units, path: Path) -> None:
    """Writes them, whole or not at all: about 100 kB for an hour of speech."""
    arrays = {f"codebook/{name}": x for name, x in vars(units.codebook).items()}
    for s, one in enumerate(units.unit_lms):
        arrays |= {
            f"unit_lm_{s}/units": _packed(one.units, _bits(units.count)),
            f"unit_lm_{s}/frames": one.frames.astype(np.uint8),
            f"unit_lm_{s}/last": np.packbits(one.last),
            f"unit_lm_{s}/pitch": np.where(np.isfinite(one.pitch), one.pitch / _STEP, _UNVOICED).astype(
                np.int8
            ),
            f"unit_lm_{s}/level": _packed(_steps(one.level), _LEVEL_BITS),
            f"unit_lm_{s}/ends": np.packbits(one.ends),
            f"unit_lm_{s}/pauses": one.pauses.astype(np.float32),
            f"unit_lm_{s}/silence": np.array([one.silence], np.uint8),
        }
    with files.atomic_write(path) as temporary:
        temporary.write_bytes(safetensors.numpy.save(arrays))


def load_units(path: Path, count: int, speakers: int) -> Units:
    """Reads them.

    Args:
      path: of the file.
      count: how many the voice is told.
      speakers: how many the voice has; 0 for one without a choice.

    Raises:
      BabbleError: they cannot be read, or are not those of such a voice.
    """
    try:
        arrays = safetensors.numpy.load_file(path)
        codebook = Codebook(*(arrays[f"codebook/{field.name}"] for field in dataclasses.fields(Codebook)))
        unit_lms = []
        for s in range(len(codebook.mean)):
            units, frames, last, pitch, level, ends, pauses, silence = (
                arrays[f"unit_lm_{s}/{field.name}"] for field in dataclasses.fields(UnitLM)
            )
            runs = len(frames)
            unit_lms.append(
                UnitLM(
                    _unpacked(units, _bits(len(codebook.centroids)), runs),
                    frames.astype(np.int64),
                    np.unpackbits(last, count=runs).astype(bool),
                    np.where(pitch == _UNVOICED, np.nan, pitch * _STEP),
                    _unpacked(level, _LEVEL_BITS, runs) * _FINE + LOWEST,
                    np.unpackbits(ends, count=len(pauses) + 1).astype(bool),
                    pauses.astype(np.float64),
                    int(silence[0]),
                )
            )
    except (OSError, KeyError, IndexError, ValueError, safetensors.SafetensorError) as error:
        raise BabbleError(f"{path}: the voice's units cannot be read ({error!r}); train it again.") from error
    found = Units(codebook, tuple(unit_lms))
    if (found.count, len(unit_lms)) != (count, max(1, speakers)):
        raise BabbleError(
            f"{path}: holds {found.count} units of {len(unit_lms)} speakers where the voice is told {count} of "
            f"{max(1, speakers)}; put back the file that belongs to it, or train it again."
        )
    return found
