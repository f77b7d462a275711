"""Intervals over groups, the PIT, W1 and tails. Axes: N offsets, G groups."""

import re

import numpy as np
import pytest
import scipy.stats

from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.evaluation.offsets import pit
from babble_jax.timing.evaluation.offsets.bootstrap import group_means, intervals
from babble_jax.timing.evaluation.offsets.scores import data_tails, scores
from babble_jax.timing.splits import straddling

NORMAL = {"loc": 0.1, "scale": 0.5}


def test_group_means_have_the_error_of_a_mean_of_groups():
    """40 groups of 25 equal offsets: the standard error is that of 40 values, not of 1,000."""
    draw = np.random.default_rng(0)
    level = draw.normal(0, 1, 40)
    values, group = np.repeat(level, 25), np.repeat(np.arange(40), 25)
    found = group_means(values[None], group, draws=4000)[0]
    assert np.std(found) == pytest.approx(np.std(level) / np.sqrt(40), rel=0.05)
    alone = group_means(values[None], np.arange(1000), draws=4000)[0]
    assert np.std(alone) == pytest.approx(np.std(level) / np.sqrt(1000), rel=0.05)


def test_groups_of_different_size_give_a_mean_over_offsets():
    """Two groups, of 1 and of 3 offsets: the only means are those of both, of the first, of the second."""
    found = group_means(np.array([[4.0, 0.0, 0.0, 0.0]]), np.array(["b", "a", "a", "a"]), draws=500)[0]
    assert set(np.round(found, 12)) == {0.0, 1.0, 4.0}
    assert np.mean(found == 1.0) == pytest.approx(0.5, abs=0.08)


def test_intervals_cover():
    """Of 200 samples of grouped values with mean 0, some 95 % of the intervals hold it."""
    draw = np.random.default_rng(1)
    group = np.repeat(np.arange(60), 10)
    held = 0
    for _ in range(200):
        values = draw.normal(0, 1, 60)[group] + draw.normal(0, 1, 600)
        low = intervals(values[None], group)[0]
        held += low.low <= 0 <= low.high
    assert 180 <= held <= 198


def test_differences_are_paired():
    """Rows that differ by a constant differ by it in every draw, however much the groups vary."""
    values = np.random.default_rng(2).normal(0, 5, 300)
    found = group_means(np.stack([values, values - 0.01]), np.repeat(np.arange(30), 10))
    np.testing.assert_allclose(found[0] - found[1], 0.01, atol=1e-12)


def test_kolmogorov_is_scipys():
    u = np.random.default_rng(3).beta(1.1, 1, 400)
    assert pit.kolmogorov(u) == pytest.approx(scipy.stats.kstest(u, "uniform").statistic, abs=1e-14)
    assert pit.kolmogorov(np.array([0.5, 0.5])) == pytest.approx(0.5)


def test_randomized_pit_of_rounded_offsets_is_uniform():
    """Only the randomized one: rounded to 0.5 s the plain transform has a few values."""
    y = np.round(np.random.default_rng(4).normal(0.1, 0.5, 5000) / 0.5) * 0.5
    plain = pit.transform(FAMILIES["normal"], NORMAL, y)
    spread = pit.transform(FAMILIES["normal"], NORMAL, y, np.full(5000, 0.5))
    assert scipy.stats.kstest(spread, "uniform").pvalue > 0.01
    assert scipy.stats.kstest(plain, "uniform").pvalue < 1e-10


def test_band_holds_95_percent_of_bins():
    low, high = pit.band(2000, 20)
    draw = np.random.default_rng(5)
    heights = np.stack([np.histogram(draw.uniform(size=2000), 20, (0, 1))[0] for _ in range(200)]) / 100
    assert np.mean((heights >= low) & (heights <= high)) == pytest.approx(0.955, abs=0.015)


@pytest.mark.parametrize("shift", [-0.05, 0.2])
def test_w1_of_a_shift_is_the_shift(shift):
    y = scipy.stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000, 0.1, 0.5)
    found = scores(FAMILIES["normal"], {"loc": 0.1 + shift, "scale": 0.5}, y)
    assert found.w1_ms == pytest.approx(1000 * abs(shift), abs=0.1)
    assert scores(FAMILIES["normal"], NORMAL, y).w1_ms < 0.15


def test_scores_are_per_offset():
    y = np.array([-0.3, 0.7, 2.5])
    found = scores(FAMILIES["normal"], NORMAL, y)
    np.testing.assert_allclose(found.nats, scipy.stats.norm.logpdf(y, 0.1, 0.5), atol=1e-12)
    assert found.crps.shape == (3,)
    law = scipy.stats.norm(0.1, 0.5)
    assert found.tails == pytest.approx(
        {"below_minus_1s": law.cdf(-1), "above_1s": law.sf(1), "above_2s": law.sf(2)}, abs=1e-12
    )
    assert data_tails(y) == pytest.approx({"below_minus_1s": 0, "above_1s": 1 / 3, "above_2s": 1 / 3})


@pytest.mark.parametrize(
    ("train", "heldout", "sentence"),
    [
        ("ab", "cd", "No speaker is on both"),
        ("ABAB", "AB", r"names \(A, B\) are those of channels"),
        ("abcdef", "efgh", "2 of the 4 held-out speakers"),
        ("abcdefg", "abcde", "5 of the 5 held-out speakers"),
    ],
)
def test_who_may_straddle_the_split(train, heldout, sentence):
    assert re.search(sentence, straddling(list(train), list(heldout)))
