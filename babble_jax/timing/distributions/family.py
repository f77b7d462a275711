"""What every law of offsets offers, and maximum likelihood for those that have a smooth density.

Axes: N offsets. Offsets are seconds, any sign. Parameters are a dict of arrays, and so a pytree: functions of
them can be jitted, vmapped and differentiated. Fits run in float64; evaluation takes the precision that JAX
is set to.
"""

import json
from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

import jax
import jax.numpy as jnp
import numpy as np
import scipy.optimize
from jax.flatten_util import ravel_pytree
from jax.typing import ArrayLike

from babble_jax.errors import BabbleError
from babble_jax.timing.distributions.censored import distinct, log_mass

Params = dict[str, Any]

FEWEST = 10
"""Distinct offsets without which no law is fitted."""


class Family(Protocol):
    """A family of laws over the real line; `shapes` names its parameters and gives each one's rank."""

    name: ClassVar[str]
    shapes: ClassVar[dict[str, int]]

    def log_prob(self, params: Params, y: ArrayLike) -> jax.Array:
        """Log density at `y`, nats; finite, with finite gradients, for |y| up to 20 s in float32 too."""
        ...

    def cdf(self, params: Params, y: ArrayLike) -> jax.Array:
        """Probability of an offset of at most `y`."""
        ...

    def sample(self, params: Params, key: jax.Array, shape: tuple[int, ...] = ()) -> jax.Array:
        """Draws offsets. key: PRNG key, consumed."""
        ...

    def fit(self, y: np.ndarray, width: np.ndarray | None = None) -> Params:
        """Parameters for `y`, [N] seconds, in float64; `width`, [N], as in `maximum_likelihood`."""
        ...


class Smooth(Family, Protocol):
    """A family that is fitted by gradients, over an unconstrained parametrisation."""

    def start(self, y: np.ndarray) -> Params:
        """Where the search begins, in unconstrained parameters."""
        ...

    def constrain(self, free: Params) -> Params:
        """Parameters from unconstrained ones."""
        ...


def check_offsets(y: ArrayLike, name: str) -> np.ndarray:
    """`y` as [N] float64 seconds.

    Raises:
      BabbleError: a value that is not finite, or too few distinct ones for any fit.
    """
    y = np.asarray(y, np.float64).ravel()
    if not np.isfinite(y).all():
        raise BabbleError(f"{name}: some offsets are not finite; remove them.")
    if np.unique(y).size < FEWEST:
        raise BabbleError(
            f"{name}: {y.size} offsets, of which fewer than {FEWEST} differ, are too few for a fit; "
            "give more conversations."
        )
    return y


def spread(y: np.ndarray) -> float:
    """A scale for starting values that outliers do not move: the interquartile range of a normal law is 1.349
    SD.
    """
    low, high = np.quantile(y, [0.25, 0.75])
    return float((high - low) / 1.349) or float(np.std(y))


def along_last(values: ArrayLike, y: jax.Array) -> jax.Array:
    """`values`, [K], in a shape that meets `y[..., None]` without rank promotion."""
    return jnp.asarray(values).reshape((1,) * y.ndim + (-1,))


def maximum_likelihood(
    family: Smooth,
    y: np.ndarray,
    start: Params | Sequence[Params] | None = None,
    lower: np.ndarray | None = None,
    width: np.ndarray | None = None,
) -> Params:
    """Parameters that maximise the mean log density of `y`, by L-BFGS in float64 with gradients from JAX.

    Args:
      family: the family to fit.
      y: [N] seconds.
      start: unconstrained parameters to begin from; of several the one counts that leads highest;
        `family.start(y)` where absent.
      lower: [N] seconds, bounds that each offset could not have gone below; the likelihood is then that of
        the laws truncated there, log f(y) - log(1 - F(lower)).
      width: [N] seconds, of cells of which only the middle is known (0: exact); the likelihood is then that
        of the cells, `log_mass`. Not together with `lower`.

    Returns:
      Constrained parameters, float64 arrays.
    """
    with jax.enable_x64(True):
        if width is None:
            values, cell, share = jnp.asarray(y), None, None
        else:
            values, cell, share = map(jnp.asarray, distinct(y, width))
        bounds = None if lower is None else jnp.asarray(lower)
        start = family.start(y) if start is None else start
        starts = [start] if isinstance(start, dict) else start
        unravel = ravel_pytree(starts[0])[1]

        def loss(flat: jax.Array) -> jax.Array:
            params = family.constrain(unravel(flat))
            if cell is not None and share is not None:
                return -jnp.sum(share * log_mass(family, params, values, cell))
            log_density = family.log_prob(params, values)
            if bounds is not None:
                # bounds lie left of the bulk, so 1 - F is far from 0 and needs no tail form
                log_density -= jnp.log1p(-family.cdf(params, bounds))
            return -jnp.mean(log_density)

        value_and_grad = jax.jit(jax.value_and_grad(loss))

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


def to_json(params: Params) -> dict[str, Any]:
    """Parameters as plain numbers and lists; exact, since JSON keeps every digit of a float64."""
    return {name: np.asarray(value, np.float64).tolist() for name, value in params.items()}


def from_json(family: Family, values: dict[str, Any]) -> Params:
    """Parameters as float64 arrays from what `to_json` gave.

    Raises:
      ValueError: a parameter that is missing, unknown, of the wrong rank or not a finite number; one
      sentence, as
        the rules of a config have it.
    """
    if not isinstance(values, dict) or set(values) != set(family.shapes):
        raise ValueError(
            f"the family {family.name} takes the parameters {', '.join(family.shapes)}; "
            f"{', '.join(values) or 'none'} given"
        )
    params = {}
    for name, rank in family.shapes.items():
        try:
            value = np.asarray(values[name], np.float64)
        except (TypeError, ValueError):
            value = np.asarray(np.nan)
        if value.ndim != rank or value.size == 0 or not np.isfinite(value).all():
            kind = "a finite number" if rank == 0 else "a list of finite numbers"
            shown = json.dumps(values[name], default=str)[:40]
            raise ValueError(f"the parameter {name} of {family.name} must be {kind}, not {shown}")
        params[name] = value
    return params
