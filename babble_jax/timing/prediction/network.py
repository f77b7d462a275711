"""A mixture-density network: the distribution of the next FTO as a function of covariates.

Axes: N FTOs, F inputs, J components, H hidden units. FTOs are seconds.

The distribution is a mixture of logistic ones: closed forms for density and distribution function, tails that stay
finite in float32, and with six components as good on the FTOs alone as any family (the mixture of normals
is, and differs in nothing that matters).

References: C. M. Bishop, Mixture Density Networks, Aston University NCRG/94/004 (1994), eq. 22-26.
"""

from typing import NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import logsumexp
from jax.typing import ArrayLike


class LogisticMixture(NamedTuple):
    """Logistic mixtures, each [..., J]: log weights that sum to 1, locations and scales in seconds."""

    log_weight: jax.Array
    loc: jax.Array
    scale: jax.Array

    def log_prob(self, y: ArrayLike) -> jax.Array:
        """Computes the log density, nats, of `y` [...] seconds."""
        z = self._z(y)
        return logsumexp(
            self.log_weight + jax.nn.log_sigmoid(z) + jax.nn.log_sigmoid(-z) - jnp.log(self.scale), axis=-1
        )

    def log_survival(self, y: ArrayLike) -> jax.Array:
        """Computes the log probability of more than `y` [...] seconds."""
        return logsumexp(self.log_weight + jax.nn.log_sigmoid(-self._z(y)), axis=-1)

    def _z(self, y: ArrayLike) -> jax.Array:
        return (jnp.asarray(y)[..., None] - self.loc) / self.scale


class MixtureDensityNetwork(nn.Module):
    """Two hidden layers, then a `LogisticMixture`.

    Attributes:
      components: J.
      hidden: H.
    """

    components: int = 6
    hidden: int = 48

    @nn.compact
    def __call__(self, x: jax.Array) -> LogisticMixture:
        """Computes the mixture for inputs [..., F], standardised."""
        if (
            x.shape[-1] == 0
        ):  # no covariates: one distribution for all, which needs something to be a function of
            x = jnp.zeros((*x.shape[:-1], 1))
        for _ in range(2):
            x = nn.silu(nn.Dense(self.hidden)(x))
        # Starts as one broad mixture for all inputs: components side by side over the usual FTOs.
        x = nn.Dense(3 * self.components, kernel_init=nn.initializers.normal(0.01), bias_init=self._bias)(x)
        logit, loc, log_scale = jnp.split(x, 3, axis=-1)
        return LogisticMixture(jax.nn.log_softmax(logit), loc, MIN_SCALE + jnp.exp(log_scale))

    def _bias(self, key: jax.Array, shape: tuple[int, ...], dtype: jnp.dtype) -> jax.Array:
        del key, shape
        loc = np.linspace(-0.8, 1.2, self.components)
        return jnp.concatenate([np.zeros(self.components), loc, np.full(self.components, -1.5)]).astype(dtype)


MIN_SCALE = 0.005
"""Seconds below which no component's scale goes: a spike on a repeated value would be worth any number of
nats in training."""
