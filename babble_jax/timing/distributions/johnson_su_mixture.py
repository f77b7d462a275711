"""A mixture of two Johnson S_U distributions: as close to the FTOs as a kernel density, with ten numbers.

Axes: N floor-transfer offsets (FTOs), K = 2 components. `loc` and `scale` are seconds, everything else is a pure
number.
"""

from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from babble_jax.timing.distributions.family import (
    NARROWEST,
    Params,
    along_last,
    check_ftos,
    narrowest_scale,
    spread,
)
from babble_jax.timing.distributions.johnson_su import JohnsonSU
from babble_jax.timing.distributions.maximum_likelihood import maximum_likelihood

STARTS = (((0.4, 0.6), (-1.0, 0.3), (1.0, 0.7)), ((0.7, 0.3), (0.0, 0.0), (0.7, 2.0)))
"""The starts of the search: weights, and for each component loc (from the median) and scale, both in spreads.
One start parts left and right, the other peak and tails: on Switchboard each leads highest at one level."""

MOST_TAIL = 10.0
"""Above it a component is normal for every purpose here, and the search would run along a ridge for ever."""


class JohnsonSUMixture:
    """A mixture of two distributions of `JohnsonSU`. One lends the peak, both the two heavy and unlike tails."""

    name: ClassVar[str] = "johnson_su_mixture"
    shapes: ClassVar[dict[str, int]] = {"weight": 1, "loc": 1, "scale": 1, "shift": 1, "tail": 1}
    _part = JohnsonSU()

    def log_prob(self, params: Params, y: ArrayLike) -> jax.Array:
        """Computes the log density, nats."""
        y = jnp.asarray(y)
        row = self._rows(params, y)
        return jax.nn.logsumexp(jnp.log(row["weight"]) + self._part.log_prob(row, y[..., None]), axis=-1)

    def cdf(self, params: Params, y: ArrayLike) -> jax.Array:
        """Computes the probability of at most `y`."""
        y = jnp.asarray(y)
        row = self._rows(params, y)
        return jnp.sum(row["weight"] * self._part.cdf(row, y[..., None]), axis=-1)

    def sample(self, params: Params, key: jax.Array, shape: tuple[int, ...] = ()) -> jax.Array:
        """Draws FTOs.

        Args:
          params: the parameters.
          key: PRNG key, consumed.
          shape: of the result.
        """
        which, noise = jax.random.split(key)
        k = jax.random.categorical(which, jnp.log(jnp.asarray(params["weight"])), shape=shape)
        component = {name: jnp.asarray(params[name])[k] for name in self.shapes}
        return self._part.sample(component, noise, shape)

    def start(self, y: np.ndarray) -> Params:
        """Returns the first of the two starts."""
        return self._start(y, *STARTS[0])

    def constrain(self, free: Params) -> Params:
        """Converts unconstrained parameters to parameters."""
        return {
            "weight": jax.nn.softmax(free["logit"]),
            "loc": free["loc"],
            "scale": NARROWEST + jnp.exp(free["log_scale"]),
            "shift": free["shift"],
            "tail": MOST_TAIL * jax.nn.sigmoid(free["logit_tail"]),
        }

    def unconstrain(self, params: Params) -> Params:
        """Converts parameters to unconstrained ones: the inverse of `constrain`."""
        tail = np.clip(np.asarray(params["tail"]) / MOST_TAIL, 1e-9, 1 - 1e-9)
        return {
            "logit": np.log(np.maximum(params["weight"], 1e-9)),
            "loc": params["loc"],
            "log_scale": np.log(np.maximum(np.subtract(params["scale"], NARROWEST), 1e-6)),
            "shift": params["shift"],
            "logit_tail": np.log(tail / (1 - tail)),
        }

    def fit(self, y: np.ndarray, width: np.ndarray | None = None) -> Params:
        """Fits by maximum likelihood, the better of two starts; the heavier component first.

        The core of a component, whose width is scale / tail where `shift` is small and more elsewhere, is no narrower
        than `narrowest_scale` of the FTOs.
        """
        y, least = check_ftos(y, self.name), narrowest_scale(width)
        starts = [self._start(y, *start) for start in STARTS]
        best = maximum_likelihood(self, y, starts, width=width)
        if (
            np.min(core_width(best)) < least
        ):  # fitted again rather than always, so that other fits stay as they are
            best = maximum_likelihood(_WideMixture(least), y, starts, width=width)
        order = np.argsort(-best["weight"])
        return {name: value[order] for name, value in best.items()}

    @staticmethod
    def _start(y: np.ndarray, weight: tuple, loc: tuple, scale: tuple) -> Params:
        unit = spread(y)
        return {
            "logit": np.log(weight),
            "loc": np.median(y) + unit * np.array(loc),
            "log_scale": np.log(unit * np.array(scale)),
            "shift": np.zeros(2),
            "logit_tail": np.full(2, -2.2),
        }

    def _rows(self, params: Params, y: jax.Array) -> Params:
        return {name: along_last(params[name], y) for name in self.shapes}


class _WideMixture(JohnsonSUMixture):
    """The mixture whose components have cores of a least width, seconds; only its parametrisation differs."""

    def __init__(self, least: float):
        self._least = least

    def constrain(self, free: Params) -> Params:
        params = super().constrain(free)
        tail = params["tail"]
        scale = self._least * jnp.maximum(tail, 1.0) + jnp.exp(free["log_scale"])
        return params | {"scale": scale}


def core_width(params: Params) -> np.ndarray:
    """Returns the least widths of the cores of the components, [K] seconds: scale / tail, and scale where that is
    less.
    """
    return np.asarray(params["scale"]) / np.maximum(np.asarray(params["tail"]), 1.0)
