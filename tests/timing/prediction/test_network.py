"""The mixture-density network's distribution."""

import jax
import jax.numpy as jnp
import numpy as np
from scipy.stats import logistic

from babble_jax.timing.prediction.network import LogisticMixture


def test_a_mixture_is_its_components():
    weight, loc, scale = np.array([0.2, 0.5, 0.3]), np.array([-0.5, 0.1, 1.0]), np.array([0.1, 0.3, 2.0])
    mixture = LogisticMixture(jnp.log(weight), jnp.asarray(loc), jnp.asarray(scale))
    for y in (-20.0, -0.5, 0.0, 0.7, 20.0):
        density, above = logistic.pdf(y, loc, scale), logistic.sf(y, loc, scale)
        np.testing.assert_allclose(mixture.log_prob(y), np.log(weight @ density), rtol=1e-4)
        np.testing.assert_allclose(mixture.log_survival(y), np.log(weight @ above), rtol=1e-3, atol=1e-6)
    assert np.isfinite(jax.grad(mixture.log_prob)(20.0))
