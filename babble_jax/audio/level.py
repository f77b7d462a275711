"""How loud a recording is, frame by frame.

Axes: T samples, F frames of 10 ms.
"""

import numpy as np

from babble_jax.audio.pitch import HOP, frame_count

LOWEST = -60.0  # dB of full scale; what lies below is silence
_WINDOW = 0.020  # seconds: two periods of a low voice


def rms_db(audio: np.ndarray, rate: int) -> np.ndarray:
    """Level of a recording [T] (float, full scale 1): mean square of 20 ms, in dB of a full-scale constant.

    Returns:
      [F] float64, at least `LOWEST`; F = T / 10 ms, rounded up, frame f centred at (f + 1/2) x 10 ms.
    """
    frames = frame_count(len(audio), rate)
    energy = np.concatenate([[0.0], np.cumsum(np.square(np.asarray(audio, np.float64)))])
    starts = np.rint(((np.arange(frames) + 0.5) * HOP - _WINDOW / 2) * rate).astype(int)
    size = round(_WINDOW * rate)
    found = energy[np.clip(starts + size, 0, len(audio))] - energy[np.clip(starts, 0, len(audio))]
    return 10 * np.log10(np.maximum(found / size, 10 ** (LOWEST / 10)))
