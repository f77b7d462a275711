"""Measures how an attention reads its phones.

Axes: S steps, N phones.
"""

from typing import NamedTuple

import numpy as np

_READ = 0.25  # largest weight of a phone below which it counts as skipped


class ReadingErrors(NamedTuple):
    """Errors of an attention.

    Attributes:
      skipped: number of phones whose weight is never a quarter.
      repeated: number of times that the attention jumps back to a phone before the one that it is on.
    """

    skipped: int
    repeated: int


def reading_errors(attention: np.ndarray) -> ReadingErrors:
    """Counts phones that an attention skips or goes back to.

    Args:
      attention: [S, N] weights.
    """
    most = attention.argmax(axis=1)
    return ReadingErrors(int(np.sum(attention.max(axis=0) < _READ)), int(np.sum(np.diff(most) < 0)))
