"""Estimates up to which frequency the sound of recordings reaches.

Axes: T samples.
"""

from collections.abc import Iterable

import numpy as np
import scipy.signal

BELOW_LOUDEST_DB = 50.0
"""dB below the loudest frequency: what is fainter lies outside of the band."""
_WINDOW = 0.032  # seconds
_BLOCK = 4_800_000  # samples: five minutes at 16 kHz


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
        for start in range(0, len(audio), _BLOCK):  # of a long recording all windows at once take gigabytes
            block = np.asarray(audio[start : start + _BLOCK], float)
            if len(block) >= size:
                _, spectrum = scipy.signal.welch(block, rate, nperseg=size, scaling="spectrum")
                power += spectrum * len(block)
    if not power.any():
        return rate / 2
    bins = np.flatnonzero(power >= power.max() * 10 ** (-BELOW_LOUDEST_DB / 10))
    return float(max(bins[-1], 1) * rate / size)
