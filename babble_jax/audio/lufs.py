"""Measures loudness as broadcasting does: K-weighted and gated.

Axes: T samples, C channels.

References: ITU-R BS.1770-4 (2015); filters for any sample rate: B. De Man, JAES 65 (2017), "Evaluation of
implementations of the EBU R128 loudness measurement".
"""

import numpy as np
import scipy.signal

_BLOCK, _OVERLAP = 0.4, 0.75  # seconds, share
_ABSOLUTE, _RELATIVE = -70.0, -10.0  # LUFS, LU
_OFFSET = -0.691
_SHELF_HZ, _SHELF_DB, _SHELF_Q = 1681.974450955533, 3.999843853973347, 0.7071752369554196
_HIGHPASS_HZ, _HIGHPASS_Q = 38.13547087602444, 0.5003270373238773


def loudness_lufs(audio: np.ndarray, rate: int) -> float:
    """Measures the integrated loudness of a recording.

    Sound of less than 400 ms is one block, without gates.

    Args:
      audio: [T] or [T, C] float, full scale 1; two channels are left and right.
      rate: Hz.

    Returns:
      LUFS; -inf for silence.
    """
    audio = np.asarray(audio, np.float64)
    if not len(audio):
        return -np.inf
    weighted = audio.reshape(len(audio), -1)
    for numerator, denominator in _k_weighting(rate):
        weighted = scipy.signal.lfilter(numerator, denominator, weighted, axis=0)
    block = min(round(_BLOCK * rate), len(weighted))
    step = max(round(_BLOCK * (1 - _OVERLAP) * rate), 1)
    energy = np.concatenate([[0.0], np.cumsum(np.sum(np.square(weighted), axis=1))])
    starts = np.arange(0, len(weighted) - block + 1, step)
    power = (energy[starts + block] - energy[starts]).clip(0) / block
    loud = power[_to_lufs(power) > _ABSOLUTE]
    if not len(loud):
        return -np.inf
    loud = loud[_to_lufs(loud) > _to_lufs(np.mean(loud)) + _RELATIVE]
    return float(_to_lufs(np.mean(loud)))


def _to_lufs(power: np.ndarray | np.floating) -> np.ndarray:
    return _OFFSET + 10 * np.log10(np.maximum(power, 1e-30))


def _k_weighting(rate: int) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Returns numerator and denominator of the high shelf and of the high-pass filter."""
    k = np.tan(np.pi * _SHELF_HZ / rate)
    high = 10 ** (_SHELF_DB / 20)
    band = high**0.4996667741545416
    norm = 1 + k / _SHELF_Q + k * k
    shelf = (
        np.array([high + band * k / _SHELF_Q + k * k, 2 * (k * k - high), high - band * k / _SHELF_Q + k * k])
        / norm,
        np.array([1, 2 * (k * k - 1) / norm, (1 - k / _SHELF_Q + k * k) / norm]),
    )
    k = np.tan(np.pi * _HIGHPASS_HZ / rate)
    norm = 1 + k / _HIGHPASS_Q + k * k
    highpass = (
        np.array([1.0, -2.0, 1.0]),
        np.array([1, 2 * (k * k - 1) / norm, (1 - k / _HIGHPASS_Q + k * k) / norm]),
    )
    return shelf, highpass
