"""Detects repetition: correlation of a recording with itself seconds later, or with another recording.

Axes: T samples, F frames of 20 ms, M mel bands, L lags.
"""

import numpy as np
from scipy.signal import correlate

from babble_jax.audio.mel import log_mel

MIN_LOOP = 0.5  # seconds
_HOP = 0.020  # seconds
_BANDS = 24
_RANGE = 50.0  # dB below the loudest point
_STEADY = 1.0  # dB; a sound that changes by less is one long loop


def loop_correlation(audio: np.ndarray, rate: int) -> float:
    """Finds the largest correlation of the log-mel spectrogram with itself, shifted by 0.5 s to half its length.

    Around 0.3 for speech, whose phrases and pauses are alike; 1 for what repeats itself exactly, for a steady tone and
    for silence. The mean of each band is subtracted first. 0 for recordings under 2 s, which have no room for a loop.

    Args:
      audio: [T] float.
      rate: Hz.
    """
    x = _changes(audio, rate)
    first, last = round(MIN_LOOP / _HOP), len(x) // 2
    if last < 2 * first:
        return 0.0
    if np.sqrt(np.mean(np.square(x))) < _STEADY:
        return 1.0
    return float(np.max(_correlations(x)[first : last + 1]))


def max_cross_correlation(one: np.ndarray, two: np.ndarray, rate: int) -> float:
    """Finds the largest correlation of one recording with another, over shifts that leave half of the shorter one.

    Near 1 where one holds a stretch of the other; two recordings of speech have about the `loop_correlation` of speech.

    Args:
      one: [T] float amplitudes.
      two: [T'] float amplitudes.
      rate: Hz, of both.
    """
    y, x = sorted((_changes(one, rate), _changes(two, rate)), key=len)
    if min(np.sqrt(np.mean(np.square(z))) for z in (x, y)) < _STEADY:
        return 1.0
    half = len(y) // 2
    around = np.pad(x, ((half, half), (0, 0)))
    power, within = np.square(around).sum(axis=1), np.pad(np.ones(len(x)), half)
    shared = correlate(around, y, mode="valid")[:, 0]
    there = correlate(power, np.ones(len(y)), mode="valid")
    here = correlate(within, np.square(y).sum(axis=1), mode="valid")
    steady = half * x.shape[1] * _STEADY**2  # so steady a stretch correlates with anything
    return float(np.max(np.where(there < steady, 0.0, shared / np.sqrt(np.maximum(there * here, 1e-12)))))


def _changes(audio: np.ndarray, rate: int) -> np.ndarray:
    """Computes the log-mel spectrogram less the mean of each band, [F, M] dB, at most 50 dB below the loudest point."""
    x = log_mel(audio, rate, bands=_BANDS, hop=_HOP, highest=min(rate / 2, 8000.0)).astype(np.float64)
    x = np.maximum(x, x.max() - _RANGE)
    return x - x.mean(axis=0)


def _correlations(x: np.ndarray) -> np.ndarray:
    """Computes the correlations [L] of x[l:] with x[: F - l], for each lag l from 0 to F - 1."""
    frames = len(x)
    size = 1 << (2 * frames - 1).bit_length()
    shared = np.fft.irfft(np.square(np.abs(np.fft.rfft(x, size, axis=0))).sum(axis=1), size)[:frames]
    power = np.square(x).sum(axis=1)
    late = np.cumsum(power[::-1])[::-1]  # of x[l:]
    early = np.cumsum(power)[::-1]  # of x[: F - l]
    return shared / np.sqrt(np.maximum(late * early, 1e-12))
