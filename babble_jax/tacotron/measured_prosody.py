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


def measure_phones(
    contours: Contours, onset: np.ndarray, end: np.ndarray, silent: Sequence[bool], median_f0: float
) -> dict[str, np.ndarray]:
    """Measures the prosody of phones, by the names of `tacotron.config.PROSODY`.

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
    octaves = np.log2(contours.f0 / median_f0) if median_f0 > 0 else np.full(len(contours.f0), np.nan)
    octaves[~(np.abs(octaves) <= _WIDEST)] = np.nan
    f0, level = np.zeros(len(onset)), np.zeros(len(onset))
    for n, (start, stop) in enumerate(zip(onset, end, strict=True)):
        first = min(int(start / HOP), len(octaves) - 1)
        frames = slice(first, max(first + 1, round(stop / HOP)))
        voiced = octaves[frames][np.isfinite(octaves[frames])]
        f0[n] = 0.0 if silent[n] or not len(voiced) else np.median(voiced)
        level[n] = contours.level[frames].mean()
    sounding = ~np.asarray(silent, bool)
    level -= level[sounding].mean() if sounding.any() else level.mean()
    return {
        LOG_DURATION: np.log(np.maximum(end - onset, SHORTEST)).astype(np.float32),
        F0: f0.astype(np.float32),
        LEVEL: (level / _DECIBELS).astype(np.float32),
    }
