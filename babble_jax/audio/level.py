"""Measures how loud a recording is: frame by frame, and over the frames in which it is active.

Axes: T samples, F frames of 10 ms. Levels are RMS in dB of a full-scale constant (dBFS).
"""

import numpy as np

from babble_jax.audio.pitch import HOP, frame_count

LOWEST_RMS_DB = -60.0
"""dB of full scale: what lies below counts as silence, and is given this level."""
ACTIVE_MARGIN_DB = 15.9
"""A frame this far below the active level is silence (ITU-T P.56, method B)."""
_WINDOW = 0.020  # seconds: two periods of a low voice
_FRAMES_AT_ONCE = 6_000
"""Frames whose squares are in memory at once."""


def rms_db(audio: np.ndarray, rate: int) -> np.ndarray:
    """Measures the level in dB of each frame: the mean square of 20 ms around its middle.

    Args:
      audio: [T] float, full scale 1.
      rate: Hz.

    Returns:
      [F] float64, at least `LOWEST_RMS_DB`; F = T / 10 ms, rounded up, frame f centred at (f + 1/2) x 10 ms.
    """
    frames = frame_count(len(audio), rate)
    energy = np.concatenate([[0.0], np.cumsum(np.square(np.asarray(audio, np.float64)))])
    starts = np.rint(((np.arange(frames) + 0.5) * HOP - _WINDOW / 2) * rate).astype(int)
    size = round(_WINDOW * rate)
    window_energy = energy[np.clip(starts + size, 0, len(audio))] - energy[np.clip(starts, 0, len(audio))]
    return 10 * np.log10(np.maximum(window_energy / size, 10 ** (LOWEST_RMS_DB / 10)))


def frame_samples(rate: int) -> int:
    """Counts the samples of a frame of 10 ms at `rate` Hz, rounded."""
    return round(HOP * rate)


def frame_power(audio: np.ndarray, rate: int) -> np.ndarray:
    """Computes the mean square of each complete frame.

    Args:
      audio: [T] float, full scale 1.
      rate: Hz.

    Returns:
      [F] float64, F = T / 10 ms, rounded down: samples beyond the last complete frame are left out.
    """
    size = frame_samples(rate)
    power = np.empty(len(audio) // size)
    for first in range(0, len(power), _FRAMES_AT_ONCE):
        frames = np.asarray(audio[first * size : (first + _FRAMES_AT_ONCE) * size], np.float64)
        frames = frames[: len(frames) // size * size].reshape(-1, size)
        power[first : first + len(frames)] = np.mean(np.square(frames), axis=1)
    return power


def active_power(power: np.ndarray) -> float:
    """Averages the power of the active frames: the largest set of which none is `ACTIVE_MARGIN_DB` below its mean.

    Differs from ITU-T P.56 in that frames stand in for the smoothed envelope and there is no hang-over of 200 ms.

    Args:
      power: [F] mean squares, as `frame_power` gives them.

    Returns:
      a mean square; 0 where every frame is zero.
    """
    active = power[power > 0]
    while len(active):
        louder = active[active >= np.mean(active) * 10 ** (-ACTIVE_MARGIN_DB / 10)]
        if len(louder) == len(active):
            return float(np.mean(active))
        active = louder
    return 0.0


def active_level_db(audio: np.ndarray, rate: int) -> float:
    """Measures the level in dB of a recording over its active frames (`active_power`).

    Args:
      audio: [T] float, full scale 1.
      rate: Hz.

    Returns:
      dB of full scale; -inf where every frame is zero.
    """
    power = active_power(frame_power(audio, rate))
    return float(10 * np.log10(power)) if power else -np.inf
