"""The Johnson S_U distribution: skewed and heavy-tailed with four numbers.

Axes: N floor-transfer offsets (FTOs). `loc` and `scale` are seconds, everything else is a pure number.
"""

import copy
import math
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtr
from jax.typing import ArrayLike

from babble_jax.timing.distributions.family import Params, check_ftos, narrowest_scale, spread
from babble_jax.timing.distributions.maximum_likelihood import maximum_likelihood


class JohnsonSU:
    """Johnson S_U: z = shift + tail asinh((y - loc) / scale) is standard normal.

    Skewed by `shift` (negative: to the right), heavy-tailed for small `tail`. Of four numbers, the best family on
    Switchboard at both levels.

    References: N. L. Johnson, Biometrika 36 (1949), the system S_U; `shift` and `tail` are its gamma and
    delta.
    """

    name: ClassVar[str] = "johnson_su"
    shapes: ClassVar[dict[str, int]] = {"loc": 0, "scale": 0, "shift": 0, "tail": 0}

    narrowest: float = 0.0
    """Seconds: the least `scale` / `tail`, the width of the peak, in a fit."""

    def log_prob(self, params: Params, y: ArrayLike) -> jax.Array:
        """Computes the log density, nats."""
        u = (jnp.asarray(y) - params["loc"]) / params["scale"]
        z = params["shift"] + params["tail"] * jnp.arcsinh(u)
        jacobian = jnp.log(params["tail"]) - jnp.log(params["scale"]) - 0.5 * jnp.log1p(u**2)
        return jacobian - 0.5 * (z**2 + math.log(2 * math.pi))

    def cdf(self, params: Params, y: ArrayLike) -> jax.Array:
        """Computes the probability of at most `y`."""
        u = (jnp.asarray(y) - params["loc"]) / params["scale"]
        return ndtr(params["shift"] + params["tail"] * jnp.arcsinh(u))

    def sample(self, params: Params, key: jax.Array, shape: tuple[int, ...] = ()) -> jax.Array:
        """Draws FTOs.

        Args:
          params: the parameters.
          key: PRNG key, consumed.
          shape: of the result.
        """
        z = jax.random.normal(key, shape)
        return params["loc"] + params["scale"] * jnp.sinh((z - params["shift"]) / params["tail"])

    def start(self, y: np.ndarray) -> Params:
        """Returns a symmetric distribution with the median and spread of `y` and clearly heavy tails."""
        return {"loc": np.median(y), "log_scale": np.log(spread(y)), "shift": 0.0, "log_tail": 0.0}

    def constrain(self, free: Params) -> Params:
        """Converts unconstrained parameters to parameters."""
        params = {
            "loc": free["loc"],
            "scale": jnp.exp(free["log_scale"]),
            "shift": free["shift"],
            "tail": jnp.exp(free["log_tail"]),
        }
        if self.narrowest:
            params["scale"] += self.narrowest * params["tail"]
        return params

    def unconstrain(self, params: Params) -> Params:
        """Converts parameters to unconstrained ones: the inverse of `constrain`."""
        return {
            "loc": params["loc"],
            "log_scale": np.log(params["scale"]),
            "shift": params["shift"],
            "log_tail": np.log(params["tail"]),
        }

    def fit(self, y: np.ndarray, width: np.ndarray | None = None) -> Params:
        """Fits by maximum likelihood; no peak narrower than `narrowest_scale` of the FTOs."""
        y = check_ftos(y, self.name)
        params = maximum_likelihood(self, y, width=width)
        least = narrowest_scale(width)
        if (
            not params["scale"] >= least * params["tail"]
        ):  # fitted again rather than always, as in `GaussianMixture`
            wide = copy.copy(self)
            wide.narrowest = least
            params = maximum_likelihood(wide, y, width=width)
        return params
