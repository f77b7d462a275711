"""The exact posterior of a running conversation's deviations, on a grid.

Axes: K speakers, M grid points of location, L of log scale, P = M L. Offsets are seconds.

The deviations of different sides are independent given the dyad's own two (`population`), and each side's
offsets depend on its own two only. So all that offsets say is, for each side, the log likelihood of its
deviations: a table [M, L], which grows by one log density per offset. Everything else is a sum over the grid:
with a_j[d, e] the likelihood of side j given the dyad's deviations (d, e),

    p(m_k, l_k | offsets) = L_k(m_k, l_k) sum_{d, e} p(m_k | d) p(l_k | e) p(d, e) prod_{j != k} a_j[d, e],

four small matrix products. It is the trapezoid rule on smooth and light-tailed integrands, whose error is far
below what float32 shows where the step is finer than the posterior's deviation (tests compare it with a
Gauss-Hermite product rule over all deviations); after thousands of offsets of one side the posterior is
narrower than the step, and the filter then sits on the nearest points.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import logsumexp
from jax.typing import ArrayLike

from babble_jax.timing.distributions.families import JOHNSON_SU
from babble_jax.timing.distributions.family import Params
from babble_jax.timing.sequential.population import Population

LOCATIONS, SCALES = 41, 21
"""M and L."""

REACH = 4.0
"""How far the grid goes, in standard deviations of a side about the population."""


class State(NamedTuple):
    """What a conversation's offsets so far say.

    Attributes:
      log_likelihood: [K, M, L] of each side's deviations, up to a constant per side: its largest is 0.
      corpus: () int32, which corpus of the population the conversation is of.
    """

    log_likelihood: jax.Array
    corpus: jax.Array


class Law(NamedTuple):
    """A predictive law: a mixture of the laws at all grid points.

    Attributes:
      log_weight: [M, L], normalised.
      corpus: () int32.
    """

    log_weight: jax.Array
    corpus: jax.Array


class Grid:
    """The grid of a population and the constants on it, float32 arrays; functions of it are pure.

    The dyad's deviations live on the same grid as the sides'. A spread far below the step makes the kernel the
    identity, and a spread of 0 pins what it belongs to at 0.
    """

    def __init__(self, population: Population):
        one = population
        self.location, self.location_prior, self.location_kernel = _axis(LOCATIONS, one.dyad_loc, one.side_loc)
        self.log_scale, self.scale_prior, self.scale_kernel = _axis(
            SCALES, one.dyad_log_scale, one.side_log_scale
        )
        corpora = one.corpora.values()
        self.corpus_loc = np.array([corpus.loc for corpus in corpora], np.float32)
        self.corpus_scale = np.array([corpus.scale for corpus in corpora], np.float32)
        self.shift, self.tail = np.float32(one.shift), np.float32(one.tail)

    def start(self, speakers: int, corpus: ArrayLike = 0) -> State:
        """Before the first offset of a conversation."""
        return State(jnp.zeros((speakers, LOCATIONS, SCALES)), jnp.asarray(corpus, jnp.int32))

    def params(self, corpus: jax.Array) -> Params:
        """Johnson-SU's parameters at the grid points, loc [M, 1] and scale [1, L]."""
        return {
            "loc": (jnp.asarray(self.corpus_loc)[corpus] + self.location)[:, None],
            "scale": (jnp.asarray(self.corpus_scale)[corpus] * np.exp(self.log_scale))[None, :],
            "shift": self.shift,
            "tail": self.tail,
        }

    def update(self, state: State, y: ArrayLike, side: ArrayLike) -> State:
        """The state after an offset of `y` seconds by speaker `side`."""
        own = state.log_likelihood[side] + JOHNSON_SU.log_prob(self.params(state.corpus), y)
        return state._replace(log_likelihood=state.log_likelihood.at[side].set(own - jnp.max(own)))

    def law(self, state: State, side: ArrayLike) -> Law:
        """The law of the next offset, given that speaker `side` makes it."""
        table = jnp.exp(state.log_likelihood)  # [K, M, L], at most 1
        a = jnp.einsum("dm,kml,el->kde", self.location_kernel, table, self.scale_kernel)
        others = jnp.arange(len(table)) != side
        log_a = jnp.log(jnp.maximum(a, _TINY))
        log_dyad = jnp.sum(jnp.where(others[:, None, None], log_a, 0), axis=0)  # [D, E]
        dyad = jnp.exp(log_dyad - jnp.max(log_dyad)) * self.location_prior[:, None] * self.scale_prior[None, :]
        prior = self.location_kernel.T @ dyad @ self.scale_kernel  # [M, L]
        log_weight = state.log_likelihood[side] + jnp.log(jnp.maximum(prior, _TINY))
        return Law(log_weight - logsumexp(log_weight), state.corpus)

    def log_prob(self, law: Law, y: ArrayLike) -> jax.Array:
        """Log density of one offset, nats."""
        return logsumexp(law.log_weight + JOHNSON_SU.log_prob(self.params(law.corpus), y))

    def cdf(self, law: Law, y: ArrayLike) -> jax.Array:
        """Probability of an offset of at most `y`."""
        return jnp.sum(jnp.exp(law.log_weight) * JOHNSON_SU.cdf(self.params(law.corpus), y))

    def sample(self, law: Law, key: jax.Array) -> jax.Array:
        """One offset. key: PRNG key, consumed."""
        which, noise = jax.random.split(key)
        point = jax.random.categorical(which, law.log_weight.ravel())
        params = self.params(law.corpus)
        params |= {
            "loc": params["loc"].ravel()[point // SCALES],
            "scale": params["scale"].ravel()[point % SCALES],
        }
        return JOHNSON_SU.sample(params, noise)

    def moments(self, law: Law) -> jax.Array:
        """[4] mean and deviation of the side's location deviation, then of its log scale's."""
        weight = jnp.exp(law.log_weight)
        found = []
        for point, mass in ((self.location, weight.sum(axis=1)), (self.log_scale, weight.sum(axis=0))):
            mean = jnp.sum(mass * point)
            found += [mean, jnp.sqrt(jnp.sum(mass * (point - mean) ** 2))]
        return jnp.stack(found)


_TINY = np.float32(1e-37)  # float32's smallest normal number is 1.2e-38; its log is still finite


def _axis(points: int, dyad: float, side: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Grid [points], the dyad's prior on it, and the law of a side on it given the dyad, [dyad, side]."""
    total = float(np.hypot(dyad, side)) or 1e-6
    grid = np.linspace(-REACH * total, REACH * total, points)

    def normal(z: np.ndarray, deviation: float) -> np.ndarray:
        log = -0.5 * (z / max(deviation, 1e-3 * total)) ** 2
        weight = np.exp(log - log.max(axis=-1, keepdims=True))
        return (weight / weight.sum(axis=-1, keepdims=True)).astype(np.float32)

    return grid.astype(np.float32), normal(grid, dyad), normal(grid[None, :] - grid[:, None], side)
