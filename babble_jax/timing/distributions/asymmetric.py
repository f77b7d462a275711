"""Two families whose sides differ: the asymmetric Laplace and the skew-normal distributions.

Axes: N floor-transfer offsets (FTOs), in seconds; K quadrature nodes.
"""

import math
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import log_ndtr, ndtr
from jax.typing import ArrayLike

from babble_jax.timing.distributions.family import Params, along_last, check_ftos, spread
from babble_jax.timing.distributions.maximum_likelihood import maximum_likelihood

NARROWEST = 0.001
"""Seconds: the least mean of a side of the asymmetric Laplace distribution; without an FTO there it would be 0."""


class AsymmetricLaplace:
    """Asymmetric Laplace: exponential on either side of `loc`, of means `left` and `right`, continuous there.

    References: Kotz, Kozubowski & Podgorski, *The Laplace Distribution and Generalizations*, 2001, ch. 3,
    with left and right for their sigma kappa / sqrt(2) and sigma / (kappa sqrt(2)).
    """

    name: ClassVar[str] = "asymmetric_laplace"
    shapes: ClassVar[dict[str, int]] = {"loc": 0, "left": 0, "right": 0}

    def log_prob(self, params: Params, y: ArrayLike) -> jax.Array:
        """Computes the log density, nats."""
        x = jnp.asarray(y) - params["loc"]
        fall = jnp.where(x < 0, x / params["left"], -x / params["right"])
        return fall - jnp.log(params["left"] + params["right"])

    def cdf(self, params: Params, y: ArrayLike) -> jax.Array:
        """Computes the probability of at most `y`."""
        x = jnp.asarray(y) - params["loc"]
        left, right = params["left"], params["right"]
        below = x < 0
        lower = left * jnp.exp(jnp.where(below, x, 0.0) / left)
        upper = right * jnp.exp(-jnp.where(below, 0.0, x) / right)
        return jnp.where(below, lower / (left + right), 1 - upper / (left + right))

    def sample(self, params: Params, key: jax.Array, shape: tuple[int, ...] = ()) -> jax.Array:
        """Draws values as the difference of two independent exponential waits.

        Args:
          params: of the distribution.
          key: PRNG key, consumed.
          shape: of the result.
        """
        down, up = jax.random.exponential(key, (2, *shape))
        return params["loc"] - params["left"] * down + params["right"] * up

    def start(self, y: np.ndarray) -> Params:
        """Returns the closed-form fit, as unconstrained parameters."""
        params = self.fit(y)
        return {
            "loc": params["loc"],
            "log_left": np.log(params["left"]),
            "log_right": np.log(params["right"]),
        }

    def constrain(self, free: Params) -> Params:
        """Converts unconstrained parameters to parameters."""
        return {
            "loc": free["loc"],
            "left": jnp.exp(free["log_left"]),
            "right": jnp.exp(free["log_right"]),
        }

    def unconstrain(self, params: Params) -> Params:
        """Converts parameters to unconstrained ones: the inverse of `constrain`."""
        return {
            "loc": params["loc"],
            "log_left": np.log(params["left"]),
            "log_right": np.log(params["right"]),
        }

    def fit(self, y: np.ndarray, width: np.ndarray | None = None) -> Params:
        """Fits by maximum likelihood, in closed form for exact FTOs.

        With a and b the means of (loc - y)+ and (y - loc)+, the best sides for a given loc are
        sqrt(a) s and sqrt(b) s, s = sqrt(a) + sqrt(b), and the log likelihood is -2 log s - 1 per FTO.
        Between two neighbouring FTOs a and b are linear in loc and s is concave, so the best loc is an FTO.
        """
        y = check_ftos(y, self.name)
        if width is not None:
            return maximum_likelihood(self, y, width=width)
        y = np.sort(y)
        rank = np.arange(y.size)
        before = np.concatenate([[0.0], np.cumsum(y)[:-1]])
        a = np.maximum(rank * y - before, 0) / y.size
        b = np.maximum(a + np.mean(y) - y, 0)  # b - a is the mean of y - loc
        best = int(np.argmin(np.sqrt(a) + np.sqrt(b)))
        down, up = np.sqrt(a[best]), np.sqrt(b[best])
        params = {
            "loc": y[best],
            "left": max(down * (down + up), NARROWEST),
            "right": max(up * (down + up), NARROWEST),
        }
        return {name: np.asarray(value, np.float64) for name, value in params.items()}


