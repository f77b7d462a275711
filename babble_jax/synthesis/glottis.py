"""The voice source of a singer: the derivative of the flow through the glottis, which the mouth radiates.

Axes: T samples.

One period of the flow is the polynomial pulse of Rosenberg 1971 (Effect of glottal pulse shape on the quality of
natural vowels, JASA 49(2B), 583-590, doi 10.1121/1.1912431): it rises for 40 % of the period, falls within 16 %, and
stops at once. As in `waves`, each sample is a mean over its length: the integral of the derivative is the flow itself.
"""

import functools

import numpy as np

from babble_jax.synthesis import waves

OPENING, CLOSING = 0.40, 0.16
"""Shares of the period in which the flow rises and falls."""
_POINTS = 4096  # of a period, of which harmonics are computed


def flow(phases: np.ndarray) -> np.ndarray:
    """Computes the flow through the glottis.

    Args:
      phases: [T] periods.

    Returns:
      [T] float64 in [0, 1].
    """
    share = np.mod(phases, 1.0)
    rising, falling = share / OPENING, (share - OPENING) / CLOSING
    return np.where(
        share < OPENING,
        rising**2 * (3 - 2 * rising),
        np.where(falling < 1, 1 - falling**2, 0.0),
    )


def source(phases: np.ndarray) -> np.ndarray:
    """Computes the derivative of the flow, scaled to -1 where the glottis closes.

    Args:
      phases: [T + 1] periods, rising, at the edges of the samples.

    Returns:
      [T] float64 in [-1, 1], 0 in the mean.
    """
    return waves.sample_means(flow, phases) * (CLOSING / 2)


@functools.cache
def harmonic_powers(count: int) -> np.ndarray:
    """Computes the mean squares of the first harmonics of `source`: [count] float64, the fundamental first."""
    period = source(np.linspace(0, 1, _POINTS + 1))
    return 2 * np.square(np.abs(np.fft.rfft(period))[1 : count + 1] / _POINTS)
