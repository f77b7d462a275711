"""Two-sided families: a probability of overlap, a distribution of overlaps and one of gaps.

Axes: N floor-transfer offsets (FTOs), in seconds. An FTO y below 0 is an overlap of length -y; one of at least 0 is a
gap of length y, and an exact 0 is a gap.
"""

import abc
import copy
import math
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import gammaincc, gammaln, ndtr, ndtri
from jax.typing import ArrayLike

from babble_jax.timing.distributions.family import Params, check_ftos, narrowest_scale
from babble_jax.timing.distributions.maximum_likelihood import maximum_likelihood

SHIFT = 0.01
"""Seconds that are added to each length; the distribution of the sum is that of its side above `SHIFT`. Lengths of
exactly 0 occur, where the density of a gamma or log-normal distribution is 0 or infinite."""


class _TwoSided(abc.ABC):
    """A two-sided family; a subclass has the distribution of one side, with two parameters."""

    name: ClassVar[str]
    shapes: ClassVar[dict[str, int]]
    positive: ClassVar[tuple[str, ...]]
    """Endings of the side's parameters that are positive."""

    narrowest: float | None = None
    """Seconds: the least standard deviation of a side in a fit, whose mean is then above `SHIFT`; None for no bound."""

    def log_prob(self, params: Params, y: ArrayLike) -> jax.Array:
        """Computes the log density, nats."""
        y = jnp.asarray(y)
        overlap = y < 0
        one, two, share = self._side_of(params, overlap)
        return jnp.log(share) + self._log_density(one, two, jnp.where(overlap, -y, y) + SHIFT)

    def cdf(self, params: Params, y: ArrayLike) -> jax.Array:
        """Computes the probability of at most `y`."""
        y = jnp.asarray(y)
        overlap = y < 0
        one, two, share = self._side_of(params, overlap)
        farther = share * self._survival(one, two, jnp.where(overlap, -y, y) + SHIFT)
        return jnp.where(overlap, farther, 1 - farther)

    def sample(self, params: Params, key: jax.Array, shape: tuple[int, ...] = ()) -> jax.Array:
        """Draws FTOs.

        Args:
          params: the parameters.
          key: PRNG key, consumed.
          shape: of the result.
        """
        which, how_long = jax.random.split(key)
        overlap = jax.random.bernoulli(which, params["overlap"], shape)
        one, two, _ = self._side_of(params, overlap)
        length = self._draw(one, two, how_long) - SHIFT
        return jnp.where(overlap, -length, length)

    def constrain(self, free: Params) -> Params:
        """Converts unconstrained parameters to parameters."""
        params = {"overlap": jax.nn.sigmoid(free["logit_overlap"])}
        for name in list(self.shapes)[1:]:
            params[name] = jnp.exp(free[f"log_{name}"]) if name.endswith(self.positive) else free[name]
        if self.narrowest is not None:
            first, second, *gap = list(self.shapes)[1:]
            for one, two in ((first, second), gap):
                params[one], params[two] = self._widen(params[one], params[two], self.narrowest)
        return params

    def unconstrain(self, params: Params) -> Params:
        """Converts parameters to unconstrained ones: the inverse of `constrain`."""
        share = np.clip(params["overlap"], 1e-9, 1 - 1e-9)
        free = {"logit_overlap": np.log(share / (1 - share))}
        for name in list(self.shapes)[1:]:
            positive = name.endswith(self.positive)
            free[f"log_{name}" if positive else name] = np.log(params[name]) if positive else params[name]
        return free

    def start(self, y: np.ndarray) -> Params:
        """Returns the share of overlaps, and each side by its moments, those of all lengths if it is empty."""
        share = (np.sum(y < 0) + 0.5) / (y.size + 1)
        free = {"logit_overlap": np.log(share / (1 - share))}
        for name, length in (("overlap", -y[y < 0]), ("gap", y[y >= 0])):
            moments = self._moments(
                (length if np.ptp(length if length.size else [0.0]) else np.abs(y)) + SHIFT
            )
            for ending, value in moments.items():
                free[f"log_{name}_{ending}" if ending.endswith(self.positive) else f"{name}_{ending}"] = value
        return free

    def fit(self, y: np.ndarray, width: np.ndarray | None = None) -> Params:
        """Fits by maximum likelihood; no side narrower than `narrowest_scale` of the FTOs."""
        y = check_ftos(y, self.name)
        params = maximum_likelihood(self, y, width=width)
        least = narrowest_scale(width)
        values = [float(params[name]) for name in list(self.shapes)[1:]]
        spreads = [self._spread(*values[:2]), self._spread(*values[2:])]
        if not all(
            value >= least for value in spreads
        ):  # fitted again rather than always, as in `GaussianMixture`
            wide = copy.copy(self)
            wide.narrowest = least
            params = maximum_likelihood(wide, y, width=width)
        return params

    def _side_of(self, params: Params, overlap: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
        """Returns the two parameters of the side of each FTO, and the probability of the side over that of more than
        `SHIFT`; of the shape of `overlap`, bool.
        """
        share, *values = (jnp.asarray(params[name]) for name in self.shapes)
        above = [self._survival(values[i], values[i + 1], jnp.full_like(values[i], SHIFT)) for i in (0, 2)]
        one, two = jnp.where(overlap, values[0], values[2]), jnp.where(overlap, values[1], values[3])
        return one, two, jnp.where(overlap, share / above[0], (1 - share) / above[1])

    @abc.abstractmethod
    def _log_density(self, one: jax.Array, two: jax.Array, x: jax.Array) -> jax.Array:
        """Computes the log density of a length plus `SHIFT`, nats."""

    @abc.abstractmethod
    def _survival(self, one: jax.Array, two: jax.Array, x: jax.Array) -> jax.Array:
        """Computes the probability of more than x."""

    @abc.abstractmethod
    def _draw(self, one: jax.Array, two: jax.Array, key: jax.Array) -> jax.Array:
        """Draws one length above `SHIFT` for each pair of parameters."""

    @abc.abstractmethod
    def _spread(self, one: float, two: float) -> float:
        """Estimates the standard deviation of a side, seconds; it may be no number where the fit broke down."""

    @abc.abstractmethod
    def _widen(self, one: jax.Array, two: jax.Array, least: float) -> tuple[jax.Array, jax.Array]:
        """Returns the parameters of a side that is wider by about `least` seconds and farther by `SHIFT`."""

    @abc.abstractmethod
    def _moments(self, x: np.ndarray) -> Params:
        """Returns unconstrained parameters of the side, by their endings, from its lengths plus `SHIFT`."""


class TwoSidedLogNormal(_TwoSided):
    """Log-normal lengths: `*_loc` and `*_scale` are mean and standard deviation of log seconds."""

    name: ClassVar[str] = "two_sided_log_normal"
    shapes: ClassVar[dict[str, int]] = dict.fromkeys(
        ("overlap", "overlap_loc", "overlap_scale", "gap_loc", "gap_scale"), 0
    )
    positive: ClassVar[tuple[str, ...]] = ("scale",)

    def _log_density(self, one: jax.Array, two: jax.Array, x: jax.Array) -> jax.Array:
        z = (jnp.log(x) - one) / two
        return -0.5 * (z**2 + math.log(2 * math.pi)) - jnp.log(two) - jnp.log(x)

    def _survival(self, one: jax.Array, two: jax.Array, x: jax.Array) -> jax.Array:
        return ndtr((one - jnp.log(x)) / two)

    def _draw(self, one: jax.Array, two: jax.Array, key: jax.Array) -> jax.Array:
        above = self._survival(one, two, jnp.full_like(one, SHIFT))
        u = 1 - jax.random.uniform(key, one.shape, one.dtype)  # never 0
        return jnp.maximum(jnp.exp(one - two * ndtri(u * above)), SHIFT)

    def _spread(self, one: float, two: float) -> float:
        return two * math.exp(min(one, 700.0))

    def _widen(self, one: jax.Array, two: jax.Array, least: float) -> tuple[jax.Array, jax.Array]:
        loc = jnp.logaddexp(one, math.log(SHIFT))
        return loc, two + least * jnp.exp(-loc)

    def _moments(self, x: np.ndarray) -> Params:
        return {"loc": np.mean(np.log(x)), "scale": np.log(np.std(np.log(x)))}


class TwoSidedGamma(_TwoSided):
    """Gamma lengths: `*_shape` is a pure number, `*_scale` seconds."""

    name: ClassVar[str] = "two_sided_gamma"
    shapes: ClassVar[dict[str, int]] = dict.fromkeys(
        ("overlap", "overlap_shape", "overlap_scale", "gap_shape", "gap_scale"), 0
    )
    positive: ClassVar[tuple[str, ...]] = ("shape", "scale")

    def _log_density(self, one: jax.Array, two: jax.Array, x: jax.Array) -> jax.Array:
        x = x / two
        return (one - 1) * jnp.log(x) - x - gammaln(one) - jnp.log(two)

    def _survival(self, one: jax.Array, two: jax.Array, x: jax.Array) -> jax.Array:
        return gammaincc(one, x / two)

    def _draw(self, one: jax.Array, two: jax.Array, key: jax.Array) -> jax.Array:
        """Draws by rejection: a length that is not above `SHIFT` is drawn again."""

        def again(state: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
            key, x = state
            now, key = jax.random.split(key)
            candidate = two * jax.random.gamma(now, one)
            return key, jnp.where(x > SHIFT, x, candidate)

        first = (key, jnp.zeros_like(one))
        return jax.lax.while_loop(lambda state: jnp.any(state[1] <= SHIFT), again, first)[1]

    def _spread(self, one: float, two: float) -> float:
        return math.sqrt(one) * two

    def _widen(self, one: jax.Array, two: jax.Array, least: float) -> tuple[jax.Array, jax.Array]:
        mean, spread = one * two + SHIFT, jnp.sqrt(one) * two + least
        return (mean / spread) ** 2, spread**2 / mean

    def _moments(self, x: np.ndarray) -> Params:
        scale = np.var(x) / np.mean(x)
        return {"shape": np.log(np.mean(x) / scale), "scale": np.log(scale)}
