"""How far up the sound of recordings reaches, and what cuts off babble there.

Axes: B streams, T samples.

Quantization to 8 bits, and a voice's own uncertainty, put noise where recordings that were band-limited once hold
nothing.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import scipy.signal

FAINT = 50.0  # dB below the loudest frequency
_WINDOW = 0.032  # seconds
_ORDER, _RIPPLE, _STOP = 8, 0.1, 60.0  # of an elliptic filter; dB
_FULL = 0.95  # of half the rate: from there on nothing is cut off


def bandwidth(pieces: Iterable[np.ndarray], rate: int) -> float:
    """Hz: the highest frequency whose long-term level is within 50 dB of the loudest one's.

    Args:
      pieces: [T] each, of any scale; those that are shorter than 32 ms are left out.
      rate: Hz.

    Returns:
      half the rate where nothing was heard at all.
    """
    size = round(_WINDOW * rate)
    power = np.zeros(size // 2 + 1)
    for piece in pieces:
        if len(piece) >= size:
            _, found = scipy.signal.welch(np.asarray(piece, float), rate, nperseg=size, scaling="spectrum")
            power += found * len(piece)
    if not power.any():
        return rate / 2
    heard = np.flatnonzero(power >= power.max() * 10 ** (-FAINT / 10))
    return float(max(heard[-1], 1) * rate / size)


class Lowpass:
    """Cuts off each stream above its bandwidth, block by block: the blocks do not matter.

    Args:
      bandwidths: [B] Hz; from 0.95 of half the rate on, nothing is cut off.
      rate: Hz.
    """

    def __init__(self, bandwidths: Sequence[float], rate: int):
        self._filters = [
            scipy.signal.ellip(_ORDER, _RIPPLE, _STOP, hz, output="sos", fs=rate)
            if hz < _FULL * rate / 2
            else None
            for hz in bandwidths
        ]
        self._states = [None if one is None else np.zeros((len(one), 2)) for one in self._filters]

    def __call__(self, audio: np.ndarray) -> np.ndarray:
        """The next block [B, T] float32, filtered and kept within -1 to 1."""
        made = np.array(audio, np.float32)
        for b, one in enumerate(self._filters):
            if one is not None:
                line, self._states[b] = scipy.signal.sosfilt(one, made[b], zi=self._states[b])
                made[b] = np.clip(line, -1, 1)
        return made
