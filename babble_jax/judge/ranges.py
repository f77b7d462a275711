"""Ranges of measures in real speech, and the sides on which a value lies outside of them."""

import dataclasses
from collections.abc import Mapping
from typing import Literal

Tail = Literal["below", "above", "both", "neither"]
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
        return (tail in ("below", "both") and value < self.low) or (
            tail in ("above", "both") and value > self.high
        )


def describe_tails(tails: Mapping[str, Tail]) -> str:
    """Says on which side measures can lie outside of their ranges.

    Args:
      tails: side of each measure that has one such side, by name.

    Examples:
      >>> describe_tails({"confidence": "below", "distance": "above", "run": "neither"})
      'confidence only below, distance only above, run never'
    """
    by_tail: dict[str, list[str]] = {}
    for name, tail in tails.items():
        by_tail.setdefault(tail, []).append(name)
    words = {"below": "only below", "above": "only above", "both": "on both sides", "neither": "never"}
    return ", ".join(f"{' and '.join(names)} {words[tail]}" for tail, names in by_tail.items())
