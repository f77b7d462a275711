"""Likelihood of FTOs that are only known to a bin, as those of coarsely timed corpora are (interval censoring).

Axes: N floor-transfer offsets (FTOs), Q quadrature nodes. FTOs and widths of bins are seconds.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from babble_jax.timing.distributions.family import Family, Params

COARSE = 0.005
"""Seconds: from this width on a bin is told from a point. Below it the density hardly changes within a bin."""

_gauss, _gauss_weight = np.polynomial.legendre.leggauss(4)
# Two panels that meet at the offset itself: two-sided families jump at 0, which is the middle of a bin.
_NODE = np.concatenate([_gauss - 1, _gauss + 1]) / 4
_LOG_WEIGHT = np.log(np.concatenate([_gauss_weight, _gauss_weight]) / 4)


def log_mass(family: Family, params: Params, y: ArrayLike, width: ArrayLike) -> jax.Array:
    """Computes the log probability of [y - width / 2, y + width / 2] less log width, nats: the mean density of the bin.

    By quadrature of the density, not as a difference of two cdfs, which would be 0 in the tails; so it is
    finite wherever the log density is, and is the log density at width 0.

    Args:
      family: of the distribution.
      params: of the distribution.
      y: [N] seconds, the middle of each bin.
      width: [N] seconds, or one number.
    """
    y = jnp.asarray(y)
    width = jnp.broadcast_to(jnp.asarray(width, y.dtype), y.shape)
    shape = (-1,) + (1,) * y.ndim
    node, weight = (jnp.asarray(each, y.dtype).reshape(shape) for each in (_NODE, _LOG_WEIGHT))
    return jax.nn.logsumexp(family.log_prob(params, y[None] + node * width[None]) + weight, axis=0)


def bin_widths(time_resolution: np.ndarray) -> np.ndarray | None:
    """Returns the width of the bin of each FTO, [N] seconds, from the time resolution of its source, [N] seconds.

    It is 0 where that is finer than `COARSE`, and None where all are.
    """
    coarse = time_resolution >= COARSE - 1e-9
    return np.where(coarse, time_resolution, 0.0) if coarse.any() else None


def aggregate(y: np.ndarray, width: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Aggregates FTOs: the distinct ones with their widths, and the share of each; of binned ones there are few.

    FTOs that a difference of rounded times puts within a microsecond count as one.
    """
    pairs, count = np.unique(np.stack([np.round(y, 6), width]), axis=1, return_counts=True)
    return pairs[0], pairs[1], count / y.size
