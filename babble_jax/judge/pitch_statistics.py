"""Summarizes the pitch of a recording."""

import dataclasses

import numpy as np

from babble_jax.audio.pitch import f0_contour


@dataclasses.dataclass(frozen=True)
class PitchStatistics:
    """The share of voiced frames, and quantiles of their fundamental frequency.

    Attributes:
      voiced_share: share of all frames that are voiced, [0, 1].
      f0_median_hz: of the voiced frames; None where there are none, like the other two quantiles.
      f0_low_hz: their 10th percentile.
      f0_high_hz: their 90th percentile.
    """

    voiced_share: float
    f0_median_hz: float | None
    f0_low_hz: float | None
    f0_high_hz: float | None


def measure_pitch(audio: np.ndarray, rate: int) -> PitchStatistics:
    """Summarizes the f0 contour of [T] float amplitudes at `rate` Hz; see `f0_contour`."""
    f0 = f0_contour(audio, rate)
    voiced = np.isfinite(f0)
    if not voiced.any():
        return PitchStatistics(0.0, None, None, None)
    low, median, high = (float(x) for x in np.quantile(f0[voiced], (0.1, 0.5, 0.9)))
    return PitchStatistics(float(np.mean(voiced)), median, low, high)
