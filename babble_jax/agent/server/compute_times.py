"""Percentiles of computing times in fixed memory."""

import numpy as np

_EDGES = np.concatenate([[0.0], np.geomspace(0.01, 10_000.0, 400)])  # milliseconds; steps of 3.5 %


class ComputeTimes:
    """Counts computing times in bins that are 3.5 % wide.

    Attributes:
      count: number of times.
      maximum: the longest, milliseconds.
    """

    def __init__(self):
        self.count = 0
        self.maximum = 0.0
        self._counts = np.zeros(len(_EDGES), np.int64)

    def add(self, milliseconds: float) -> None:
        """Counts one time."""
        self.count += 1
        self.maximum = round(max(self.maximum, milliseconds), 3)
        self._counts[np.searchsorted(_EDGES, milliseconds, side="right") - 1] += 1

    def percentile(self, percent: float) -> float:
        """Returns the upper edge of the bin of a percentile, milliseconds; 0 where nothing was counted."""
        if not self.count:
            return 0.0
        index = int(np.searchsorted(np.cumsum(self._counts), percent / 100 * self.count))
        upper = _EDGES[min(index + 1, len(_EDGES) - 1)]
        return round(float(min(upper, self.maximum)), 3)

    def summary(self) -> str:
        """Returns a phrase: the number of blocks and the percentiles of their computing time."""
        if not self.count:
            return "(nothing was computed)"
        return (
            f"({self.count} blocks, computed in {self.percentile(50):.1f} ms, 99th percentile "
            f"{self.percentile(99):.1f} ms, longest {self.maximum:.1f} ms)"
        )
