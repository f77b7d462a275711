"""A mixture of normal laws: flexible, still a short list of numbers.

Axes: N offsets, K components, G starts.
"""

import math
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtr
from jax.typing import ArrayLike

from babble_jax.timing.distributions.family import Params, along_last, check_ftos, spread
from babble_jax.timing.distributions.maximum_likelihood import maximum_likelihood

NARROWEST = 0.005
"""Seconds: the least scale of a component. Without a floor the likelihood has no maximum (a component can sit
on one offset), and word times on a grid would reward it."""


class GaussianMixture:
    """`components` normal laws with free weights, in order of their means.

    Fitted by expectation-maximisation from several starts on a subsample sample, then by gradients on all of
    it; the starts are seeded, so that the same offsets give the same law.
    """

    name: ClassVar[str] = "gaussian_mixture"
    shapes: ClassVar[dict[str, int]] = {"weight": 1, "loc": 1, "scale": 1}

    def __init__(self, components: int):
        self.components = components

    def log_prob(self, params: Params, y: ArrayLike) -> jax.Array:
        """Computes the log density, nats."""
        y = jnp.asarray(y)
        weight, loc, scale = (along_last(params[name], y) for name in self.shapes)
        z = (y[..., None] - loc) / scale
        log_part = jnp.log(weight) - jnp.log(scale) - 0.5 * (z**2 + math.log(2 * math.pi))
        return jax.nn.logsumexp(log_part, axis=-1)

    def cdf(self, params: Params, y: ArrayLike) -> jax.Array:
        """Computes the probability of at most `y`."""
        y = jnp.asarray(y)
        weight, loc, scale = (along_last(params[name], y) for name in self.shapes)
        return jnp.sum(weight * ndtr((y[..., None] - loc) / scale), axis=-1)

    def sample(self, params: Params, key: jax.Array, shape: tuple[int, ...] = ()) -> jax.Array:
        """Draws FTOs.

        Args:
          params: the parameters.
          key: PRNG key, consumed.
          shape: of the result.
        """
        which, noise = jax.random.split(key)
        k = jax.random.categorical(which, jnp.log(jnp.asarray(params["weight"])), shape=shape)
        z = jax.random.normal(noise, shape)
        return jnp.asarray(params["loc"])[k] + jnp.asarray(params["scale"])[k] * z

    def constrain(self, free: Params) -> Params:
        """Converts unconstrained parameters to parameters."""
        scale = NARROWEST + jnp.exp(free["log_scale"])
        return {"weight": jax.nn.softmax(free["logit"]), "loc": free["loc"], "scale": scale}

    def start(self, y: np.ndarray) -> Params:
        """The best of a few starts after expectation-maximisation on at most 2,000 evenly ranked offsets."""
        y = np.sort(y)
        if y.size > 2000:
            y = y[np.linspace(0, y.size - 1, 2000).astype(int)]
        weight, loc, scale = self._expectation_maximisation(y, *self._starts(y))
        return {"logit": np.log(weight), "loc": loc, "log_scale": np.log(scale - 0.99 * NARROWEST)}

    def fit(self, y: np.ndarray, width: np.ndarray | None = None) -> Params:
        """Maximum likelihood with every scale at least `NARROWEST`."""
        params = maximum_likelihood(self, check_ftos(y, self.name), width=width)
        order = np.argsort(params["loc"])
        return {name: value[order] for name, value in params.items()}

    def _starts(self, y: np.ndarray, count: int = 4) -> tuple[np.ndarray, np.ndarray]:
        """loc, scale: [G, K]; the first start by quantiles, the others from offsets drawn with a fixed
        seed.
        """
        rng = np.random.default_rng(0)
        by_rank = np.quantile(y, (np.arange(self.components) + 0.5) / self.components)
        loc = np.stack([by_rank, *(rng.choice(y, self.components) for _ in range(count - 1))])
        width = spread(y) * np.exp(rng.normal(0, 0.7, loc.shape))
        return loc, np.maximum(width, 2 * NARROWEST)

    def _expectation_maximisation(
        self, y: np.ndarray, loc: np.ndarray, scale: np.ndarray, steps: int = 50
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """weight, loc, scale: [K] of the start whose likelihood ends highest."""
        weight = np.full(loc.shape, 1 / self.components)
        score = np.zeros(len(loc))
        for _ in range(steps):
            z = (y[:, None, None] - loc) / scale  # [N, G, K]
            part = np.log(weight / scale) - 0.5 * z**2
            top = part.max(axis=-1, keepdims=True)
            density = np.exp(part - top)
            total = density.sum(axis=-1, keepdims=True)
            score = np.sum(top + np.log(total), axis=(0, 2))
            share = density / total
            mass = share.sum(axis=0) + 1e-9  # a component that lost all its offsets stays finite
            weight = mass / mass.sum(axis=-1, keepdims=True)
            loc = np.einsum("ngk,n->gk", share, y) / mass
            variance = np.einsum("ngk,ngk->gk", share, (y[:, None, None] - loc) ** 2) / mass
            scale = np.maximum(np.sqrt(variance), 2 * NARROWEST)
        best = int(np.argmax(score))
        return weight[best], loc[best], scale[best]
