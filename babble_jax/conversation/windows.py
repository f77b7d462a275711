"""Stretches of time that were observed.

Times are seconds, float64.
"""

from collections.abc import Iterable


def unite(windows: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Returns stretches (start, end) in order and apart: one of those that overlap or touch, none of empty ones."""
    united: list[tuple[float, float]] = []
    for start, end in sorted(windows):
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(united[-1][1], end))
        elif end > start:
            united.append((start, end))
    return united
