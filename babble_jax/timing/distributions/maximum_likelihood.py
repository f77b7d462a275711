"""Maximum likelihood for families that have a smooth density, of exact, truncated or binned FTOs.

Axes: N floor-transfer offsets (FTOs), in seconds. Fits run in float64.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Protocol

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from babble_jax.numerics import fixed_numerics
from babble_jax.timing.distributions.binned import aggregate, log_mass
from babble_jax.timing.distributions.family import Family, Params

FEW = 3000
"""FTOs up to which fits of one family share a compiled function: those of the folds of a small corpus compile once."""


class SmoothFamily(Family, Protocol):
    """A family that is fitted by gradients, over an unconstrained parametrisation."""

    def start(self, y: np.ndarray) -> Params:
        """Returns unconstrained parameters to begin the search from."""
        ...

    def constrain(self, free: Params) -> Params:
        """Converts unconstrained parameters to parameters."""
        ...

    def unconstrain(self, params: Params) -> Params:
        """Converts parameters to unconstrained ones: the inverse of `constrain`."""
        ...


def maximum_likelihood(
    family: SmoothFamily,
    y: np.ndarray,
    start: Params | Sequence[Params] | None = None,
    lower_bound: np.ndarray | None = None,
    width: np.ndarray | None = None,
    share: np.ndarray | None = None,
) -> Params:
    """Finds the parameters that maximise the mean log density of `y`, by L-BFGS in float64 with gradients from JAX.

    Args:
      family: the family to fit.
      y: [N] seconds.
      start: unconstrained parameters to begin from; of several the one that leads highest is taken;
        `family.start(y)` where absent.
      lower_bound: [N] seconds, below which each FTO could not have gone; the likelihood is then that of the
        distribution truncated there, log f(y) - log(1 - F(lower_bound)).
      width: [N] seconds, of bins of which only the middle is known (0: exact); the likelihood is then that of the bins,
        `log_mass`. Not together with `lower_bound`.
      share: [N] weights of the FTOs, whose sum is 1; all the same where absent. Not together with `lower_bound`.

    Returns:
      Constrained parameters, float64 arrays.
    """
    start = family.start(y) if start is None else start
    starts = [start] if isinstance(start, dict) else list(start)
    if share is None and lower_bound is None and len(y) <= FEW:
        share = np.full(len(y), 1 / len(y))
    if share is not None:
        return _weighted(family, y, starts, width, share)
    with fixed_numerics(x64=True):
        if width is None:
            values, bins, shares = jnp.asarray(y), None, None
        else:
            values, bins, shares = map(jnp.asarray, aggregate(y, width))
        bounds = None if lower_bound is None else jnp.asarray(lower_bound)
        unravel = ravel_pytree(starts[0])[1]

        def loss(flat: jax.Array) -> jax.Array:
            params = family.constrain(unravel(flat))
            if bins is not None and shares is not None:
                return -jnp.sum(shares * log_mass(family, params, values, bins))
            log_density = family.log_prob(params, values)
            if bounds is not None:
                # bounds lie left of the bulk, so 1 - F is far from 0 and needs no tail form
                log_density -= jnp.log1p(-family.cdf(params, bounds))
            return -jnp.mean(log_density)

        return _minimize(family, jax.jit(jax.value_and_grad(loss)), starts)


def _weighted(
    family: SmoothFamily, y: np.ndarray, starts: Sequence[Params], width: np.ndarray | None, share: np.ndarray
) -> Params:
    """Maximises the mean log density under weights; compiled once for a family and all numbers of FTOs up to a power
    of 2.
    """
    size = pad_size(len(y))
    with fixed_numerics(x64=True):
        data = [jnp.asarray(pad(one, size)) for one in (y, share, *([] if width is None else [width]))]
        value_and_grad = _weighted_loss(family)
        return _minimize(family, lambda flat: value_and_grad(flat, *data), starts)


@functools.cache
def _weighted_loss(family: SmoothFamily) -> Callable[..., tuple[jax.Array, jax.Array]]:
    unravel = ravel_pytree(family.start(np.linspace(-1, 1, 100)))[1]

    def loss(flat: jax.Array, y: jax.Array, share: jax.Array, width: jax.Array | None = None) -> jax.Array:
        params = family.constrain(unravel(flat))
        nats = family.log_prob(params, y) if width is None else log_mass(family, params, y, width)
        return -jnp.sum(share * nats)

    return jax.jit(jax.value_and_grad(loss))


def pad_size(count: int) -> int:
    """Returns the least power of 2, of 1,024 at least, that is no less than `count`."""
    return max(1024, 1 << (count - 1).bit_length())


def pad(values: np.ndarray, size: int) -> np.ndarray:
    """Appends zeros to `values`, [N], so that there are `size`."""
    return np.concatenate([values, np.zeros(size - len(values))])


def _minimize(
    family: SmoothFamily,
    value_and_grad: Callable[[jax.Array], tuple[jax.Array, jax.Array]],
    starts: Sequence[Params],
) -> Params:
    """Minimises by L-BFGS from each start; returns the constrained parameters of the least value."""
    import scipy.optimize  # only for fits

    unravel = ravel_pytree(starts[0])[1]

    def objective(flat: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = value_and_grad(jnp.asarray(flat))
        return float(value), np.asarray(gradient)

    ends = [
        scipy.optimize.minimize(
            objective,
            np.asarray(ravel_pytree(one)[0]),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": 500, "ftol": 1e-11, "gtol": 1e-6},
        )
        for one in starts
    ]
    best = min(ends, key=lambda end: end.fun)
    params = family.constrain(unravel(jnp.asarray(best.x)))
    return {name: np.asarray(value, np.float64) for name, value in params.items()}
