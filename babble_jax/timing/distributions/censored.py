"""Likelihood of offsets that are only known to a cell of a grid, as those of coarsely timed corpora are.

Axes: N offsets, Q quadrature nodes. Offsets and widths are seconds.
"""

from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

if TYPE_CHECKING:
    from babble_jax.timing.distributions.family import Family, Params

COARSE = 0.005
"""Seconds: a grid from which on the width of its cells counts. Below it the density hardly changes within one."""

_gauss, _gauss_weight = np.polynomial.legendre.leggauss(4)
# Two panels that meet at the offset itself: hurdle laws jump at 0, which is a point of every grid.
_NODE = np.concatenate([_gauss - 1, _gauss + 1]) / 4
_LOG_WEIGHT = np.log(np.concatenate([_gauss_weight, _gauss_weight]) / 4)


def log_mass(family: "Family", params: "Params", y: ArrayLike, width: ArrayLike) -> jax.Array:
    """Log probability of [y - width / 2, y + width / 2] less log width, nats: the mean density of the cell.

    By quadrature of the density, not as a difference of two cdfs, which would be 0 in the tails; so it is
    finite wherever the log density is, and is the log density at width 0.

    Args:
      family: the law.
      params: its parameters.
      y: [N] middle of each cell.
      width: [N] or one number.
    """
    y = jnp.asarray(y)
    width = jnp.broadcast_to(jnp.asarray(width, y.dtype), y.shape)
    shape = (-1,) + (1,) * y.ndim
    node, weight = (jnp.asarray(each, y.dtype).reshape(shape) for each in (_NODE, _LOG_WEIGHT))
    return jax.nn.logsumexp(family.log_prob(params, y[None] + node * width[None]) + weight, axis=0)


def bin_widths(grid: np.ndarray) -> np.ndarray | None:
    """[N] widths of the offsets' cells, from the grid of each; 0 where it is finer than `COARSE`, None if all
    are.
    """
    coarse = grid >= COARSE - 1e-9
    return np.where(coarse, grid, 0.0) if coarse.any() else None


def distinct(y: np.ndarray, width: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The distinct offsets with their widths, and the share of each: on a grid there are few.

    Offsets that a difference of rounded times puts within a microsecond count as one.
    """
    pairs, count = np.unique(np.stack([np.round(y, 6), width]), axis=1, return_counts=True)
    return pairs[0], pairs[1], count / y.size
