"""Finds silence at the ends of a recording, and cuts it off.

Axes: T samples.
"""

import librosa
import numpy as np

BELOW_PEAK_DB = 40.0
MARGIN_SECONDS = 0.050
_FRAME = 0.032  # seconds
_HOP = 0.008


def find_bounds(
    audio: np.ndarray, rate: int, below_peak: float = BELOW_PEAK_DB, margin: float = MARGIN_SECONDS
) -> tuple[int, int]:
    """Finds the samples from the first to the last frame that is not silent.

    A 32 ms frame is silent where its RMS is more than `below_peak` dB under that of the loudest one
    (`librosa.effects.trim`).

    Args:
      audio: [T] float.
      rate: Hz.
      below_peak: dB.
      margin: seconds added on both sides, since soft onsets lie under any threshold.

    Returns:
      (start, stop): samples; (0, 0) where every sample is zero.
    """
    if not np.any(audio):
        return 0, 0
    _, (start, stop) = librosa.effects.trim(
        audio, top_db=below_peak, frame_length=round(_FRAME * rate), hop_length=round(_HOP * rate)
    )
    extra = round(margin * rate)
    return max(0, int(start) - extra), min(len(audio), int(stop) + extra)


def trim(
    audio: np.ndarray, rate: int, below_peak: float = BELOW_PEAK_DB, margin: float = MARGIN_SECONDS
) -> np.ndarray:
    """Cuts silence off both ends.

    Args:
      audio: [T] float.
      rate: Hz.
      below_peak: dB, as `find_bounds` takes it.
      margin: seconds, likewise.

    Returns:
      [T'] with T' <= T.
    """
    start, stop = find_bounds(audio, rate, below_peak, margin)
    return audio[start:stop]
