"""Measures the duration, pitch and level of each phone of a recording, as a model with prosody is told them.

Axes: T samples, N phones, F frames of 10 ms.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from babble_jax.audio.level import rms_db
from babble_jax.audio.pitch import HOP, f0_contour
from babble_jax.tacotron.config import F0, LEVEL, LOG_DURATION

SHORTEST = 0.005
"""Seconds of a phone that labels give no time."""
_WIDEST = 1.5  # octaves from the median: what is further is an error of the pitch tracker
_DECIBELS = 10.0


class Contours(NamedTuple):
    """Contours of a recording.

    Attributes:
      f0: [F] Hz, NaN where it is not voiced.
      level: [F] dB of full scale.
    """

    f0: np.ndarray
    level: np.ndarray


def measure_contours(audio: np.ndarray, rate: int) -> Contours:
    """Measures pitch and level.

    Args:
      audio: [T] float amplitudes.
      rate: Hz.
    """
    return Contours(f0_contour(audio, rate), rms_db(audio, rate))


class PhoneProsody(NamedTuple):
    """Prosody of phones; NaN where there is nothing to measure.

    Attributes:
      log_duration: [N] natural logarithms of seconds.
      f0: [N] octaves from the median of the speaker.
      level: [N] dB from the mean of all phones but silence.
      voiced: [N] shares of frames that are voiced.
    """

    log_duration: np.ndarray
    f0: np.ndarray
    level: np.ndarray
    voiced: np.ndarray

    def cut(self, phones: slice) -> "PhoneProsody":
        """Returns the prosody of some of the phones."""
        return PhoneProsody(*(values[phones] for values in self))


def measure_frames(
    contours: Contours,
    frames: Sequence[slice],
    silent: Sequence[bool],
    median_f0: float,
    widest: float,
    fewest: int = 1,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Measures pitch and level of phones by their frames.

    Args:
      contours: of the recording; empty where they are not known.
      frames: N, of each phone.
      silent: N, whether a phone is silence, which has no part in the level of the recording.
      median_f0: Hz, of the speaker.
      widest: octaves from the median; a frame that is further off counts as not voiced.
      fewest: voiced frames of a phone from which its pitch is taken.

    Returns:
      f0, level and voiced, as in `PhoneProsody`.
    """
    octaves = np.log2(contours.f0 / median_f0) if median_f0 > 0 else np.full(len(contours.f0), np.nan)
    octaves[~(np.abs(octaves) <= widest)] = np.nan
    f0, level, voiced = (np.full(len(frames), np.nan) for _ in range(3))
    for n, own in enumerate(frames):
        inside = octaves[own][np.isfinite(octaves[own])]
        if len(octaves):
            voiced[n] = len(inside) / max(len(octaves[own]), 1)
        if len(inside) >= fewest:
            f0[n] = np.median(inside)
        if len(contours.level[own]):
            level[n] = contours.level[own].mean()
    sounding = ~np.asarray(silent, bool) & np.isfinite(level)
    return f0, level - (level[sounding].mean() if sounding.any() else level.mean()), voiced


def measure_phones(
    contours: Contours, onset: np.ndarray, end: np.ndarray, silent: Sequence[bool], median_f0: float
) -> dict[str, np.ndarray]:
    """Measures the prosody of phones, by the names of `tacotron.config.PROSODY`; each has one frame at least.

    Args:
      contours: of the recording.
      onset: [N] seconds.
      end: [N] seconds.
      silent: N, whether a phone is silence, which has no pitch and no part in the level of the recording.
      median_f0: Hz, of the speaker.

    Returns:
      log_duration: [N] float32, natural logarithm of seconds.
      f0: [N] octaves from `median_f0`; 0 where unvoiced.
      level: [N] dB from the mean of all phones but silence, divided by 10.
    """
    firsts = [min(int(start / HOP), len(contours.f0) - 1) for start in onset]
    frames = [
        slice(first, max(first + 1, round(stop / HOP))) for first, stop in zip(firsts, end, strict=True)
    ]
    f0, level, _ = measure_frames(contours, frames, silent, median_f0, _WIDEST)
    f0[np.asarray(silent, bool) | np.isnan(f0)] = 0.0
    return {
        LOG_DURATION: np.log(np.maximum(end - onset, SHORTEST)).astype(np.float32),
        F0: f0.astype(np.float32),
        LEVEL: (level / _DECIBELS).astype(np.float32),
    }
