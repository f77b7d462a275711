"""Equalizes log-mel features by a curve, as though they came through another microphone, room or channel.

Axes: F mel frames, M bands, K places of the curve.
"""

import numpy as np

from babble_jax.audio.mel import LOWEST_POWER

PLACES = 5
"""K: the curve is linear between so many places, the first and the last band among them."""
_LOWEST = 10 * np.log10(LOWEST_POWER)


def equalize_bands(values: np.ndarray, gains: np.ndarray) -> np.ndarray:
    """Adds a curve to log-mel features; one of zeros returns them as they are.

    Args:
      values: [F, M] dB.
      gains: [K] dB, of places at equal distances from the first to the last band.

    Returns:
      [F, M] of the same type, at least -100 dB, as all features are.
    """
    if not np.any(gains):
        return values
    bands = values.shape[1]
    curve = np.interp(np.arange(bands), np.linspace(0, bands - 1, len(gains)), gains).astype(np.float32)
    return np.maximum(values + curve[None], _LOWEST).astype(values.dtype)
