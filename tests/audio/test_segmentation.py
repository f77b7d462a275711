"""Segmentation by dynamic programming: the least cost, equal to plain Python, and by blocks as at once."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.audio.segmentation import segment_by_blocks, segment_dp


@settings(deadline=None)  # the first example compiles
@given(st.integers(1, 5), st.integers(1, 3), st.floats(0, 3), st.integers(0, 2**31))
def test_no_other_sequence_has_a_lower_cost(frames, count, change, seed):
    cost = np.random.default_rng(seed).uniform(0, 2, (frames, count))

    def total_cost(symbols):
        return cost[np.arange(frames), list(symbols)].sum() + change * np.count_nonzero(np.diff(symbols))

    best = segment_dp(cost, change)
    assert total_cost(best) == pytest.approx(
        min(map(total_cost, itertools.product(range(count), repeat=frames)))
    )


def segment_in_python(cost, change):
    """The algorithm frame by frame in plain numpy."""
    frames, count = cost.shape
    total, stays = cost[0].astype(np.float64), np.zeros((frames, count), bool)
    best = np.zeros(frames, np.int64)
    for f in range(1, frames):
        best[f] = np.argmin(total)
        total_after_change = total[best[f]] + change
        stays[f] = total <= total_after_change
        total = np.where(stays[f], total, total_after_change) + cost[f]
    symbols = np.zeros(frames, np.int64)
    symbols[-1] = np.argmin(total)
    for f in range(frames - 1, 0, -1):
        symbols[f - 1] = symbols[f] if stays[f, symbols[f]] else best[f]
    return symbols


@pytest.mark.parametrize("kind", ["float32", "float64", "ties"])
@pytest.mark.parametrize(("frames", "count"), [(1, 2), (2, 64), (700, 5), (400, 256)])
def test_it_is_equal_to_plain_python_at_once_and_by_blocks(frames, count, kind):
    draws = np.random.default_rng(frames)
    cost = draws.uniform(0, 30, (frames, count)).astype("float64" if kind == "float64" else "float32")
    if kind == "ties":
        cost = np.floor(cost / 10)
    for change in (0.0, 2.0, 12.0):
        expected = segment_in_python(cost, change)
        np.testing.assert_array_equal(segment_dp(cost, change), expected)
        for block in (1, 7, 300):
            symbols = segment_by_blocks(lambda a, b: cost[a:b], frames, count, change, block)
            np.testing.assert_array_equal(symbols, expected)
