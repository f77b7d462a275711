"""Errors of strings of symbols beside the strings that are right.

Axes: N symbols of the right string, M of the other.
"""

from collections.abc import Iterable, Sequence

import numpy as np


def count_errors(reference: Sequence[str], hypothesis: Sequence[str]) -> int:
    """Counts the substitutions, insertions and deletions between two strings (Levenshtein distance).

    Args:
      reference: N symbols.
      hypothesis: M symbols.

    Examples:
      >>> count_errors("kitten", "sitting")
      3
    """
    row, columns = np.arange(len(hypothesis) + 1), np.arange(len(hypothesis) + 1)
    other = np.array([*hypothesis, ""], object)[:-1]
    for number, symbol in enumerate(reference, 1):
        best = np.minimum(row[1:] + 1, row[:-1] + (other != symbol))
        candidates = np.concatenate([[number], best]) - columns
        row = np.minimum.accumulate(candidates) + columns
    return int(row[-1])


def error_rate(pairs: Iterable[tuple[Sequence[str], Sequence[str]]]) -> float:
    """Computes the share of errors: all errors over all symbols of the right strings.

    Args:
      pairs: of the right string and the other one.

    Returns:
      The share, above 1 where there are more errors than symbols; 0 without a symbol.
    """
    errors = symbols = 0
    for reference, other in pairs:
        errors += count_errors(reference, other)
        symbols += len(reference)
    return errors / max(1, symbols)
