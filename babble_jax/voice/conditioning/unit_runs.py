"""Runs of a unit: what a unit language model represents of a recording, and what a voice is trained on.

Long recordings are read slice by slice. Axes: K intervals, F frames of 10 ms, N runs.
"""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from babble_jax.audio.level import LOWEST_RMS_DB
from babble_jax.audio.units import BLOCK, EncodedRecording, UnitSequence, frame_spans
from babble_jax.voice.conditioning.unit_lm import LEVEL_GLIDE, PITCH_GLIDE

MAX_PITCH_STEPS, PITCH_STEP = 127, 1 / 64  # octaves; the pitch of a run is stored in 8 bits
LEVEL_STEP, LEVEL_BITS = 2.0, 5  # dB; the level of a run is stored in 5 bits
_MAX_RUN = 255  # frames


class Runs(NamedTuple):
    """Consecutive runs of a unit.

    Attributes:
      units: [N] int64.
      durations: [N] int64 frames, at most 255.
      pitch: [N] float64 octaves above the speaker's median, a whole number of steps; NaN for an unvoiced run.
      rms_db: [N] float64 dB of full scale, a whole number of steps above silence.
    """

    units: np.ndarray
    durations: np.ndarray
    pitch: np.ndarray
    rms_db: np.ndarray


def phrase_runs(recording: UnitSequence | EncodedRecording, first: int, stop: int) -> Iterator[Runs]:
    """Reduces frames `first` to `stop` - 1, one at least, to runs with mean pitch and mean level, some at a time.

    Args:
      recording: units, pitch and level.
      first: frame.
      stop: frame.
    """
    edges = _run_edges(recording.units[first:stop])
    at = 0
    while at < len(edges) - 1:
        end = max(at + 1, int(np.searchsorted(edges, edges[at] + BLOCK, side="right")) - 1)
        part, own = (
            recording.read(first + int(edges[at]), first + int(edges[end])),
            edges[at : end + 1] - edges[at],
        )
        durations = np.diff(own)
        level = level_steps(np.add.reduceat(part.rms_db, own[:-1]) / durations) * LEVEL_STEP + LOWEST_RMS_DB
        yield Runs(part.units[own[:-1]].astype(np.int64), durations, _mean_pitch(part.pitch, own), level)
        at = end


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
    reduced = silent_units(len(sequence.units), silence_unit)
    for first, part in dedup_phrases(sequence, active):
        for target, values in zip(reduced, part, strict=True):
            target[first : first + len(values)] = values
    return reduced


def silent_units(frames: int, silence_unit: int) -> UnitSequence:
    """Makes frames of silence."""
    return UnitSequence(
        np.full(frames, silence_unit, np.int64), np.full(frames, np.nan), np.full(frames, LOWEST_RMS_DB)
    )


def dedup_phrases(
    recording: UnitSequence | EncodedRecording, active: np.ndarray
) -> Iterator[tuple[int, UnitSequence]]:
    """Yields the frames of each interval as `dedup` reduces them, in parts, each with the number of its first frame.

    Pitch and level of a run glide from those of the run before (`UnitLM.run_frames`).

    Args:
      recording: units, pitch and level, F frames.
      active: [K, 2] seconds of speech.
    """
    for first, stop in frame_spans(active, len(recording.units)):
        if first >= stop:
            continue
        before_pitch, before_level = np.nan, LOWEST_RMS_DB
        for runs in phrase_runs(recording, first, stop):
            pitch = np.concatenate([[before_pitch], runs.pitch])
            level = np.concatenate([[before_level], runs.rms_db])
            part = UnitSequence(
                np.repeat(runs.units, runs.durations),
                _glide(pitch, runs.durations, np.isfinite(pitch[:-1]), PITCH_GLIDE),
                _glide(level, runs.durations, level[:-1] > LOWEST_RMS_DB, LEVEL_GLIDE),
            )
            yield first, part
            first += len(part.units)
            before_pitch, before_level = pitch[-1], level[-1]


def _glide(values: np.ndarray, durations: np.ndarray, glides: np.ndarray, steps: int) -> np.ndarray:
    """Computes the values of frames [F] from those of runs.

    Args:
      values: [N + 1], that before the first run and that of each run.
      durations: [N] frames.
      glides: [N], whether the run begins at the value before.
      steps: frames in which it reaches its own.
    """
    number = np.arange(1, durations.sum() + 1) - np.repeat(np.cumsum(durations) - durations, durations)
    way = np.minimum(number / np.repeat(np.minimum(steps, durations), durations), 1)
    before, value = np.repeat(values[:-1], durations), np.repeat(values[1:], durations)
    return np.where(np.repeat(glides, durations), before + (value - before) * way, value)


def _run_edges(units: np.ndarray) -> np.ndarray:
    """Returns the first frames of the runs of units [F], and F; a run of more than `_MAX_RUN` frames is split."""
    changes = np.concatenate([[0], np.flatnonzero(units[1:] != units[:-1]) + 1, [len(units)]])
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
    limit = MAX_PITCH_STEPS * PITCH_STEP
    return np.rint(np.clip(np.array(means), -limit, limit) / PITCH_STEP) * PITCH_STEP


def level_steps(rms_db: np.ndarray) -> np.ndarray:
    """Rounds levels [N] in dB of full scale to steps above silence."""
    return np.clip(np.rint((rms_db - LOWEST_RMS_DB) / LEVEL_STEP), 0, 2**LEVEL_BITS - 1)
