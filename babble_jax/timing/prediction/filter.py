"""The exact posterior of a running conversation's deviations, on a grid.

Axes: K speakers, M grid points of location, L of log scale, P = M L. Offsets are seconds.

The deviations of different sides are independent given the dyad's own two (`population`), and each side's
offsets depend on its own two only. So all that offsets say is, for each side, the log likelihood of its
deviations: a table [M, L], which grows by one log density per offset. Everything else is a sum over the grid:
with a_j[d, e] the likelihood of side j given the dyad's deviations (d, e),

    p(m_k, l_k | offsets) = L_k(m_k, l_k) sum_{d, e} p(m_k | d) p(l_k | e) p(d, e) prod_{j != k} a_j[d, e],

four small matrix products. It is the trapezoid rule on smooth and light-tailed integrands, whose error is small
where the step is finer than the posterior's deviation: on held-out Switchboard a grid twice as fine moves no
log density by more than 0.013 nats and their mean by 2e-6. After thousands of offsets of one side the
posterior is narrower than the step, and the filter then sits on the nearest points.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import logsumexp
from jax.typing import ArrayLike

from babble_jax.timing.distributions.families import JOHNSON_SU
from babble_jax.timing.distributions.family import Params
from babble_jax.timing.prediction.population import Population

LOCATIONS, SCALES = 33, 25
"""M and L."""

REACH = 4.0
"""How far the grid goes, in standard deviations of a side about the population."""


class Grid(NamedTuple):
    """The grid of a population and the constants on it.

    The dyad's deviations live on the same grid as the sides'. A spread far below the step makes the kernel the
    identity, and a spread of 0 pins what it belongs to at 0.

    Attributes:
      location: [M] seconds.
      location_prior: [M], of the dyad.
      location_kernel: [M, M], of a side (second axis) given the dyad (first).
      log_scale: [L].
      scale_prior: [L].
      scale_kernel: [L, L].
      corpus_loc: [R] seconds, of each corpus of the population.
      corpus_scale: [R] seconds.
      shift: ().
      tail: ().
    """

    location: np.ndarray
    location_prior: np.ndarray
    location_kernel: np.ndarray
    log_scale: np.ndarray
    scale_prior: np.ndarray
    scale_kernel: np.ndarray
    corpus_loc: np.ndarray
    corpus_scale: np.ndarray
    shift: np.ndarray
    tail: np.ndarray


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


def time_resolution_of(population: Population) -> Grid:
    """The grid, in float32."""
    location = _axis(LOCATIONS, population.dyad_loc, population.side_loc)
    scale = _axis(SCALES, population.dyad_log_scale, population.side_log_scale)
    corpora = population.corpora.values()
    levels = ([corpus.loc for corpus in corpora], [corpus.scale for corpus in corpora])
    rest = (*levels, population.shift, population.tail)
    return Grid(*location, *scale, *(np.asarray(value, np.float32) for value in rest))


def start(grid: Grid, speakers: int, corpus: ArrayLike = 0) -> State:
    """Before the first offset of a conversation."""
    shape = (speakers, len(grid.location), len(grid.log_scale))
    return State(jnp.zeros(shape, jnp.float32), jnp.asarray(corpus, jnp.int32))


def params(grid: Grid, corpus: ArrayLike) -> Params:
    """Johnson-SU's parameters at the grid points, loc [M, 1] and scale [1, L]."""
    return {
        "loc": (jnp.asarray(grid.corpus_loc)[corpus] + grid.location)[:, None],
        "scale": (jnp.asarray(grid.corpus_scale)[corpus] * jnp.exp(grid.log_scale))[None, :],
        "shift": jnp.asarray(grid.shift),
        "tail": jnp.asarray(grid.tail),
    }


def update(grid: Grid, state: State, y: ArrayLike, side: ArrayLike) -> State:
    """The state after an offset of `y` seconds by speaker `side`."""
    own = state.log_likelihood[side] + JOHNSON_SU.log_prob(params(grid, state.corpus), y)
    return state._replace(log_likelihood=state.log_likelihood.at[side].set(own - jnp.max(own)))


def law(grid: Grid, state: State, side: ArrayLike) -> Law:
    """The law of the next offset, given that speaker `side` makes it."""
    table = jnp.exp(state.log_likelihood)  # [K, M, L], at most 1
    a = jnp.einsum("dm,kml,el->kde", grid.location_kernel, table, grid.scale_kernel)
    others = (jnp.arange(len(table)) != side)[:, None, None]
    log_dyad = jnp.sum(jnp.where(others, jnp.log(jnp.maximum(a, _TINY)), 0), axis=0)  # [D, E]
    dyad = jnp.exp(log_dyad - jnp.max(log_dyad))
    dyad *= jnp.asarray(grid.location_prior)[:, None] * jnp.asarray(grid.scale_prior)[None, :]
    prior = jnp.asarray(grid.location_kernel).T @ dyad @ jnp.asarray(grid.scale_kernel)  # [M, L]
    log_weight = state.log_likelihood[side] + jnp.log(jnp.maximum(prior, _TINY))
    return Law(log_weight - logsumexp(log_weight), state.corpus)


def log_prob(grid: Grid, law: Law, y: ArrayLike) -> jax.Array:
    """Log density of one offset, nats."""
    return logsumexp(law.log_weight + JOHNSON_SU.log_prob(params(grid, law.corpus), y))


def cdf(grid: Grid, law: Law, y: ArrayLike) -> jax.Array:
    """Probability of an offset of at most `y`."""
    return jnp.sum(jnp.exp(law.log_weight) * JOHNSON_SU.cdf(params(grid, law.corpus), y))


def sample(grid: Grid, law: Law, key: jax.Array) -> jax.Array:
    """One offset. key: PRNG key, consumed."""
    which, noise = jax.random.split(key)
    scales = len(grid.log_scale)
    point = jax.random.categorical(which, law.log_weight.ravel())
    at = params(grid, law.corpus)
    at |= {"loc": at["loc"].ravel()[point // scales], "scale": at["scale"].ravel()[point % scales]}
    return JOHNSON_SU.sample(at, noise)


def moments(grid: Grid, law: Law) -> jax.Array:
    """[4] mean and deviation of the side's location deviation, then of its log scale's."""
    weight, found = jnp.exp(law.log_weight), []
    for axis, point in ((1, grid.location), (0, grid.log_scale)):
        mass = weight.sum(axis=axis)
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
