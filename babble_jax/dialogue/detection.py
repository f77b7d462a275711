"""Measures IPUs in the sound of one channel, without its plan.

Axes: T samples, F frames of 5 ms, N IPUs. An energy detector: a frame is sound if its RMS is at least
-50 dBFS. The first and the last sample of a stretch of sound are the outermost of at least -60 dBFS in its
edge frames.
"""

import numpy as np

FRAME_SECONDS = 0.005
FRAME_RMS = 10 ** (-50 / 20)
SAMPLE_AMPLITUDE = 1e-3
"""Amplitude of -60 dBFS. One bit of 16 is less than a thirtieth of it."""
MERGE_SECONDS = 0.18


def measure_ipus(channel: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Measures the onsets and ends of the IPUs in `channel` [T] (float, full scale 1).

    Returns:
      (onsets, ends): [N] float64 seconds each; silences shorter than 0.18 s do not part IPUs.
    """
    size = round(FRAME_SECONDS * rate)
    padded = np.pad(np.abs(np.asarray(channel, np.float64)), (0, -len(channel) % size)).reshape(-1, size)
    sounding = np.sqrt(np.mean(np.square(padded), axis=1)) >= FRAME_RMS
    loud = np.flatnonzero(
        (padded >= SAMPLE_AMPLITUDE) & sounding[:, None]
    )  # a frame of -50 dBFS has a sample of -60 dBFS
    if not len(loud):
        return np.zeros(0), np.zeros(0)
    parts = np.flatnonzero(np.diff(loud) - 1 >= np.ceil(MERGE_SECONDS * rate - 1e-6))
    onsets = loud[np.concatenate([[0], parts + 1])]
    ends = loud[np.concatenate([parts, [len(loud) - 1]])] + 1
    return onsets / rate, ends / rate
