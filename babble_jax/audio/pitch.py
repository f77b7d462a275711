"""Estimates the fundamental frequency of a voice, frame by frame.

Axes: T samples, F frames of 10 ms.
"""

import math

import numpy as np

from babble_jax.audio import resampling

LOWEST_F0, HIGHEST_F0 = 60.0, 400.0  # Hz
HOP = 0.010  # seconds
_RATE = 8_000  # of the analysis: twenty times the highest pitch, and twice as fast as 16 kHz
_WINDOW = 0.064  # seconds
_RESOLUTION = 0.2  # semitones; a tenth takes four times as long


def frame_count(samples: int, rate: int) -> int:
    """Counts the frames of 10 ms that hold so many samples at `rate` Hz: F, one at least."""
    return max(1, math.ceil(samples / (HOP * rate) - 1e-9))


def f0_contour(audio: np.ndarray, rate: int, highest: float = HIGHEST_F0) -> np.ndarray:
    """Estimates f0 in Hz from 60 Hz on by probabilistic YIN (Mauch & Dixon 2014).

    Args:
      audio: [T] float.
      rate: Hz.
      highest: Hz up to which it is sought; of a voice that goes beyond, a wrong octave is heard, or nothing.

    Returns:
      [F] float64 Hz, NaN where it is not voiced; F = T / 10 ms, rounded up, frame f centred at (f + 1/2) x 10 ms.
    """
    from babble_jax.audio.pyin import pyin  # numba and scipy.stats: a second, which few need

    hop, window = round(HOP * _RATE), round(_WINDOW * _RATE)
    frames = frame_count(len(audio), rate)
    audio = resampling.resample(np.asarray(audio, np.float32), rate, _RATE)
    centred = audio[hop // 2 :]
    padded = np.pad(centred, (0, max(window, frames * hop) - len(centred)))
    return pyin(padded, _RATE, LOWEST_F0, highest, window, hop, _RESOLUTION)[:frames]
