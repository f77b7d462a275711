"""Three symmetric families: normal, logistic and Student's t.

Axes: N floor-transfer offsets (FTOs), in seconds. `loc` and `scale` are seconds, everything else is a pure number.
"""

import math
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special
from jax.scipy.special import gammaln, ndtr
from jax.typing import ArrayLike

from babble_jax.timing.distributions.family import Params, along_last, check_ftos, spread
from babble_jax.timing.distributions.maximum_likelihood import maximum_likelihood

LOG_2PI = math.log(2 * math.pi)


class Normal:
    """Normal: the baseline that every other family beats on FTOs, whose tails are heavier."""

    name: ClassVar[str] = "normal"
    shapes: ClassVar[dict[str, int]] = {"loc": 0, "scale": 0}

    def log_prob(self, params: Params, y: ArrayLike) -> jax.Array:
        """Computes the log density, nats."""
        z = (jnp.asarray(y) - params["loc"]) / params["scale"]
        return -0.5 * (z**2 + LOG_2PI) - jnp.log(params["scale"])

    def cdf(self, params: Params, y: ArrayLike) -> jax.Array:
        """Computes the probability of at most `y`."""
        return ndtr((jnp.asarray(y) - params["loc"]) / params["scale"])

    def sample(self, params: Params, key: jax.Array, shape: tuple[int, ...] = ()) -> jax.Array:
        """Draws FTOs.

        Args:
          params: the parameters.
          key: PRNG key, consumed.
          shape: of the result.
        """
        return params["loc"] + params["scale"] * jax.random.normal(key, shape)

    def start(self, y: np.ndarray) -> Params:
        """Returns the mean and the standard deviation."""
        return {"loc": np.mean(y), "log_scale": np.log(np.std(y))}

    def constrain(self, free: Params) -> Params:
        """Converts unconstrained parameters to parameters."""
        return {"loc": free["loc"], "scale": jnp.exp(free["log_scale"])}

    def unconstrain(self, params: Params) -> Params:
        """Converts parameters to unconstrained ones: the inverse of `constrain`."""
        return {"loc": params["loc"], "log_scale": np.log(params["scale"])}

    def fit(self, y: np.ndarray, width: np.ndarray | None = None) -> Params:
        """Fits mean and standard deviation (dividing by N), which are the maximum-likelihood values."""
        y = check_ftos(y, self.name)
        if width is not None:
            return maximum_likelihood(self, y, width=width)
        return {"loc": np.mean(y), "scale": np.std(y)}


class Logistic:
    """Logistic: exponential tails on both sides."""

    name: ClassVar[str] = "logistic"
    shapes: ClassVar[dict[str, int]] = {"loc": 0, "scale": 0}

    def log_prob(self, params: Params, y: ArrayLike) -> jax.Array:
        """Computes the log density, nats."""
        z = (jnp.asarray(y) - params["loc"]) / params["scale"]
        return jax.nn.log_sigmoid(z) + jax.nn.log_sigmoid(-z) - jnp.log(params["scale"])

    def cdf(self, params: Params, y: ArrayLike) -> jax.Array:
        """Computes the probability of at most `y`."""
        return jax.nn.sigmoid((jnp.asarray(y) - params["loc"]) / params["scale"])

    def sample(self, params: Params, key: jax.Array, shape: tuple[int, ...] = ()) -> jax.Array:
        """Draws FTOs.

        Args:
          params: the parameters.
          key: PRNG key, consumed.
          shape: of the result.
        """
        return params["loc"] + params["scale"] * jax.random.logistic(key, shape)

    def start(self, y: np.ndarray) -> Params:
        """Returns the median, and the scale that has the interquartile range of `y`."""
        return {"loc": np.median(y), "log_scale": np.log(0.6 * spread(y))}

    def constrain(self, free: Params) -> Params:
        """Converts unconstrained parameters to parameters."""
        return {"loc": free["loc"], "scale": jnp.exp(free["log_scale"])}

    def unconstrain(self, params: Params) -> Params:
        """Converts parameters to unconstrained ones: the inverse of `constrain`."""
        return {"loc": params["loc"], "log_scale": np.log(params["scale"])}

    def fit(self, y: np.ndarray, width: np.ndarray | None = None) -> Params:
        """Fits by maximum likelihood."""
        return maximum_likelihood(self, check_ftos(y, self.name), width=width)


