"""Intervals of medians over groups: coverage, ties, few groups."""

import numpy as np
import pytest
import scipy.stats

from babble_jax.timing.events.intervals import median_interval, student_quantile


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 7, 15, 57, 2193])
def test_the_quantile_is_that_of_student(degrees):
    assert student_quantile(degrees) == pytest.approx(scipy.stats.t.ppf(0.975, degrees), rel=2e-3)


@pytest.mark.parametrize("spread", [0.0, 0.5])
def test_the_interval_covers_the_median_of_the_population(spread):
    """Values of 12 groups of unequal size, whose means differ; an interval over values would cover half of the time."""
    draw = np.random.default_rng(0)
    group = np.repeat(np.arange(12), draw.integers(20, 60, 12))
    covered = 0
    for _ in range(400):
        values = draw.standard_normal(len(group)) + spread * draw.standard_normal(12)[group]
        low, high = median_interval(values, group) or (np.nan, np.nan)
        covered += low <= 0 <= high
    assert 0.92 <= covered / 400 <= 0.98


def test_names_of_groups_do_not_matter_and_neither_does_the_order():
    draw = np.random.default_rng(1)
    values, group = draw.standard_normal(200), draw.integers(0, 5, 200)
    order = draw.permutation(200)
    assert median_interval(values[order], 7 - group[order]) == median_interval(values, group)


def test_values_that_are_rounded():
    """Half of the values are the median itself; the interval is still around it."""
    draw = np.random.default_rng(2)
    low, high = median_interval(draw.integers(-1, 2, 900) / 10, np.repeat(np.arange(30), 30)) or (1.0, -1.0)
    assert (low, high) == (0.0, 0.0)


def test_few_groups():
    assert median_interval(np.zeros(0), np.zeros(0, int)) is None
    assert median_interval(np.arange(5.0), np.zeros(5, int)) is None
    low, high = median_interval(np.array([1.0, 2.0, 3.0, 9.0]), np.array([0, 0, 1, 1])) or (0.0, 0.0)
    assert (low, high) == (1.0, 9.0)  # two groups say next to nothing
