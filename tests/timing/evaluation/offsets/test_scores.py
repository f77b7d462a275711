"""Scores of distributions. Axes: N offsets."""

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.distributions.family import Family, Params
from babble_jax.timing.evaluation.offsets.scores import WORST, log_density, measure_tails, score_distribution

NORMAL = {"loc": 0.1, "scale": 0.5}


def crps(family: Family, params: Params, y: np.ndarray) -> float:
    return float(np.mean(score_distribution(family, params, y).crps))


def test_crps_of_a_normal_distribution_has_its_closed_form():
    """Gneiting & Raftery 2007, eq. 21: scale [z (2 F(z) - 1) + 2 f(z) - 1 / sqrt(pi)]."""
    for y in (-19.7, -1.0, 0.1, 0.1003, 0.8, 20.0):
        z = (y - NORMAL["loc"]) / NORMAL["scale"]
        normal = scipy.stats.norm
        expected = NORMAL["scale"] * (z * (2 * normal.cdf(z) - 1) + 2 * normal.pdf(z) - 1 / np.sqrt(np.pi))
        assert crps(FAMILIES["normal"], NORMAL, np.array([y])) == pytest.approx(expected, abs=1e-5)


def test_crps_of_a_narrow_far_component():
    """E|X - y| - E|X - X'| / 2 in closed form for a distribution that is all in one component of 10 ms at 3 s."""
    params = {
        "weight": np.array([1 - 1e-12, 1e-12]),
        "loc": np.array([3.0, 0.0]),
        "scale": np.array([0.01, 1.0]),
    }
    score = crps(FAMILIES["gaussian_mixture"], params, np.array([3.02]))
    normal, z = scipy.stats.norm, 2.0
    expected = 0.01 * (z * (2 * normal.cdf(z) - 1) + 2 * normal.pdf(z) - 1 / np.sqrt(np.pi))
    assert score == pytest.approx(expected, abs=1e-5)


def test_crps_of_heavy_tails_is_that_of_samples():
    """Against E|X - y| - E|X - X'| / 2 over quantiles of the distribution."""
    params = {"loc": 0.1, "scale": 0.3, "df": 3.0}
    y = np.array([-2.0, 0.0, 0.4, 3.0])
    x = scipy.stats.t.ppf((np.arange(200_000) + 0.5) / 200_000, 3.0, 0.1, 0.3)
    mean_difference = 2 * np.mean(x * (2 * (np.arange(len(x)) + 0.5) / len(x) - 1))
    expected = np.mean([np.mean(np.abs(x - one)) for one in y]) - mean_difference / 2
    assert crps(FAMILIES["student_t"], params, y) == pytest.approx(expected, abs=1e-4)


def test_crps_is_a_mean():
    y = np.array([-0.3, 0.7, 5.0])
    one_by_one = [crps(FAMILIES["normal"], NORMAL, np.array([value])) for value in y]
    assert crps(FAMILIES["normal"], NORMAL, y) == pytest.approx(np.mean(one_by_one), abs=1e-5)


def test_log_density_is_float64():
    y = np.array([0.1, 0.6])
    assert np.mean(log_density(FAMILIES["normal"], NORMAL, y)) == pytest.approx(
        np.mean(scipy.stats.norm.logpdf(y, 0.1, 0.5)), abs=1e-12
    )
    assert jnp.zeros(()).dtype == jnp.float32  # and the precision is what it was


@pytest.mark.parametrize("shift", [-0.05, 0.2])
def test_w1_of_a_shift_is_the_shift(shift):
    y = scipy.stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000, 0.1, 0.5)
    scores = score_distribution(FAMILIES["normal"], {"loc": 0.1 + shift, "scale": 0.5}, y)
    assert scores.w1_ms == pytest.approx(1000 * abs(shift), abs=0.1)
    assert score_distribution(FAMILIES["normal"], NORMAL, y).w1_ms < 0.15


def test_scores_are_per_offset():
    y = np.array([-0.3, 0.7, 2.5])
    scores = score_distribution(FAMILIES["normal"], NORMAL, y)
    np.testing.assert_allclose(scores.nats, scipy.stats.norm.logpdf(y, 0.1, 0.5), atol=1e-12)
    assert scores.crps.shape == (3,)
    normal = scipy.stats.norm(0.1, 0.5)
    assert scores.tails == pytest.approx(
        {"below_minus_1s": normal.cdf(-1), "above_1s": normal.sf(1), "above_2s": normal.sf(2)}, abs=1e-12
    )
    assert measure_tails(y) == pytest.approx({"below_minus_1s": 0, "above_1s": 1 / 3, "above_2s": 1 / 3})


def test_a_distribution_that_broke_down_is_never_the_best():
    """A side that has no probability above the shift of lengths has an infinite density there."""
    params = {"overlap": 0.4, "overlap_loc": -5465.6, "overlap_scale": 0.1, "gap_loc": -1.0, "gap_scale": 1.0}
    nats = log_density(FAMILIES["two_sided_log_normal"], params, np.array([-0.02, 0.3]))
    assert nats[0] == WORST
    assert nats[1] == pytest.approx(-0.6, abs=0.5)