class SkewNormal:
    """Skew-normal: the density is 2 phi(z) Phi(skew z) / scale, z = (y - loc) / scale.

    References: Azzalini, Scand. J. Stat. 12 (1985).
    """

    name: ClassVar[str] = "skew_normal"
    shapes: ClassVar[dict[str, int]] = {"loc": 0, "scale": 0, "skew": 0}
    _node, _weight = np.polynomial.legendre.leggauss(64)

    def log_prob(self, params: Params, y: ArrayLike) -> jax.Array:
        """Computes the log density, nats."""
        z = (jnp.asarray(y) - params["loc"]) / params["scale"]
        lean = log_ndtr(params["skew"] * z)
        return lean - 0.5 * (z**2 + math.log(math.pi / 2)) - jnp.log(params["scale"])

    def cdf(self, params: Params, y: ArrayLike) -> jax.Array:
        """Probability of at most `y`.

        Within one scale of `loc` it is Phi(z) - 2 T(z, skew), T being Owen's function. Farther out those two
        would cancel; both are integrals over the same angle (Craig's form), and their difference is
        1 / pi x the integral of exp(-z^2 / (2 cos^2 v)) over v from atan(skew) to pi / 2 for z < 0, of which
        every part is positive; z > 0 is its mirror image.
        """
        skew = jnp.asarray(params["skew"])
        z = (jnp.asarray(y) - params["loc"]) / params["scale"]
        near = jnp.abs(z) < 1
        central = ndtr(z) - 2 * self._owen(jnp.where(near, z, 0.0), skew)
        tail = self._tail(jnp.where(near, 1.0, jnp.where(z < 0, -z, z)), jnp.where(z < 0, skew, -skew))
        return jnp.where(near, central, jnp.where(z < 0, tail, 1 - tail))

    def sample(self, params: Params, key: jax.Array, shape: tuple[int, ...] = ()) -> jax.Array:
        """Draws FTOs.

        Args:
          params: the parameters.
          key: PRNG key, consumed.
          shape: of the result.
        """
        one, other = jax.random.normal(key, (2, *shape))
        skew = jnp.asarray(params["skew"])
        z = (skew * jnp.abs(one) + other) / jnp.sqrt(1 + skew**2)
        return params["loc"] + params["scale"] * z

    def start(self, y: np.ndarray) -> Params:
        """Returns parameters that lean as `y` does (no lean would be a saddle point of the likelihood)."""
        import scipy.stats  # only for fits

        lean = float(np.sign(scipy.stats.skew(y))) or 1.0
        return {"loc": np.median(y) - lean * 0.5 * spread(y), "log_scale": np.log(np.std(y)), "skew": lean}

    def constrain(self, free: Params) -> Params:
        """Converts unconstrained parameters to parameters."""
        return {"loc": free["loc"], "scale": jnp.exp(free["log_scale"]), "skew": free["skew"]}

    def unconstrain(self, params: Params) -> Params:
        """Converts parameters to unconstrained ones: the inverse of `constrain`."""
        return {"loc": params["loc"], "log_scale": np.log(params["scale"]), "skew": params["skew"]}

    def fit(self, y: np.ndarray, width: np.ndarray | None = None) -> Params:
        """Fits by maximum likelihood."""
        return maximum_likelihood(self, check_ftos(y, self.name), width=width)

    def _owen(self, h: jax.Array, a: jax.Array) -> jax.Array:
        """Computes Owen's T(h, a): the integral of exp(-h^2 (1 + t^2) / 2) / (1 + t^2) / (2 pi) over t from 0 to a.

        Its range is brought to at most 1 by T(h, a) = Phi(h) / 2 + Phi(a h) / 2 - Phi(h) Phi(a h)
        - T(a h, 1 / a), less 1/2 for a < 0 (Owen, Ann. Math. Stat. 27 (1956), eq. 2.3).
        """
        long = jnp.abs(a) > 1
        end = jnp.where(long, 1 / jnp.where(long, a, 1.0), a)
        argument = jnp.where(long, a * h, h)
        t = end * along_last((self._node + 1) / 2, argument).astype(argument.dtype)
        weight = along_last(self._weight / 2, argument).astype(argument.dtype)
        inner = jnp.exp(-0.5 * argument[..., None] ** 2 * (1 + t**2)) / (1 + t**2)
        short = end * jnp.sum(weight * inner, axis=-1) / (2 * math.pi)
        phi, phi_a = ndtr(h), ndtr(a * h)
        turned = 0.5 * (phi + phi_a) - phi * phi_a - jnp.where(a < 0, 0.5, 0.0) - short
        return jnp.where(long, turned, short)

    def _tail(self, h: jax.Array, a: jax.Array) -> jax.Array:
        """Computes the probability below -h of the standard distribution of skew `a`, for h at least 1."""
        begin = jnp.arctan(a)
        width = math.pi / 2 - begin
        v = begin[..., None] + width[..., None] * along_last((self._node + 1) / 2, h).astype(h.dtype)
        inner = jnp.exp(-0.5 * (h[..., None] / jnp.cos(v)) ** 2)
        weight = along_last(self._weight / 2, h).astype(h.dtype)
        return width * jnp.sum(weight * inner, axis=-1) / math.pi
