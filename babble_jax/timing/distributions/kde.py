"""A kernel density: as close to the histogram of FTOs as its smoothing allows, for comparison and for plots.

Axes: N floor-transfer offsets (FTOs), M nodes, H bandwidths. A Gaussian kernel density is evaluated once at evenly
spaced nodes, by convolution of the binned FTOs; between the nodes it is linear, so that it is itself a mixture of hat
functions: its cdf and its draws are exact and its cost does not grow with N. `scipy.stats.gaussian_kde` would keep all
N FTOs, which a fitted model must not, and takes N terms for each log density. A small, wide Cauchy distribution is
mixed in, so that an FTO farther out than any of the fit has a finite log density.
"""

from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from babble_jax.timing.distributions.family import Params, check_ftos, spread

STEPS = 4
"""Nodes per bandwidth of the narrowest kernel tried: linear interpolation then errs by under 1 %."""

BANDWIDTHS = np.geomspace(0.1, 1.5, 16)
"""Bandwidths tried, relative to 0.9 spread N^(-1/5), the rule for a normal distribution."""

MOST_NODES = 100_000
"""Of one density; on corpora there are a few thousand."""

WIDE_WEIGHTS = (0.001, 0.003, 0.01, 0.03)
"""Weights tried for the Cauchy distribution."""


