"""Estimates up to which frequency the sound of recordings reaches.

Axes: T samples.
"""

from collections.abc import Iterable

import numpy as np
import scipy.signal

BELOW_LOUDEST_DB = 50.0
"""dB below the loudest frequency: what is fainter lies outside of the band."""
_WINDOW = 0.032  # seconds


def estimate_bandwidth(recordings: Iterable[np.ndarray], rate: int) -> float:
    """Finds the highest frequency in Hz whose long-term level is within 50 dB of the loudest one's.

    Args:
      recordings: [T] each, of any scale; those that are shorter than 32 ms are left out.
      rate: Hz.

    Returns:
      Hz; half the rate where every recording is silent or left out.
    """
    size = round(_WINDOW * rate)
    power = np.zeros(size // 2 + 1)
    for audio in recordings:
        if len(audio) >= size:
            _, spectrum = scipy.signal.welch(np.asarray(audio, float), rate, nperseg=size, scaling="spectrum")
            power += spectrum * len(audio)
    if not power.any():
        return rate / 2
    bins = np.flatnonzero(power >= power.max() * 10 ** (-BELOW_LOUDEST_DB / 10))
    return float(max(bins[-1], 1) * rate / size)
