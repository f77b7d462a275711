"""A discretized mixture of logistics: it is a distribution, samples follow it, and gradients stay finite."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.voice.distributions.contract import Sampling
from babble_jax.voice.distributions.logistic_mixture import DiscretizedLogisticMixture

Q = 65_536
MIXTURE = DiscretizedLogisticMixture(Q)
each_case = given(seed=st.integers(0, 999), spread=st.sampled_from([0.0, 0.3, 3.0, 30.0, 300.0]))
few = settings(deadline=None, max_examples=8)


def outputs(seed, spread, components=10, rows=1):
    """Numbers of a model: means within and far outside of the range, scales of less than a bin and of all of it."""
    return jnp.asarray(
        np.random.default_rng(seed).normal(scale=spread, size=(rows, 3 * components)), jnp.float32
    )


@functools.cache
def log_probs(q_levels, components=10):
    """Log-probabilities [Q] of all levels, compiled once."""
    mixture = DiscretizedLogisticMixture(q_levels, components)
    levels = jnp.arange(q_levels)
    return jax.jit(lambda row: mixture.log_prob(jnp.broadcast_to(row, (q_levels, row.shape[-1])), levels))


@few
@each_case
def test_the_probabilities_of_all_levels_sum_to_one(seed, spread):
    row = outputs(seed, spread)
    log_prob = np.asarray(log_probs(Q)(row), np.float64)
    assert np.all(np.isfinite(log_prob))
    assert np.exp(log_prob).sum() == pytest.approx(1, abs=2e-4)
    # The cdf, from which samples are drawn, is that of the same probabilities.
    levels = np.arange(0, Q, 997)
    below = MIXTURE.cdf(row, jnp.asarray(levels)[None])[0]
    np.testing.assert_allclose(below, np.cumsum(np.exp(log_prob))[levels], atol=2e-4)


@few
@given(seed=st.integers(0, 999))
def test_a_log_probability_is_that_of_equation_2(seed):
    """In float64, by the plain difference of sigmoids, where it has digits left."""
    levels, row = 256, outputs(seed, 1.0, 3)
    logits, means, log_scales = np.split(np.asarray(row[0], np.float64), 3)
    means, scales = 0.1 * means, np.exp(np.maximum(log_scales - 3, -2 + np.log(2 / levels)))
    edges = np.arange(levels + 1) * 2 / levels - 1
    edges[0], edges[-1] = -np.inf, np.inf
    weights = scipy.special.softmax(logits)
    prob = np.diff(weights @ scipy.special.expit((edges - means[:, None]) / scales[:, None]))
    ours = np.asarray(log_probs(levels, 3)(row))
    np.testing.assert_allclose(np.exp(ours), prob, atol=1e-5)
    np.testing.assert_allclose(ours[prob > 1e-9], np.log(prob[prob > 1e-9]), atol=1e-3)


@few
@given(
    seed=st.integers(0, 999),
    spread=st.sampled_from([0.0, 1.0, 100.0]),
    level=st.sampled_from([0, 1, Q // 2, Q - 2, Q - 1]),
)
def test_gradients_are_finite_at_the_edges(seed, spread, level):
    value, gradient = _derivative(outputs(seed, spread), jnp.array([level]))
    assert np.isfinite(value)
    assert np.all(np.isfinite(gradient))


_derivative = jax.jit(jax.value_and_grad(lambda row, level: MIXTURE.log_prob(row, level)[0]))
_draw = jax.jit(MIXTURE.sample, static_argnums=2)


@few
@each_case
def test_samples_follow_the_cdf(seed, spread):
    """A uniform at the middle of every 512th part of [0, 1): the share of samples up to a level is its cdf."""
    row = outputs(seed, spread)
    uniform = (jnp.arange(512) + 0.5) / 512
    samples = np.asarray(_draw(jnp.broadcast_to(row, (512, 30)), uniform, Sampling()))
    assert np.all(np.diff(samples) >= 0)  # a sample grows with its uniform
    assert samples.min() >= 0
    assert samples.max() < Q
    levels = np.arange(0, Q, 331)
    empirical = np.searchsorted(samples, levels, side="right") / 512
    below = np.asarray(MIXTURE.cdf(row, jnp.asarray(levels)[None])[0])
    assert np.abs(empirical - below).max() <= 0.51 / 512


@pytest.mark.parametrize(
    "q_levels",
    [pytest.param(n, marks=() if n == 20 else pytest.mark.slow) for n in (2, 16, 17, 20, 256, 4000)],
)
def test_the_level_is_the_number_of_cumulative_probabilities_up_to_the_uniform(q_levels):
    mixture = DiscretizedLogisticMixture(q_levels, 3)
    rows, uniform = (
        outputs(1, 1.0, 3, 50),
        jnp.asarray(np.random.default_rng(2).uniform(size=50), jnp.float32),
    )
    edges = mixture.cdf(rows, jnp.broadcast_to(jnp.arange(q_levels), (50, q_levels)), 0.7)
    expected = np.sum(np.asarray(edges) <= np.asarray(uniform)[:, None], axis=-1)
    np.testing.assert_array_equal(mixture.sample(rows, uniform, Sampling(0.7)), expected)


def test_temperature():
    """Below 1 it narrows; at 0 it takes the mode; a top k is of classes."""
    row = jnp.array([[1.0, 0.0, 2.5, -5.0, 1.0, 1.0]])  # two components, weights 0.73 and 0.27
    mixture = DiscretizedLogisticMixture(Q, 2)
    levels = jnp.arange(0, Q, 4096)[None]
    below = [mixture.cdf(row, levels, t)[0] for t in (0.1, 1.0, 1.5)]
    spreads = [float(jnp.sum(jnp.minimum(one, 1 - one))) for one in below]
    assert spreads[0] < spreads[1] < spreads[2]
    mode = int(1.25 * Q / 2)
    assert mixture.sample(row, jnp.zeros(1), Sampling(0)).tolist() == [mode]
    assert mixture.is_mode(jnp.tile(row, (2, 1)), jnp.array([mode, mode + 1])).tolist() == [True, False]
    narrow = row.at[0, 5].set(-4)  # the second component is lighter, and has the higher peak
    assert mixture.sample(narrow, jnp.zeros(1), Sampling(0)).tolist() == [int(0.5 * Q / 2)]
    with pytest.raises(ValueError, match="top_k selects among classes"):
        mixture.sample(row, jnp.zeros(1), Sampling(top_k=3))
