"""Classes: cumulative probabilities, draws, settings."""

import jax.numpy as jnp
import numpy as np
import pytest

from babble_jax.voice.distributions.categorical import Categorical
from babble_jax.voice.distributions.contract import Sampling


def test_temperature_and_top_k():
    classes, logits = Categorical(4), jnp.log(jnp.array([[0.1, 0.4, 0.3, 0.2]]))
    np.testing.assert_allclose(classes.cdf(logits, Sampling())[0], [0.1, 0.5, 0.8, 1.0], atol=1e-6)
    np.testing.assert_allclose(classes.cdf(logits, Sampling(top_k=2))[0], [0, 4 / 7, 1, 1], atol=1e-6)
    np.testing.assert_allclose(
        classes.cdf(logits, Sampling(temperature=0.5))[0], np.cumsum([1, 16, 9, 4]) / 30, atol=1e-6
    )
    with pytest.raises(ValueError, match="temperature"):
        Sampling(temperature=-1)


def test_a_draw_is_the_number_of_levels_below_the_uniform():
    classes, logits = Categorical(4), jnp.log(jnp.array([0.1, 0.4, 0.3, 0.2]))
    uniform = jnp.array([0.0, 0.09, 0.11, 0.49, 0.51, 0.79, 0.81, 0.999])
    rows = jnp.broadcast_to(logits, (8, 4))
    assert classes.sample(rows, uniform).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert classes.sample(rows, uniform, Sampling(0)).tolist() == [1] * 8
    assert classes.is_mode(rows, jnp.array([0, 1, 2, 3] * 2)).tolist() == [False, True, False, False] * 2
    np.testing.assert_allclose(classes.log_prob(rows[:4], jnp.arange(4)), logits, atol=1e-6)