class StudentT:
    """Student's t: tails of a power, the same on both sides.

    Its degrees of freedom stay between 0.5 and 100, where the quadrature of `cdf` is exact to rounding;
    beyond 100 the distribution is a normal one for every purpose here.
    """

    name: ClassVar[str] = "student_t"
    shapes: ClassVar[dict[str, int]] = {"loc": 0, "scale": 0, "df": 0}
    _low, _high = 0.5, 100.0
    _node, _weight = np.polynomial.legendre.leggauss(64)

    def log_prob(self, params: Params, y: ArrayLike) -> jax.Array:
        """Computes the log density, nats."""
        df = params["df"]
        z = (jnp.asarray(y) - params["loc"]) / params["scale"]
        kernel = -0.5 * (df + 1) * jnp.log1p(z**2 / df)
        return kernel + self._log_norm(df) - 0.5 * jnp.log(df) - jnp.log(params["scale"])

    def cdf(self, params: Params, y: ArrayLike) -> jax.Array:
        """Probability of at most `y`.

        By quadrature, since JAX's incomplete beta function has no gradient in its parameters. With the angle
        t = atan2(sqrt(df), |z|) the tail is C times the integral of sin(v)^(df - 1) over [0, t]; v = t u^4
        smooths the end where df < 1 makes that singular, and 64 Gauss-Legendre nodes then do.
        """
        df = jnp.asarray(params["df"])
        z = (jnp.asarray(y) - params["loc"]) / params["scale"]
        below = z < 0
        angle = jnp.arctan2(jnp.sqrt(df), jnp.where(below, -z, z))  # not abs: its gradient at 0 is 0
        u = (self._node + 1) / 2
        power = along_last(jnp.asarray(u**4, angle.dtype), angle)
        weight = along_last(jnp.asarray(self._weight / 2 * 4 * u**3, angle.dtype), angle)
        total = jnp.sum(weight * jnp.sin(angle[..., None] * power) ** (df - 1), axis=-1)
        tail = angle * total * jnp.exp(self._log_norm(df))
        return jnp.where(below, tail, 1 - tail)

    def sample(self, params: Params, key: jax.Array, shape: tuple[int, ...] = ()) -> jax.Array:
        """Draws FTOs.

        Args:
          params: the parameters.
          key: PRNG key, consumed.
          shape: of the result.
        """
        return params["loc"] + params["scale"] * jax.random.t(key, jnp.asarray(params["df"], float), shape)

    def start(self, y: np.ndarray) -> Params:
        """Returns the median, a robust scale and about 4 degrees of freedom."""
        return {"loc": np.median(y), "log_scale": np.log(0.9 * spread(y)), "logit_df": -3.3}

    def constrain(self, free: Params) -> Params:
        """Converts unconstrained parameters to parameters."""
        df = self._low + (self._high - self._low) * jax.nn.sigmoid(free["logit_df"])
        return {"loc": free["loc"], "scale": jnp.exp(free["log_scale"]), "df": df}

    def unconstrain(self, params: Params) -> Params:
        """Converts parameters to unconstrained ones: the inverse of `constrain`."""
        share = (params["df"] - self._low) / (self._high - self._low)
        return {
            "loc": params["loc"],
            "log_scale": np.log(params["scale"]),
            "logit_df": scipy.special.logit(share),
        }

    def fit(self, y: np.ndarray, width: np.ndarray | None = None) -> Params:
        """Fits by maximum likelihood."""
        return maximum_likelihood(self, check_ftos(y, self.name), width=width)

    @staticmethod
    def _log_norm(df: ArrayLike) -> jax.Array:
        df = jnp.asarray(df)
        return gammaln((df + 1) / 2) - gammaln(df / 2) - 0.5 * math.log(math.pi)
