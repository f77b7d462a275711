"""Filters that take out of babble what its recordings do not hold: rumble, and sound above their bandwidth.

Axes: B streams, T samples, S second-order sections.

Quantization to 8 bits, and a voice's own uncertainty, put noise where band-limited recordings hold nothing. And where
the number of levels is even, the level in the middle decodes to half a step: silence becomes a constant, which an
estimator of pitch takes for the highest pitch that it knows.

Two high-pass filters differ on purpose: `Bandpass` is first order at 20 Hz, so that it leaves the waveform alone;
`remove_rumble` is second order at 50 Hz, for a level that counts sound alone.

scipy designs the filters, once for each machine; they run without it, since its import alone takes half a second, more
than all else that a voice needs before its first sound.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from babble_jax.compilation import compile_native, recall

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
      further: [S, 6] sections that follow on those, the same for all streams.
    """

    def __init__(self, bandwidths: Sequence[float], rate: int, further: np.ndarray | None = None):
        highpass = _design_highpass(1, min(_INAUDIBLE_HZ, rate / 8), rate)
        self._sections = [highpass] * len(bandwidths)
        for b, hz in enumerate(bandwidths):
            if hz < _FULL_BAND * rate / 2:
                self._sections[b] = np.concatenate([highpass, _design_lowpass(hz, rate)])
        if further is not None:
            self._sections = [np.concatenate([sections, further]) for sections in self._sections]

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
            stream, state = run_sections(sections, audio[b], states[b])
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
    return run_sections(sections, audio, state)[0].astype(np.float32)


def _design_highpass(order: int, cutoff: float, rate: int) -> np.ndarray:
    """Designs a Butterworth high-pass filter: [S, 6] second-order sections."""

    def design() -> list[list[float]]:
        import scipy.signal

        return np.asarray(scipy.signal.butter(order, cutoff, "highpass", output="sos", fs=rate)).tolist()

    return np.array(recall("highpass", (order, cutoff, rate), Path(__file__), design))


def _design_lowpass(cutoff: float, rate: int) -> np.ndarray:
    """Designs an elliptic low-pass filter: [S, 6] second-order sections."""

    def design() -> list[list[float]]:
        import scipy.signal

        sections = scipy.signal.ellip(_ORDER, _RIPPLE_DB, _STOP_DB, cutoff, output="sos", fs=rate)
        return np.asarray(sections).tolist()

    return np.array(recall("lowpass", (cutoff, rate), Path(__file__), design))


def _settled_state(sections: np.ndarray, first: float) -> np.ndarray:
    """Computes the state [S, 2] of a filter that has seen the first sample for ever: the start makes no transient."""

    def settle() -> list[list[float]]:
        import scipy.signal

        return scipy.signal.sosfilt_zi(sections).tolist()

    return np.array(recall("settled", sections.tolist(), Path(__file__), settle)) * float(first)


def run_sections(sections: np.ndarray, audio: np.ndarray, state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Filters samples by second-order sections as `scipy.signal.sosfilt` does.

    Args:
      sections: [S, 6] float64.
      audio: [T] samples.
      state: [S, 2], of the samples before.

    Returns:
      [T] float64, and the state after them.
    """
    line, state = np.array(audio, np.float64), np.array(state, np.float64)
    _run_sections_in_place(sections, line, state)
    return line, state


@compile_native(Path(__file__))
def _run_sections_in_place(sections: np.ndarray, line: np.ndarray, state: np.ndarray) -> None:
    """Runs second-order sections in their transposed direct form II, as scipy does, to the bit.

    Args:
      sections: [S, 6] float64.
      line: [T] float64, replaced by the filtered samples.
      state: [S, 2] float64, replaced by the state after them.
    """
    for t in range(len(line)):
        x = line[t]
        for s in range(len(sections)):
            y = sections[s, 0] * x + state[s, 0]
            state[s, 0] = sections[s, 1] * x - sections[s, 4] * y + state[s, 1]
            state[s, 1] = sections[s, 2] * x - sections[s, 5] * y
            x = y
        line[t] = x
