"""Ranges of measures in real speech, and the sides on which a value lies outside of them."""

import dataclasses
from typing import Literal

Tail = Literal["below", "above", "both"]
"""Side of a range on which a value says that a sound is less like speech."""


@dataclasses.dataclass(frozen=True)
class Range:
    """The 5th percentile, median and 95th percentile of a measure, over the pieces that have a value."""

    low: float
    median: float
    high: float

    def excludes(self, value: float | None, tail: Tail = "both") -> bool:
        """Tests whether a value lies outside.

        Args:
          value: None for one that could not be measured, which lies nowhere.
          tail: side on which it may lie outside.
        """
        if value is None:
            return False
        return (tail != "above" and value < self.low) or (tail != "below" and value > self.high)
