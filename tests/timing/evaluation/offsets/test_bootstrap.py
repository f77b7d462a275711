"""Means over groups and their intervals. Axes: N offsets, G groups."""

import numpy as np
import pytest

from babble_jax.timing.evaluation.offsets.bootstrap import bootstrap_intervals, group_means


def test_group_means_have_the_error_of_a_mean_of_groups():
    """40 groups of 25 equal offsets: the standard error is that of 40 values, not of 1,000."""
    draw = np.random.default_rng(0)
    mean = draw.normal(0, 1, 40)
    values, group = np.repeat(mean, 25), np.repeat(np.arange(40), 25)
    resampled = group_means(values[None], group, draws=4000)[0]
    assert np.std(resampled) == pytest.approx(np.std(mean) / np.sqrt(40), rel=0.05)
    alone = group_means(values[None], np.arange(1000), draws=4000)[0]
    assert np.std(alone) == pytest.approx(np.std(mean) / np.sqrt(1000), rel=0.05)


def test_groups_of_different_size_give_a_mean_over_offsets():
    """Two groups, of 1 and of 3 offsets: the only means are those of both, of the first, of the second."""
    resampled = group_means(np.array([[4.0, 0.0, 0.0, 0.0]]), np.array(["b", "a", "a", "a"]), draws=500)[0]
    assert set(np.round(resampled, 12)) == {0.0, 1.0, 4.0}
    assert np.mean(resampled == 1.0) == pytest.approx(0.5, abs=0.08)


def test_intervals_cover():
    """Of 200 samples of grouped values with mean 0, some 95 % of the intervals hold it."""
    draw = np.random.default_rng(1)
    group = np.repeat(np.arange(60), 10)
    covered = 0
    for _ in range(200):
        values = draw.normal(0, 1, 60)[group] + draw.normal(0, 1, 600)
        interval = bootstrap_intervals(values[None], group)[0]
        covered += interval.low <= 0 <= interval.high
    assert 180 <= covered <= 198


def test_differences_are_paired():
    """Rows that differ by a constant differ by it in every draw, however much the groups vary."""
    values = np.random.default_rng(2).normal(0, 5, 300)
    resampled = group_means(np.stack([values, values - 0.01]), np.repeat(np.arange(30), 10))
    np.testing.assert_allclose(resampled[0] - resampled[1], 0.01, atol=1e-12)
