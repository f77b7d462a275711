"""Utterance control: what tells a voice when to speak, as frame-rate features for `Cond.local`.

Axes: K intervals, N top frames, C features.

A voice that was trained with them starts, fills and ends an utterance of any length by itself, in near-silence at
both edges, since in its training data speech started and ended where these features say.
"""

import numpy as np

FEATURES = ("active", "onset_0.1s", "offset_0.1s")
"""Names of the C features, as a voice's config keeps them: whether a frame lies in an activity; and, inside of one,
how near its onset and its offset are, exp(-distance / 0.1 s). All three are 0 in silence."""

_NEAR = 0.1  # seconds


def features(intervals: np.ndarray, frames: int, frame_seconds: float) -> np.ndarray:
    """The features of each frame, at its middle.

    Args:
      intervals: [K, 2] seconds from the start of frame 0, in order and apart; they may reach beyond the frames.
      frames: N.
      frame_seconds: of a top frame.

    Returns:
      [N, C] float32.
    """
    intervals = np.asarray(intervals, np.float64).reshape(-1, 2)
    rows = np.zeros((frames, len(FEATURES)), np.float32)
    if not len(intervals):
        return rows
    middle = (np.arange(frames) + 0.5) * frame_seconds
    k = np.maximum(np.searchsorted(intervals[:, 0], middle, side="right") - 1, 0)
    onset, offset = intervals[k].T
    active = (onset <= middle) & (middle < offset)
    since, until = np.where(active, middle - onset, 0), np.where(active, offset - middle, 0)
    rows[:, 0] = active
    rows[:, 1] = active * np.exp(-since / _NEAR)
    rows[:, 2] = active * np.exp(-until / _NEAR)
    return rows
