"""Defines what every family of distributions of FTOs offers, and its parameters as JSON.

Axes: N floor-transfer offsets (FTOs), in seconds, any sign. Parameters are a dict of arrays, and so a pytree:
functions of them can be jitted, vmapped and differentiated. Fits run in float64; evaluation takes the precision that
JAX is set to. So do the draws of a family, while a `TimingModel` draws the same FTOs whatever JAX is set to.
"""

import json
from typing import Any, ClassVar, Protocol

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from babble_jax.errors import BabbleError

Params = dict[str, Any]

_POSITIVE = {"scale", "left", "right", "tau", "tail", "df", "shape", "step", "bandwidth"}
_SHARES = {"weight", "overlap", "density"}
_LARGEST = 1e9
MOST_VALUES = 200_000
"""Components of a mixture, or nodes of a density."""
FEWEST = 10
"""Distinct FTOs without which no distribution is fitted."""
NARROWEST = 0.005
"""Seconds: the least scale of a component, a side or a peak. Without it the likelihood has no maximum (a component can
sit on one FTO, a side on equal ones), and word times that are rounded would reward it."""


class Family(Protocol):
    """A family of distributions over the real line; `shapes` gives the rank of each parameter by its name."""

    name: ClassVar[str]
    shapes: ClassVar[dict[str, int]]

    def log_prob(self, params: Params, y: ArrayLike) -> jax.Array:
        """Computes the log density at `y`, nats; finite, with finite gradients, for |y| up to 20 s in float32 too."""
        ...

    def cdf(self, params: Params, y: ArrayLike) -> jax.Array:
        """Computes the probability of an FTO of at most `y`."""
        ...

    def sample(self, params: Params, key: jax.Array, shape: tuple[int, ...] = ()) -> jax.Array:
        """Draws FTOs.

        Args:
          params: the parameters.
          key: PRNG key, consumed.
          shape: of the result.
        """
        ...

    def fit(self, y: np.ndarray, width: np.ndarray | None = None) -> Params:
        """Fits the parameters to `y`, [N] seconds, in float64; `width`, [N], as in `maximum_likelihood`."""
        ...


def check_ftos(y: ArrayLike, name: str) -> np.ndarray:
    """Returns `y` as [N] float64 seconds, fit for `Family.fit`.

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
    """Estimates a scale for starting values, seconds, that outliers do not move.

    The interquartile range of a normal distribution is 1.349 standard deviations.
    """
    low, high = np.quantile(y, [0.25, 0.75])
    return float((high - low) / 1.349) or float(np.std(y))


def narrowest_scale(width: np.ndarray | None) -> float:
    """Returns the least scale of a component, seconds: the time resolution of the FTOs, `NARROWEST` at least.

    Args:
      width: [N] seconds, of the bins of which the FTOs are the middles; None where they are exact.
    """
    return NARROWEST if width is None else max(NARROWEST, float(np.max(width)))


def along_last(values: ArrayLike, y: jax.Array) -> jax.Array:
    """Reshapes `values`, [K], so that it meets `y[..., None]` without rank promotion."""
    return jnp.asarray(values).reshape((1,) * y.ndim + (-1,))


def to_json(params: Params) -> dict[str, Any]:
    """Converts parameters to plain numbers and lists; exact, since JSON keeps every digit of a float64."""
    return {name: np.asarray(value, np.float64).tolist() for name, value in params.items()}


def from_json(family: Family, values: dict[str, Any]) -> Params:
    """Reads parameters, float64 arrays, from the values that `to_json` returned.

    Raises:
      ValueError: a parameter that is missing, unknown, of the wrong rank or not a finite number; one sentence,
        as the rules of a config have it.
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
    _check_ranges(family.name, params)
    return params


def _check_ranges(family: str, params: Params) -> None:
    """Raises `ValueError` where a distribution could not have such parameters."""
    lengths = {value.size for value in params.values() if value.ndim}
    if len(lengths) > 1 or max(lengths, default=0) > MOST_VALUES:
        raise ValueError(f"the lists of {family} must be equally long, of {MOST_VALUES} values at most")
    for name, value in params.items():
        kind = name.rsplit("_", 1)[-1]
        if np.abs(value).max() > _LARGEST or (kind in _POSITIVE and value.min() <= 0):
            positive = "positive and " if kind in _POSITIVE else ""
            raise ValueError(
                f"the parameter {name} of {family} must be {positive}no larger than {_LARGEST:g}"
            )
        if (kind in _SHARES and value.min() < 0) or (kind in ("overlap", "weight") and value.max() > 1):
            raise ValueError(f"the parameter {name} of {family} must be a share, or shares, from 0 to 1")
        if kind in _SHARES and value.ndim and not value.sum() > 0:
            raise ValueError(f"the parameter {name} of {family} must not be 0 throughout")
