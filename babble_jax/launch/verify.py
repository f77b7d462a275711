"""Compares two results of one experiment: which numbers have moved."""

import dataclasses
import math
import re
from collections.abc import Iterator
from typing import Any

_PROVENANCE = ("commit", "file_commit", "date", "machine", "spread")
_OF_THE_MACHINE = re.compile(
    r"(^|[._])(seconds|minutes|hours|time|times|speed|rate_of|realtime|real_time|megabytes|memory|ms|block)([._]|$)"
    r"|per_second|_ms$|_s$"
)
"""Names of what depends on the machine and its load."""


@dataclasses.dataclass(frozen=True)
class Change:
    """A leaf of a result that has moved.

    Attributes:
      name: dotted, with the numbers of list elements.
      before: value of the earlier result; None where it has none.
      after: value of the later one; None where it has none.
    """

    name: str
    before: Any
    after: Any

    def __str__(self) -> str:
        if isinstance(self.before, int | float) and isinstance(self.after, int | float) and self.before:
            share = f" ({100 * (self.after - self.before) / abs(self.before):+.2g} %)"
        else:
            share = ""
        return f"{self.name}: {self.before!r} -> {self.after!r}{share}"


def moved(before: dict[str, Any], after: dict[str, Any], tolerance: float = 0.0) -> list[Change]:
    """Lists the leaves in which two results differ, without times and where they come from.

    Args:
      before: the earlier result.
      after: the later one.
      tolerance: relative difference of numbers up to which they are the same.
    """
    old, new = dict(_leaves(before)), dict(_leaves(after))
    names = [name for name in {**old, **new} if not _OF_THE_MACHINE.search(name)]
    return [
        Change(name, old.get(name), new.get(name))
        for name in names
        if not (name in old and name in new and _same(old[name], new[name], tolerance))
    ]


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for name, one in pairs:
            if path or name not in _PROVENANCE:
                yield from _leaves(one, f"{path}.{name}" if path else str(name))
    else:
        yield path, value


def _same(a: Any, b: Any, tolerance: float) -> bool:
    if isinstance(a, bool) or isinstance(b, bool) or not all(isinstance(x, int | float) for x in (a, b)):
        return a == b
    return math.isclose(a, b, rel_tol=tolerance, abs_tol=0.0)
