"""What sequential prediction is worth: scores of whole corpora, call by call, and the gain over one law for all.

Axes: N offsets in the order of conversation and onset, C conversations, T offsets of one, G groups. Offsets
are seconds, scores nats.
"""

import dataclasses
import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.timing.distributions.families import JOHNSON_SU
from babble_jax.timing.sequential.filter import Grid, Law, State

INDICES = ((1, 5), (6, 20), (21, 80), (81, None))
"""Ranges of an offset's index in its conversation, both ends included, in which the gain is told."""


@dataclasses.dataclass(frozen=True)
class Mean:
    """A mean over offsets, with its standard error by groups.

    Attributes:
      value: nats.
      se: nats; the offsets of a group may go together in any way.
      offsets: their number.
    """

    value: float
    se: float
    offsets: int


def clustered(x: np.ndarray, group: np.ndarray) -> Mean:
    """Mean of `x`, [N], and its standard error under any dependence within the groups, [N] int.

    The error is the root of the sum over groups of squared sums of x - mean, by N, with the usual factor
    G / (G - 1); infinite where there is one group.

    References: Liang & Zeger, Biometrika 73 (1986), the sandwich for a mean.
    """
    mean = float(np.mean(x))
    _, which = np.unique(group, return_inverse=True)
    total = np.bincount(which, weights=x - mean)
    count = len(total)
    se = np.sqrt(np.sum(total**2) * count / (count - 1)) / len(x) if count > 1 else np.inf
    return Mean(mean, float(se), len(x))


def index_in_call(conversation: np.ndarray) -> np.ndarray:
    """[N] from 1: the how manieth offset of its conversation each is; conversations are not interleaved."""
    start = np.append(0, np.flatnonzero(np.diff(conversation)) + 1)
    length = np.diff(np.append(start, len(conversation)))
    return np.arange(len(conversation)) - np.repeat(start, length) + 1 if len(conversation) else np.zeros(0, int)


def by_index(gain: np.ndarray, conversation: np.ndarray, group: np.ndarray) -> dict[str, dict[str, Any]]:
    """The mean of `gain`, [N], in each range of `INDICES` that has offsets."""
    index, result = index_in_call(conversation), {}
    for low, high in INDICES:
        inside = (index >= low) & (index <= (high or np.inf))
        if inside.any():
            name = f"{low}-{high}" if high else f"over {low - 1}"
            mean = clustered(gain[inside], group[inside])
            result[name] = {"gain": mean.value, "se": mean.se, "offsets": mean.offsets}
    return result


@dataclasses.dataclass(frozen=True, eq=False)
class Scores:
    """What the filter said before each offset.

    Attributes:
      log_prob: [N] nats, of the offset under its predictive law.
      moments: [N, 4], `Grid.moments` of that law.
    """

    log_prob: np.ndarray
    moments: np.ndarray


def score(
    grid: Grid,
    value: np.ndarray,
    side: np.ndarray,
    conversation: np.ndarray,
    corpus: np.ndarray,
    known: np.ndarray | None = None,
) -> Scores:
    """Predicts every offset from earlier ones of its conversation, all at once.

    The same figures as `Grid.law`, `log_prob` and `update` give in turn; but since the tables of the filter are
    sums over offsets, one cumulative sum gives the state before every offset of a conversation.

    Args:
      grid: of the population.
      value: [N] seconds.
      side: [N] int, the incoming speaker of each.
      conversation: [N] int, not interleaved.
      corpus: [N] int, which corpus of the population.
      known: [N] int, from how many of the first offsets of its conversation each is predicted; those before it
        where absent.
    """
    index = index_in_call(conversation) - 1
    known = index if known is None else known
    log_prob, moments = np.zeros(len(value)), np.zeros((len(value), 4))
    run = jax.jit(functools.partial(_score_one, grid), static_argnums=0)
    for start in np.flatnonzero(index == 0):
        stop = start + int(np.argmax(np.append(index[start + 1 :], 0) == 0)) + 1
        length, own = stop - start, slice(start, stop)
        padded = int(16 * 2 ** (np.ceil(2 * np.log2(max(length, 16) / 16)) / 2) + 0.999)  # few shapes, little waste
        pad = (0, padded - length)
        row = [np.pad(x[own], pad) for x in (value.astype(np.float32), side, known)]
        speakers = int(side[own].max()) + 1
        found = run(max(speakers, 2), *row, corpus[start])
        log_prob[own], moments[own] = (np.asarray(x)[:length] for x in found)
    return Scores(log_prob, moments)


def _score_one(
    grid: Grid, speakers: int, y: jax.Array, side: jax.Array, known: jax.Array, corpus: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Log density [T] and moments [T, 4] of one conversation's offsets."""
    params = {name: jnp.asarray(value) for name, value in grid.params(corpus).items()}
    params |= {name: params[name][None] for name in ("loc", "scale")}
    says = JOHNSON_SU.log_prob(params, y[:, None, None])  # [T, M, L]
    says = says - jnp.max(says, axis=(1, 2), keepdims=True)
    own = (side[:, None] == jnp.arange(speakers))[..., None, None]  # [T, K, 1, 1]
    after = jnp.cumsum(jnp.where(own, says[:, None], 0), axis=0)
    table = jnp.concatenate([jnp.zeros_like(after[:1]), after])[known]
    table = table - jnp.max(table, axis=(2, 3), keepdims=True)

    def one(table: jax.Array, y: jax.Array, side: jax.Array) -> tuple[jax.Array, jax.Array]:
        law: Law = grid.law(State(table, corpus), side)
        return grid.log_prob(law, y), grid.moments(law)

    return jax.vmap(one)(table, y, side)
