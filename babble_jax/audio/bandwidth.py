"""How far up the sound of recordings reaches, and what keeps babble within that band.

Axes: B streams, T samples.

Quantization to 8 bits, and a voice's own uncertainty, put noise where recordings that were band-limited once hold
nothing. And a level in the middle of an even number decodes to half a step: silence to a constant, which an estimator
of pitch takes for the highest one it knows.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import scipy.signal

FAINT = 50.0  # dB below the loudest frequency
_WINDOW = 0.032  # seconds
_ORDER, _RIPPLE, _STOP = 8, 0.1, 60.0  # of an elliptic filter; dB
_FULL = 0.95  # of half the rate: from there on nothing is cut off
_LOWEST = 20.0  # Hz; what lies below is not heard


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


class Bandpass:
    """Cuts off each stream above its bandwidth, and below 20 Hz, block by block: the blocks do not matter.

    Args:
      bandwidths: [B] Hz; from 0.95 of half the rate on, nothing is cut off above.
      rate: Hz.
    """

    def __init__(self, bandwidths: Sequence[float], rate: int):
        below = scipy.signal.butter(1, min(_LOWEST, rate / 8), "highpass", output="sos", fs=rate)
        self._filters = [np.asarray(below)] * len(bandwidths)
        for b, hz in enumerate(bandwidths):
            if hz < _FULL * rate / 2:
                above = scipy.signal.ellip(_ORDER, _RIPPLE, _STOP, hz, output="sos", fs=rate)
                self._filters[b] = np.concatenate([self._filters[b], np.asarray(above)])
        self._states: list[np.ndarray] = []

    def __call__(self, audio: np.ndarray) -> np.ndarray:
        """The next block [B, T] float32, filtered and kept within -1 to 1."""
        if not audio.shape[1]:
            return audio
        if not self._states:  # as if the first sample had always been there
            self._states = [
                scipy.signal.sosfilt_zi(own) * float(line[0])
                for own, line in zip(self._filters, audio, strict=True)
            ]
        made = np.empty(audio.shape, np.float32)
        for b, own in enumerate(self._filters):
            line, self._states[b] = scipy.signal.sosfilt(own, audio[b], zi=self._states[b])
            made[b] = np.clip(line, -1, 1)
        return made
