"""Scores of a distribution on held-out FTOs; those that are means are returned per FTO.

Axes: N floor-transfer offsets (FTOs), X points. FTOs are seconds, nats are natural logarithms.
"""

import dataclasses
import functools
from collections.abc import Callable

import jax
import numpy as np

from babble_jax.numerics import fixed_numerics
from babble_jax.timing.distributions.binned import log_mass
from babble_jax.timing.distributions.family import Family, Params
from babble_jax.timing.distributions.maximum_likelihood import FEW, pad, pad_size
from babble_jax.timing.evaluation.offsets import pit

TAILS = {"below_minus_1s": -1.0, "above_1s": 1.0, "above_2s": 2.0}
"""Seconds: the edge of each tail."""

WORST = -1000.0
"""Nats of an FTO under a distribution that broke down, whose log density there is no finite number: it is never the
best."""


@dataclasses.dataclass(frozen=True, eq=False)
class Scores:
    """The scores of one distribution.

    Attributes:
      nats: [N] log density, nats; of the FTO's bin where it has a width.
      crps: [N] continuous ranked probability score, seconds.
      ks: Kolmogorov-Smirnov distance between the FTOs and the distribution.
      w1_ms: Wasserstein-1 distance between them, milliseconds.
      tails: probability of each tail of `TAILS`.
    """

    nats: np.ndarray
    crps: np.ndarray
    ks: float
    w1_ms: float
    tails: dict[str, float]


def score_distribution(
    family: Family, params: Params, y: np.ndarray, width: np.ndarray | None = None
) -> Scores:
    """Scores a distribution on FTOs.

    The CRPS and W1 are integrals over the line, taken once, by the trapezoid rule at 40,001 points that lie 0.3 to
    0.6 ms apart within 1 s and farther outside: the CRPS within 1e-5 s for distributions no narrower than 10 ms.

    Args:
      family: of the distribution.
      params: of the distribution.
      y: [N] seconds.
      width: [N] seconds, of the bins of which `y` are the middles; None where the FTOs are exact.
    """
    points = integration_points(y)
    with fixed_numerics(x64=True):
        cdf = pit.compiled_cdf(family)
        values = np.asarray(cdf(params, points))
        at = dict(zip(TAILS, np.asarray(cdf(params, np.array(list(TAILS.values())))).tolist(), strict=True))
        nats = log_density(family, params, y, width)
    tails = {name: 1 - at[name] if name.startswith("above") else at[name] for name in TAILS}
    return Scores(
        nats=nats,
        crps=ranked_probability_scores(points, values, y),
        ks=pit.kolmogorov(pit.transform(family, params, y, width)),
        w1_ms=1000 * wasserstein(points, values, y),
        tails=tails,
    )


def measure_tails(y: np.ndarray) -> dict[str, float]:
    """Measures the shares of `y`, [N] seconds, in the tails of `TAILS`."""
    return {
        name: float(np.mean(y > edge if name.startswith("above") else y < edge))
        for name, edge in TAILS.items()
    }


def log_density(family: Family, params: Params, y: np.ndarray, width: np.ndarray | None = None) -> np.ndarray:
    """Computes the log density of each FTO, [N] nats, in float64; its `log_mass` where widths are given.

    Args:
      family: of the distribution.
      params: of the distribution.
      y: [N] seconds.
      width: [N] seconds, of the bins of which `y` are the middles; None where the FTOs are exact.
    """
    size = len(y) if len(y) > FEW else pad_size(len(y))
    with fixed_numerics(x64=True):
        data = [pad(one, size) for one in (y, *([] if width is None else [width]))]
        nats = np.asarray(_compiled_log_density(family)(params, *data))[: len(y)]
    return np.where(np.isfinite(nats), nats, WORST)


@functools.cache
def _compiled_log_density(family: Family) -> Callable[..., jax.Array]:
    def log_density(params: Params, y: jax.Array, width: jax.Array | None = None) -> jax.Array:
        return family.log_prob(params, y) if width is None else log_mass(family, params, y, width)

    return jax.jit(log_density)


def integration_points(y: np.ndarray) -> np.ndarray:
    """Returns the points of the integrals, [X] seconds: so far out that F is 0 or 1 for all that its square shows."""
    t = np.arcsinh(50 + 2 * float(np.max(np.abs(y))))
    return np.sinh(np.linspace(-t, t, 40001))


def ranked_probability_scores(points: np.ndarray, cdf: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Computes continuous ranked probability scores, [N] seconds.

    The score of one FTO is the integral of F^2 below it plus that of (1 - F)^2 above it.

    Args:
      points: [X] seconds.
      cdf: [X] F at these points.
      y: [N] seconds.

    References: Gneiting & Raftery, J. Am. Stat. Assoc. 102 (2007), eq. 20.
    """
    step = np.diff(points)
    below = np.append(0, np.cumsum(0.5 * step * (cdf[1:] ** 2 + cdf[:-1] ** 2)))
    rest = (1 - cdf) ** 2
    above = np.append(np.cumsum((0.5 * step * (rest[1:] + rest[:-1]))[::-1])[::-1], 0)
    return np.interp(y, points, below) + np.interp(y, points, above)


def wasserstein(points: np.ndarray, cdf: np.ndarray, y: np.ndarray) -> float:
    """Integrates |F - F_N|, seconds, F_N being the empirical cdf of the FTOs.

    Between two points both are integrated first, F_N exactly, so that only an interval in which they cross is
    approximate.

    Args:
      points: [X] seconds.
      cdf: [X] F at these points.
      y: [N] seconds.
    """
    y = np.sort(y)
    rank = np.searchsorted(y, points)
    empirical = (rank * points - np.append(0, np.cumsum(y))[rank]) / y.size  # mean of (t - y)+
    model = 0.5 * np.diff(points) * (cdf[1:] + cdf[:-1])
    return float(np.sum(np.abs(model - np.diff(empirical))))
