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
from babble_jax.timing.prediction import filter
from babble_jax.timing.prediction.filter import Grid

INDICES = ((1, 5), (6, 20), (21, 80), (81, None))
"""Ranges of an offset's index in its conversation, both ends included, in which the gain is told."""


@dataclasses.dataclass(frozen=True)
class Mean:
    """A mean over offsets, with its standard error by groups.

    Attributes:
      value: nats.
      se: nats; the offsets of a group may go together in any way. None where there is one group only.
      offsets: their number.
    """

    value: float
    se: float | None
    offsets: int


def clustered(x: np.ndarray, group: np.ndarray) -> Mean:
    """Mean of `x`, [N], and its standard error under any dependence within the groups, [N] int.

    The error is the root of the sum over groups of squared sums of x - mean, by N, with the usual factor
    G / (G - 1).

    References: Liang & Zeger, Biometrika 73 (1986), the sandwich for a mean.
    """
    mean = float(np.mean(x))
    _, which = np.unique(group, return_inverse=True)
    total = np.bincount(which, weights=x - mean)
    count = len(total)
    se = float(np.sqrt(np.sum(total**2) * count / (count - 1))) / len(x) if count > 1 else None
    return Mean(mean, se, len(x))


def index_in_call(conversation: np.ndarray) -> np.ndarray:
    """[N] from 1: the how manieth offset of its conversation each is; conversations are not interleaved."""
    start = np.append(0, np.flatnonzero(np.diff(conversation)) + 1)
    length = np.diff(np.append(start, len(conversation)))
    return (
        np.arange(len(conversation)) - np.repeat(start, length) + 1 if len(conversation) else np.zeros(0, int)
    )


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
      moments: [N, 4], `filter.moments` of that law.
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

    The same figures as the filter's `law`, `log_prob` and `update` give in turn; but since the tables of the filter are
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
    first = np.flatnonzero(index == 0)
    for start, stop in zip(first, np.append(first[1:], len(value)), strict=True):
        own = slice(start, stop)
        padded = max(64, 1 << int(stop - start - 1).bit_length())  # few shapes to compile
        pad = (0, padded - (stop - start))
        row = [np.pad(x[own], pad) for x in (value.astype(np.float32), side, known)]
        speakers = max(2, int(side[own].max()) + 1)
        found = _score_one(grid, speakers, *row, corpus[start])
        log_prob[own], moments[own] = (np.asarray(x)[: stop - start] for x in found)
    return Scores(log_prob, moments)


@functools.partial(jax.jit, static_argnums=1)
def _score_one(
    grid: Grid, speakers: int, y: jax.Array, side: jax.Array, known: jax.Array, corpus: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Log density [T] and moments [T, 4] of one conversation's offsets."""
    at = filter.params(grid, corpus)
    at |= {name: at[name][None] for name in ("loc", "scale")}
    says = JOHNSON_SU.log_prob(at, y[:, None, None])  # [T, M, L]
    says = says - jnp.max(says, axis=(1, 2), keepdims=True)
    own = (side[:, None] == jnp.arange(speakers)[None])[..., None, None]  # [T, K, 1, 1]
    after = jnp.cumsum(jnp.where(own, says[:, None], 0), axis=0)
    table = jnp.concatenate([jnp.zeros_like(after[:1]), after])[known]
    table = table - jnp.max(table, axis=(2, 3), keepdims=True)

    def one(table: jax.Array, y: jax.Array, side: jax.Array) -> tuple[jax.Array, jax.Array]:
        law = filter.law(grid, filter.State(table, corpus), side)
        return filter.log_prob(grid, law, y), filter.moments(grid, law)

    return jax.vmap(one)(table, y, side)