class KDE:
    """Gaussian kernel density at nodes over the central 99.8 % of the FTOs, plus a wide Cauchy distribution.

    Bandwidth and wide weight are those, of a fixed list, with the highest leave-one-out likelihood.
    """

    name: ClassVar[str] = "kde"
    shapes: ClassVar[dict[str, int]] = {
        "low": 0,
        "step": 0,
        "density": 1,
        "bandwidth": 0,
        "wide_weight": 0,
        "wide_loc": 0,
        "wide_scale": 0,
    }

    def log_prob(self, params: Params, y: ArrayLike) -> jax.Array:
        """Computes the log density, nats."""
        y = jnp.asarray(y)
        weight, scale = params["wide_weight"], params["wide_scale"]
        z = (y - params["wide_loc"]) / scale
        wide = 1 / (jnp.pi * scale * (1 + z**2))
        node, within = self._locate(params, y)
        density = self._padded(params)
        narrow = density[node] * (1 - within) + density[node + 1] * within
        return jnp.log(
            (1 - weight) * narrow + weight * wide
        )  # the wide part keeps the sum above 1e-9 at 20 s

    def cdf(self, params: Params, y: ArrayLike) -> jax.Array:
        """Computes the probability of at most `y`."""
        y = jnp.asarray(y)
        weight = params["wide_weight"]
        wide = 0.5 + jnp.arctan((y - params["wide_loc"]) / params["wide_scale"]) / jnp.pi
        node, within = self._locate(params, y)
        density, step = self._padded(params), params["step"]
        mass = 0.5 * step * (density[1:] + density[:-1])
        before = jnp.concatenate([jnp.zeros(1, mass.dtype), jnp.cumsum(mass)])
        slope = density[node + 1] - density[node]
        narrow = before[node] + step * within * (density[node] + 0.5 * within * slope)
        return (1 - weight) * narrow + weight * wide

    def sample(self, params: Params, key: jax.Array, shape: tuple[int, ...] = ()) -> jax.Array:
        """Draws FTOs.

        Args:
          params: the parameters.
          key: PRNG key, consumed.
          shape: of the result.
        """
        which, hat, part, tail = jax.random.split(key, 4)
        density, step = jnp.asarray(params["density"]), params["step"]
        node = jax.random.categorical(which, jnp.log(density + 1e-30), shape=shape)
        u = jax.random.uniform(hat, (2, *shape))
        narrow = params["low"] + step * (
            node + u[0] + u[1] - 1
        )  # the sum of two uniforms has the hat's density
        wide = params["wide_loc"] + params["wide_scale"] * jax.random.cauchy(tail, shape)
        return jnp.where(jax.random.uniform(part, shape) < params["wide_weight"], wide, narrow)

    def fit(self, y: np.ndarray, width: np.ndarray | None = None) -> Params:
        """Chooses bandwidth and wide weight by leave-one-out likelihood over `BANDWIDTHS` and `WIDE_WEIGHTS`.

        FTOs count as exact; where they are binned, the bandwidth is at least half the widest bin, or the likelihood
        would choose a spike in each bin.
        """
        y = check_ftos(y, self.name)
        rule = 0.9 * spread(y) * y.size**-0.2
        least = 0.0 if width is None else 0.5 * float(np.max(width))
        bandwidths = np.maximum(rule * BANDWIDTHS, least)
        low, high = np.quantile(y, [0.001, 0.999])
        reach = 4 * bandwidths[-1]
        # where a few FTOs lie very far out the nodes get farther apart, not more
        step = max(bandwidths[0] / STEPS, (high - low + 2 * reach) / MOST_NODES)
        bandwidths = np.maximum(bandwidths, STEPS * step)
        low, nodes = low - reach, int(np.ceil((high - low + 2 * reach) / step)) + 1
        points = low + step * np.arange(nodes)
        count = self._binned(y, low, step, nodes)
        wide_loc, wide_scale = np.median(y), np.std(y)
        wide = 1 / (np.pi * wide_scale * (1 + ((points - wide_loc) / wide_scale) ** 2))

        best: tuple[float, float, float] | None = None
        for bandwidth in np.unique(bandwidths):
            own = 1 / (np.sqrt(2 * np.pi) * bandwidth)
            others = np.maximum(self._smoothed(count, step, bandwidth) - own, 0) / (y.size - 1)
            for weight in WIDE_WEIGHTS:
                score = float(count @ np.log((1 - weight) * others + weight * wide))
                score += (y.size - count.sum()) * np.log(weight)  # beyond the nodes, up to a constant
                if best is None or score > best[0]:
                    best = (score, float(bandwidth), weight)
        assert best is not None
        _, bandwidth, weight = best

        coarse = bandwidth / STEPS
        nodes = int(np.ceil((points[-1] - low) / coarse)) + 1
        density = self._smoothed(self._binned(y, low, coarse, nodes), coarse, bandwidth)
        density[[0, -1]] = 0  # the hats at the ends stay within the nodes
        density /= coarse * density.sum()
        params = {
            "low": low,
            "step": coarse,
            "density": density,
            "bandwidth": bandwidth,
            "wide_weight": weight,
        }
        params |= {"wide_loc": wide_loc, "wide_scale": wide_scale}
        return {name: np.asarray(value, np.float64) for name, value in params.items()}

    @staticmethod
    def _binned(y: np.ndarray, low: float, step: float, nodes: int) -> np.ndarray:
        """Counts FTOs at the nodes, [M]; one between two nodes is shared by them, one beyond all is left out."""
        position = (y - low) / step
        position = position[(position >= 0) & (position < nodes - 1)]
        node = position.astype(int)
        within = position - node
        left = np.bincount(node, 1 - within, nodes)
        return left + np.bincount(node + 1, within, nodes)

    @staticmethod
    def _smoothed(count: np.ndarray, step: float, bandwidth: float) -> np.ndarray:
        """Sums one kernel of unit mass per FTO, at the nodes, [M]."""
        import scipy.signal  # only for fits

        half = int(np.ceil(6 * bandwidth / step))
        z = np.arange(-half, half + 1) * step / bandwidth
        kernel = np.exp(-0.5 * z**2) / (np.sqrt(2 * np.pi) * bandwidth)
        # the transform's rounding would leave tiny negative densities
        return np.maximum(scipy.signal.fftconvolve(count, kernel)[half:-half], 0)

    @staticmethod
    def _padded(params: Params) -> jax.Array:
        """Returns the density, [M + 2], with a 0 before the first node and one after the last."""
        return jnp.pad(jnp.asarray(params["density"]), 1)

    @staticmethod
    def _locate(params: Params, y: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Returns the padded node before `y`, and how far from it to the next, 0 to 1; clipped to the nodes."""
        last = jnp.asarray(params["density"]).size + 1
        position = jnp.clip((y - params["low"]) / params["step"] + 1, 0, last)
        node = jnp.minimum(jnp.floor(position), last - 1)
        return node.astype(int), position - node
