"""Finds the name that was perhaps meant by a word that is none."""

import difflib
from collections.abc import Iterable

_LEAST_RATIO = 0.72
"""Similarity from which a name is near: "secs" and "seconds" have 0.73, "contour" and "control" 0.71."""
_SHORTEST = 3  # letters of a part that says something


def nearest_name(word: str, names: Iterable[str]) -> str | None:
    """Returns the name that is most similar to a word, or the first that is a part of it or the whole; else None.

    Args:
      word: as it was typed.
      names: among which it may have been meant.

    Examples:
      >>> nearest_name("switchbord", ["ami", "switchboard"])
      'switchboard'
      >>> nearest_name("temp", ["seed", "temperature"])
      'temperature'
      >>> nearest_name("contour", ["control", "replay"]) is None
      True
    """
    names = list(names)
    near = difflib.get_close_matches(word, names, n=1, cutoff=_LEAST_RATIO)
    return next(iter([*near, *(name for name in names if is_part(word, name))]), None)


def is_part(one: str, other: str) -> bool:
    """Tells whether one of two names is the beginning of the other, or some of its words between hyphens."""
    if min(len(one), len(other)) < _SHORTEST:
        return False
    words, others = {*one.split("-")}, {*other.split("-")}
    return one.startswith(other) or other.startswith(one) or words <= others or others <= words
