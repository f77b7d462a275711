"""The randomized probability integral transform: uniform on [0, 1] if, and only if, the distribution is right.

Axes: N floor-transfer offsets (FTOs), J bins.

References: Dawid, J. R. Stat. Soc. A 147 (1984); randomized within bins: Czado, Gneiting & Held, Biometrics 65
(2009), eq. 1.
"""

import functools
from collections.abc import Callable

import jax
import numpy as np
import scipy.stats

from babble_jax.numerics import fixed_numerics
from babble_jax.timing.distributions.family import Family, Params
from babble_jax.timing.distributions.maximum_likelihood import FEW, pad, pad_size


@functools.cache
def compiled_cdf(family: Family) -> Callable[..., jax.Array]:
    """Returns the compiled cdf of a family, of parameters and FTOs."""
    return jax.jit(family.cdf)


def transform(family: Family, params: Params, y: np.ndarray, width: np.ndarray | None = None) -> np.ndarray:
    """Transforms FTOs by the cdf F, [N]: F(y), or a uniform draw between F at the two edges of the bin of an FTO.

    Args:
      family: of the distribution.
      params: of the distribution.
      y: [N] seconds.
      width: [N] seconds, of the bins of which `y` are the middles; None where the FTOs are exact.
    """
    size = len(y) if len(y) > FEW else pad_size(len(y))
    with fixed_numerics(x64=True):
        cdf = compiled_cdf(family)
        if width is None:
            return np.clip(np.asarray(cdf(params, pad(y, size)))[: len(y)], 0, 1)
        low, high = (np.asarray(cdf(params, pad(y + sign * width / 2, size)))[: len(y)] for sign in (-1, 1))
    u = np.random.default_rng(0).uniform(size=y.size)
    return np.clip(low + u * (high - low), 0, 1)


def kolmogorov(u: np.ndarray) -> float:
    """Computes the Kolmogorov-Smirnov distance of transformed FTOs, [N], from the uniform distribution."""
    u, step = np.sort(u), 1 / u.size
    rank = np.arange(u.size) * step
    return float(max(np.max(u - rank), np.max(rank + step - u)))


def band(count: int, bins: int) -> tuple[float, float]:
    """Computes the range of 95 % of single bins of a histogram of `count` independent transforms, as densities.

    FTOs of one call are not quite independent: the true band is somewhat wider.
    """
    low, high = scipy.stats.binom.ppf([0.025, 0.975], count, 1 / bins)
    return float(low * bins / count), float(high * bins / count)
