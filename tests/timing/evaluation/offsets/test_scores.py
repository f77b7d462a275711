"""Held-out scores and the split. Axes: N offsets."""

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

from babble_jax.errors import BabbleError
from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.splits import crps, in_train, nats, split

NORMAL = {"loc": 0.1, "scale": 0.5}


def test_crps_of_a_normal_law_has_its_closed_form():
    """Gneiting & Raftery 2007, eq. 21: scale [z (2 F(z) - 1) + 2 f(z) - 1 / sqrt(pi)]."""
    for y in (-19.7, -1.0, 0.1, 0.1003, 0.8, 20.0):
        z = (y - NORMAL["loc"]) / NORMAL["scale"]
        law = scipy.stats.norm
        expected = NORMAL["scale"] * (z * (2 * law.cdf(z) - 1) + 2 * law.pdf(z) - 1 / np.sqrt(np.pi))
        assert crps(FAMILIES["normal"], NORMAL, np.array([y])) == pytest.approx(expected, abs=1e-5)


def test_crps_of_a_narrow_far_component():
    """E|X - y| - E|X - X'| / 2 in closed form for a law that is all in one component of 10 ms at 3 s."""
    params = {
        "weight": np.array([1 - 1e-12, 1e-12]),
        "loc": np.array([3.0, 0.0]),
        "scale": np.array([0.01, 1.0]),
    }
    score = crps(FAMILIES["gaussian_mixture"], params, np.array([3.02]))
    law, z = scipy.stats.norm, 2.0
    expected = 0.01 * (z * (2 * law.cdf(z) - 1) + 2 * law.pdf(z) - 1 / np.sqrt(np.pi))
    assert score == pytest.approx(expected, abs=1e-5)


def test_crps_of_heavy_tails_is_that_of_samples():
    """Against E|X - y| - E|X - X'| / 2 over quantiles of the law."""
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


def test_nats_are_float64_means():
    y = np.array([0.1, 0.6])
    assert nats(FAMILIES["normal"], NORMAL, y) == pytest.approx(
        np.mean(scipy.stats.norm.logpdf(y, 0.1, 0.5)), abs=1e-12
    )
    assert jnp.zeros(()).dtype == jnp.float32  # and the precision is what it was


def test_split_by_sha256_of_the_group():
    # the first 8 bytes as `printf a | sha256sum` prints them
    assert in_train("b")  # 3e23e8160039594a, a quarter of the way
    assert in_train("g") == (0xCD0AA9856147B6C5 / 2**64 < 0.8)  # 0.801, held out
    assert in_train("a") == (0xCA978112CA1BBDCA / 2**64 < 0.8)  # 0.791
    share = np.mean([in_train(f"call-{i}") for i in range(5000)])
    assert share == pytest.approx(0.8, abs=0.02)


def test_split_never_parts_a_group():
    groups = [f"pair-{i % 37}" for i in range(400)]
    train = split(groups)
    for group in set(groups):
        assert len({bool(side) for side, name in zip(train, groups, strict=True) if name == group}) == 1
    np.testing.assert_array_equal(split(groups[::-1]), train[::-1])


@pytest.mark.parametrize("groups", [[], ["same"] * 50])
def test_a_split_needs_groups_on_both_sides(groups):
    with pytest.raises(BabbleError, match=f"All {len(groups)} conversations"):
        split(groups)


@pytest.mark.parametrize("side", [True, False])
def test_few_groups_that_fall_on_one_side_are_parted_all_the_same(side):
    names = [f"quad-{i}" for i in range(100) if in_train(f"quad-{i}") == side][:8]
    train = split([*names, *names])
    np.testing.assert_array_equal(train[:8], train[8:])
    assert np.count_nonzero(~train[:8]) == 2  # a fifth of 8, rounded up
    np.testing.assert_array_equal(split(names[::-1]), train[:8][::-1])
    assert np.count_nonzero(~split(names[:2])) == 1
