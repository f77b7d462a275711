"""Finds silence at the ends of a recording, and cuts it off.

Axes: T samples.
"""

import librosa
import numpy as np

BELOW_PEAK_DB = 40.0
MARGIN_SECONDS = 0.050
_FRAME = 0.032  # seconds
_HOP = 0.008
_FRAMES_AT_ONCE = 8_000


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
    frame, hop = round(_FRAME * rate), round(_HOP * rate)
    level = librosa.amplitude_to_db(_frame_rms(audio, frame, hop), ref=np.max, top_db=None)
    sounding = np.flatnonzero(level > -below_peak)
    start, stop = (int(sounding[0]) * hop, int(sounding[-1] + 1) * hop) if len(sounding) else (0, 0)
    extra = round(margin * rate)
    return max(0, start - extra), min(len(audio), stop + extra)


def _frame_rms(audio: np.ndarray, frame: int, hop: int) -> np.ndarray:
    """Measures the RMS of frames around every `hop`-th sample, [F], as `librosa.feature.rms` does, block by block.

    Args:
      audio: [T] float.
      frame: samples of a frame, of which frames overlap, so that all at once would take several times the memory.
      hop: samples.
    """
    count, pad = 1 + len(audio) // hop, frame // 2
    parts = []
    for first in range(0, count, _FRAMES_AT_ONCE):
        last = min(count, first + _FRAMES_AT_ONCE) - 1
        start, stop = first * hop - pad, last * hop - pad + frame
        block = audio[max(start, 0) : max(min(stop, len(audio)), 0)]
        block = np.pad(block, (max(-start, 0), max(stop - max(start, 0) - len(block), 0)))
        parts.append(librosa.feature.rms(y=block, frame_length=frame, hop_length=hop, center=False)[0])
    return np.concatenate(parts)


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
