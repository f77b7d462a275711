"""Filters that take out of babble what its recordings do not hold: rumble, and sound above their bandwidth.

Axes: B streams, T samples, S second-order sections.

Quantization to 8 bits, and a voice's own uncertainty, put noise where band-limited recordings hold nothing. And where
the number of levels is even, the level in the middle decodes to half a step: silence becomes a constant, which an
estimator of pitch takes for the highest pitch that it knows.

Two high-pass filters differ on purpose: `Bandpass` is first order at 20 Hz, so that it leaves the waveform alone;
`remove_rumble` is second order at 50 Hz, for a level that counts sound alone.
"""

from collections.abc import Sequence

import numpy as np
import scipy.signal

_ORDER, _RIPPLE_DB, _STOP_DB = 8, 0.1, 60.0  # of the elliptic low-pass filter
_FULL_BAND = 0.95  # of half the rate: from there on nothing is cut off
_INAUDIBLE_HZ, _RUMBLE_HZ = 20.0, 50.0

BandpassStates = tuple[np.ndarray, ...]
"""State of a `Bandpass` between two blocks: [S, 2] for each stream; empty before the first block."""


class Bandpass:
    """Cuts off each stream above its bandwidth and below 20 Hz, block by block; the sizes of blocks change nothing.

    Args:
      bandwidths: [B] Hz; from 0.95 of half the rate on, nothing is cut off above.
      rate: Hz.
    """

    def __init__(self, bandwidths: Sequence[float], rate: int):
        highpass = _design_highpass(1, min(_INAUDIBLE_HZ, rate / 8), rate)
        self._sections = [highpass] * len(bandwidths)
        for b, hz in enumerate(bandwidths):
            if hz < _FULL_BAND * rate / 2:
                lowpass = scipy.signal.ellip(_ORDER, _RIPPLE_DB, _STOP_DB, hz, output="sos", fs=rate)
                self._sections[b] = np.concatenate([highpass, np.asarray(lowpass)])

    def __call__(self, audio: np.ndarray, states: BandpassStates = ()) -> tuple[np.ndarray, BandpassStates]:
        """Filters the next block and clips it to [-1, 1].

        Args:
          audio: [B, T] float32.
          states: after the blocks before; empty before the first one.

        Returns:
          The block, [B, T] float32, and the states after it.
        """
        if not audio.shape[1]:
            return audio, states
        if not states:
            states = tuple(
                _settled_state(sections, stream[0])
                for sections, stream in zip(self._sections, audio, strict=True)
            )
        filtered, after = np.empty(audio.shape, np.float32), []
        for b, sections in enumerate(self._sections):
            stream, state = scipy.signal.sosfilt(sections, audio[b], zi=states[b])
            filtered[b] = np.clip(stream, -1, 1)
            after.append(state)
        return filtered, tuple(after)


def remove_rumble(audio: np.ndarray, rate: int) -> np.ndarray:
    """Takes what lies below 50 Hz out of a stream (causal, second order).

    A raw-waveform voice wanders around zero; that is inaudible, but a level would count it as sound.

    Args:
      audio: [T] float.
      rate: Hz.

    Returns:
      [T] float32.
    """
    if not len(audio):
        return audio
    sections = _design_highpass(2, _RUMBLE_HZ, rate)
    state = _settled_state(sections, audio[0])
    return scipy.signal.sosfilt(sections, audio.astype(np.float64), zi=state)[0].astype(np.float32)


def _design_highpass(order: int, cutoff: float, rate: int) -> np.ndarray:
    """Designs a Butterworth high-pass filter: [S, 6] second-order sections."""
    return np.asarray(scipy.signal.butter(order, cutoff, "highpass", output="sos", fs=rate))


def _settled_state(sections: np.ndarray, first: float) -> np.ndarray:
    """Computes the state [S, 2] of a filter that has seen the first sample for ever: the start makes no transient."""
    return scipy.signal.sosfilt_zi(sections) * float(first)
