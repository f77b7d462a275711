"""Symbols with times, as an ear gives them.

Axes: N segments.
"""

import dataclasses
from collections.abc import Collection
from typing import Any

import numpy as np


@dataclasses.dataclass(frozen=True)
class PhoneSegments:
    """Symbols one after another, each with its times.

    Attributes:
      symbols: N phones or letters; silence is one of them.
      onset: [N] float64 seconds, ascending.
      end: [N] float64 seconds, each at most the next onset.
      confidence: [N] float64 in [0, 1], mean probability of the symbol over its steps.
    """

    symbols: tuple[str, ...]
    onset: np.ndarray
    end: np.ndarray
    confidence: np.ndarray

    def __len__(self) -> int:
        return len(self.symbols)

    @property
    def duration(self) -> np.ndarray:
        """Durations [N] in seconds."""
        return self.end - self.onset

    def select(self, chooses: np.ndarray) -> "PhoneSegments":
        """Returns the segments where a mask [N] bool is true, or those at positions [K]."""
        at = np.arange(len(self))[chooses]
        symbols = tuple(self.symbols[i] for i in at)
        return PhoneSegments(symbols, self.onset[at], self.end[at], self.confidence[at])

    def without(self, symbols: Collection[str]) -> "PhoneSegments":
        """Returns the segments of other symbols than these, silence for example."""
        return self.select(np.array([symbol not in symbols for symbol in self.symbols], bool))

    def shift(self, seconds: float) -> "PhoneSegments":
        """Returns the segments later by some seconds."""
        return dataclasses.replace(self, onset=self.onset + seconds, end=self.end + seconds)

    def to_json(self) -> list[dict[str, Any]]:
        """Returns a list of objects with `symbol`, `onset`, `end` (seconds, to the microsecond) and `confidence`."""
        numbers = (np.round(one, 6).tolist() for one in (self.onset, self.end, self.confidence))
        return [
            {"symbol": symbol, "onset": onset, "end": end, "confidence": confidence}
            for symbol, onset, end, confidence in zip(self.symbols, *numbers, strict=True)
        ]


def join_segments(pieces: list[PhoneSegments]) -> PhoneSegments:
    """Joins segments of pieces of a recording that follow one another."""
    return PhoneSegments(
        tuple(symbol for piece in pieces for symbol in piece.symbols),
        *(
            np.concatenate([np.zeros(0), *(getattr(piece, name) for piece in pieces)])
            for name in ("onset", "end", "confidence")
        ),
    )
