"""How much of a sound is like real speech: which of its measures lie outside of the ranges, piece by piece.

Axes: P pieces of a sound, as of `reference.lay_pieces`; M measures that have a range.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any, Literal, Protocol

Likeness = Literal["like", "in part like", "not like"]
"""Whether a sound is like the speech of a speaker."""
ALLOWED_SHARE = 1 / 5
"""Share of the measures of a piece, and of the pieces of a sound, that may lie outside where it is like speech.

A piece of the speech itself lies outside in one of ten measures, by the definition of the ranges.
"""


class Ranges(Protocol):
    """Ranges of measures in real speech: a `reference.Reference` or its `PhoneReference`."""

    @property
    def measured(self) -> tuple[str, ...]:
        """Names of the measures that a sound can lie outside of."""
        ...

    def excludes(self, name: str, value: float | None) -> bool:
        """Tests whether a measure has a value that the speech hardly has; None is no such value."""
        ...


@dataclasses.dataclass(frozen=True)
class Comparison:
    """The measures of a sound that are not within the ranges of real speech, by its pieces.

    Attributes:
      names: [M] measures that have a range.
      outside: [P] of each piece the measures whose value lies outside.
      missing: [P] of each piece the measures without a value, where the pieces of the speech have one: these are not
        within the range either, but nothing says on which side they lie.
    """

    names: tuple[str, ...]
    outside: tuple[tuple[str, ...], ...]
    missing: tuple[tuple[str, ...], ...]

    @property
    def within(self) -> tuple[int, ...]:
        """[P] number of the measures of each piece that lie within the ranges."""
        return tuple(
            len(self.names) - len(a) - len(b) for a, b in zip(self.outside, self.missing, strict=True)
        )

    @property
    def within_share(self) -> float:
        """Share of the measures of all pieces that lie within the ranges; 1 where none has one."""
        return sum(self.within) / (len(self.names) * len(self.outside)) if self.names else 1.0

    @property
    def like(self) -> tuple[Likeness, ...]:
        """[P] grade of each piece."""
        return tuple(_grade(len(self.names) - within, len(self.names)) for within in self.within)

    @property
    def likeness(self) -> Likeness:
        """Grade of the sound.

        It is like the speech where at most one in five of its pieces is not, and in part where at least half of them
        are so in part. A piece is like it where at most one in five of its measures is not within the ranges, and in
        part where at least half of them are within.
        """
        like = self.like
        if sum(one != "like" for one in like) <= ALLOWED_SHARE * len(like):
            return "like"
        return "in part like" if 2 * sum(one != "not like" for one in like) >= len(like) else "not like"

    @property
    def worst(self) -> int:
        """Index of the first of the pieces with the fewest measures within the ranges."""
        return min(range(len(self.outside)), key=self.within.__getitem__)

    @property
    def starred(self) -> tuple[str, ...]:
        """Measures whose value lies outside in more than one in five of the pieces."""
        counts = self.count(with_missing=False)
        return tuple(name for name, count in counts.items() if count > ALLOWED_SHARE * len(self.outside))

    def count(self, with_missing: bool = True) -> dict[str, int]:
        """Counts the pieces in which each measure is not within its range; those measures that have none are left out.

        Args:
          with_missing: whether pieces count in which the measure has no value.
        """
        groups = (self.outside, self.missing) if with_missing else (self.outside,)
        counts = {name: sum(name in piece for group in groups for piece in group) for name in self.names}
        return {name: count for name, count in counts.items() if count}


def compare(ranges: Ranges, pieces: Sequence[Any]) -> Comparison:
    """Compares the pieces of a sound with real speech.

    Args:
      ranges: of the speech.
      pieces: [P] measures of each, with an attribute of the name of each measure; P > 0.
    """
    names = ranges.measured
    return Comparison(
        names,
        tuple(tuple(one for one in names if ranges.excludes(one, getattr(piece, one))) for piece in pieces),
        tuple(tuple(one for one in names if getattr(piece, one) is None) for piece in pieces),
    )


def _grade(off: int, measures: int) -> Likeness:
    """Grades a piece by the number of its measures that are not within the ranges."""
    if off <= measures * ALLOWED_SHARE:
        return "like"
    return "in part like" if 2 * (measures - off) >= measures else "not like"
