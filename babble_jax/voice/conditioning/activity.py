"""Utterance control: features of each frame that condition a voice on when to speak (`Cond.local`).

Axes: K intervals, N top frames, C features.

A voice trained with these features starts, fills and ends an utterance of any length by itself, in near-silence at
both edges, since in its training data speech starts and ends where the features do.
"""

import math

import numpy as np

FEATURES: tuple[str, ...] = ("active", "onset_0.1s", "end_0.1s")
"""Names of the C features in a voice's config: whether a frame lies in an interval of activity, and, inside of one,
the proximity of its onset and of its end, exp(-distance / 0.1 s). All three are 0 in silence."""

_PROXIMITY = 0.1  # seconds


def features(intervals: np.ndarray, middles: np.ndarray) -> np.ndarray:
    """Computes the features of frames.

    Args:
      intervals: [K, 2] seconds, in order and disjoint; they may reach beyond the frames.
      middles: [N] seconds, middle of each frame.

    Returns:
      [N, C] float32.
    """
    intervals = np.asarray(intervals, np.float64).reshape(-1, 2)
    rows = np.zeros((len(middles), len(FEATURES)), np.float32)
    if not len(intervals):
        return rows
    k = np.maximum(np.searchsorted(intervals[:, 0], middles, side="right") - 1, 0)
    onset, end = intervals[k].T
    active = (onset <= middles) & (middles < end)
    since, until = np.where(active, middles - onset, 0), np.where(active, end - middles, 0)
    rows[:, 0] = active
    rows[:, 1] = active * np.exp(-since / _PROXIMITY)
    rows[:, 2] = active * np.exp(-until / _PROXIMITY)
    return rows


def proximity(distance: float) -> float:
    """Computes how near an onset or an end is, in (0, 1], from its distance in seconds."""
    return math.exp(-distance / _PROXIMITY)
