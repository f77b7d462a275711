"""The ex-Gaussian: a normal plus an exponential wait, the usual distribution of reaction times.

Axes: N floor-transfer offsets (FTOs), in seconds.
"""

import math
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import log_ndtr, ndtr
from jax.typing import ArrayLike

from babble_jax.timing.distributions.family import Params, check_ftos, spread
from babble_jax.timing.distributions.maximum_likelihood import maximum_likelihood

_FAR = 10.0
_SERIES = [float((-1) ** n * np.prod(np.arange(1, 2 * n, 2))) for n in range(8, -1, -1)]


def log_mills(x: jax.Array) -> jax.Array:
    """Computes the log of Mills' ratio of the standard normal distribution, (1 - Phi(x)) / phi(x).

    Beyond 10 by its asymptotic series, whose first term left out is below 1e-10 there: log Phi(-x) and x^2 / 2 would
    cancel.
    """
    far = x > _FAR
    away, near = jnp.where(far, x, _FAR), jnp.where(far, 0.0, x)
    series = jnp.polyval(jnp.asarray(_SERIES, x.dtype), 1 / away**2, unroll=1)
    direct = log_ndtr(-near) + 0.5 * near**2 + 0.5 * math.log(2 * math.pi)
    return jnp.where(far, jnp.log(series) - jnp.log(away), direct)


class ExGaussian:
    """`loc` + `scale` x a standard normal + an exponential wait of mean `tau`: a thin left tail, an
    exponential right one.

    With z = (y - loc) / scale, r = scale / tau, m Mills' ratio and phi the standard normal density, the
    density is phi(z) m(r - z) / tau and the cdf Phi(z) - phi(z) m(r - z) (from the convolution; Luce,
    *Response Times*, 1986, ch. 1). Both are evaluated as logarithms, in the form that cancels nothing large.
    """

    name: ClassVar[str] = "ex_gaussian"
    shapes: ClassVar[dict[str, int]] = {"loc": 0, "scale": 0, "tau": 0}

    def log_prob(self, params: Params, y: ArrayLike) -> jax.Array:
        """Computes the log density, nats."""
        z, r = self._standard(params, y)
        return self._log_rest(z, r) - jnp.log(params["tau"])

    def cdf(self, params: Params, y: ArrayLike) -> jax.Array:
        """Computes the probability of at most `y`; in the left tail with a small relative error too."""
        z, r = self._standard(params, y)
        below = z < 0
        left, right = jnp.where(below, z, 0.0), jnp.where(below, 0.0, z)
        normal, wait = log_mills(-left), log_mills(r - left)
        log_phi = -0.5 * (left**2 + math.log(2 * math.pi))
        tail = -jnp.exp(log_phi + normal) * jnp.expm1(wait - normal)
        return jnp.where(below, tail, ndtr(right) - jnp.exp(self._log_rest(right, r)))

    def sample(self, params: Params, key: jax.Array, shape: tuple[int, ...] = ()) -> jax.Array:
        """Draws FTOs.

        Args:
          params: the parameters.
          key: PRNG key, consumed.
          shape: of the result.
        """
        centre, wait = jax.random.split(key)
        normal = params["loc"] + params["scale"] * jax.random.normal(centre, shape)
        return normal + params["tau"] * jax.random.exponential(wait, shape)

    def start(self, y: np.ndarray) -> Params:
        """Returns a `loc` a little left of the median, and two thirds of the spread for either part."""
        s = spread(y)
        return {"loc": np.median(y) - 0.5 * s, "log_scale": np.log(0.7 * s), "log_tau": np.log(0.7 * s)}

    def constrain(self, free: Params) -> Params:
        """Converts unconstrained parameters to parameters."""
        return {"loc": free["loc"], "scale": jnp.exp(free["log_scale"]), "tau": jnp.exp(free["log_tau"])}

    def unconstrain(self, params: Params) -> Params:
        """Converts parameters to unconstrained ones: the inverse of `constrain`."""
        return {
            "loc": params["loc"],
            "log_scale": np.log(params["scale"]),
            "log_tau": np.log(params["tau"]),
        }

    def fit(self, y: np.ndarray, width: np.ndarray | None = None) -> Params:
        """Fits by maximum likelihood."""
        return maximum_likelihood(self, check_ftos(y, self.name), width=width)

    @staticmethod
    def _standard(params: Params, y: ArrayLike) -> tuple[jax.Array, jax.Array]:
        scale = params["scale"]
        return (jnp.asarray(y) - params["loc"]) / scale, jnp.asarray(scale / params["tau"])

    @staticmethod
    def _log_rest(z: jax.Array, r: jax.Array) -> jax.Array:
        """Computes the log of phi(z) m(r - z), the density times tau."""
        early = z < r
        left, right = jnp.where(early, z, r), jnp.where(early, r, z)
        by_mills = -0.5 * (left**2 + math.log(2 * math.pi)) + log_mills(r - left)
        return jnp.where(early, by_mills, r * (0.5 * r - right) + log_ndtr(right - r))
