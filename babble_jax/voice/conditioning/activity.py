"""Utterance control: what tells a voice when to speak, as frame-rate features for `Cond.local`.

Axes: K intervals, N top frames, C features.

A voice that was trained with them starts, fills and ends an utterance of any length by itself, in near-silence at
both edges, since in its training data speech started and ended where these features say.
"""

import numpy as np

FEATURES = ("active", "onset_0.1s", "end_0.1s")
"""Names of the C features, as a voice's config keeps them: whether a frame lies in an activity; and, inside of one,
how near its onset and its offset are, exp(-distance / 0.1 s). All three are 0 in silence."""

_NEAR = 0.1  # seconds


def features(intervals: np.ndarray, middles: np.ndarray) -> np.ndarray:
    """The features of frames.

    Args:
      intervals: [K, 2] seconds, in order and apart; they may reach beyond the frames.
      middles: [N] seconds, of each frame.

    Returns:
      [N, C] float32.
    """
    intervals = np.asarray(intervals, np.float64).reshape(-1, 2)
    rows = np.zeros((len(middles), len(FEATURES)), np.float32)
    if not len(intervals):
        return rows
    k = np.maximum(np.searchsorted(intervals[:, 0], middles, side="right") - 1, 0)
    onset, offset = intervals[k].T
    active = (onset <= middles) & (middles < offset)
    since, until = np.where(active, middles - onset, 0), np.where(active, offset - middles, 0)
    rows[:, 0] = active
    rows[:, 1] = active * np.exp(-since / _NEAR)
    rows[:, 2] = active * np.exp(-until / _NEAR)
    return rows
