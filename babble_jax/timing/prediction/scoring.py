"""Scores predictions on many conversations at once, and averages the gain in log score over one distribution for all.

Axes: N FTOs in the order of conversation and onset, T FTOs of one conversation, K speakers, M and L points of the
filter's grid. FTOs are seconds, scores nats.
"""

import dataclasses
import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.numerics import fixed_numerics
from babble_jax.timing.distributions.families import JOHNSON_SU
from babble_jax.timing.prediction import filter
from babble_jax.timing.prediction.filter import DeviationGrid

INDICES = ((1, 5), (6, 20), (21, 80), (81, None))
"""Ranges of an FTO's index in its conversation, both ends included, over which the gain is averaged."""


@dataclasses.dataclass(frozen=True)
class MeanScore:
    """A mean over FTOs, with its standard error by groups.

    Attributes:
      value: nats.
      se: nats; the FTOs of a group may depend on each other in any way. None where there is one group only.
      offsets: number of FTOs.
    """

    value: float
    se: float | None
    offsets: int

    def to_json(self) -> dict[str, Any]:
        """Returns `gain`, `se` and `offsets`."""
        return {"gain": self.value, "se": self.se, "offsets": self.offsets}


def clustered_mean(x: np.ndarray, group: np.ndarray) -> MeanScore:
    """Averages `x`, [N], with the standard error under any dependence within the groups, [N] int.

    The error is the root of the sum over groups of squared sums of x - mean, by N, with the usual factor
    G / (G - 1) for G groups.

    References: Liang & Zeger, Biometrika 73 (1986), the sandwich for a mean.
    """
    mean = float(np.mean(x))
    _, which = np.unique(group, return_inverse=True)
    total = np.bincount(which, weights=x - mean)
    count = len(total)
    se = float(np.sqrt(np.sum(total**2) * count / (count - 1))) / len(x) if count > 1 else None
    return MeanScore(mean, se, len(x))


def index_in_conversation(conversation: np.ndarray) -> np.ndarray:
    """Numbers the FTOs of each conversation from 1: [N] int; conversations are not interleaved."""
    start = np.append(0, np.flatnonzero(np.diff(conversation)) + 1)
    length = np.diff(np.append(start, len(conversation)))
    return (
        np.arange(len(conversation)) - np.repeat(start, length) + 1 if len(conversation) else np.zeros(0, int)
    )


def mean_by_index(x: np.ndarray, conversation: np.ndarray, group: np.ndarray) -> dict[str, MeanScore]:
    """Averages a score in each range of `INDICES` that has FTOs.

    Args:
      x: [N] nats.
      conversation: [N] int, not interleaved.
      group: [N] int, by which errors cluster.
    """
    index, result = index_in_conversation(conversation), {}
    for low, high in INDICES:
        inside = (index >= low) & (index <= (high or np.inf))
        if inside.any():
            name = f"{low}-{high}" if high else f"over {low - 1}"
            result[name] = clustered_mean(x[inside], group[inside])
    return result


@dataclasses.dataclass(frozen=True, eq=False)
class FilterScores:
    """The filter's predictions of FTOs.

    Attributes:
      log_prob: [N] nats, of each FTO under its predictive distribution.
      moments: [N, 4], `filter.moments` of that distribution.
    """

    log_prob: np.ndarray
    moments: np.ndarray


@fixed_numerics()
def score_offsets(
    grid: DeviationGrid,
    fto: np.ndarray,
    speaker: np.ndarray,
    conversation: np.ndarray,
    corpus: np.ndarray,
    history_length: np.ndarray | None = None,
) -> FilterScores:
    """Predicts every FTO from earlier ones of its conversation, all at once.

    The same values as the filter's `predict`, `log_prob` and `update` give in turn; but since the tables of the
    filter are sums over FTOs, one cumulative sum gives the state before every FTO of a conversation.

    Args:
      grid: of the population.
      fto: [N] seconds.
      speaker: [N] int, the incoming speaker of each.
      conversation: [N] int, not interleaved.
      corpus: [N] int, which corpus of the population.
      history_length: [N] int, from how many of the first FTOs of its conversation each is predicted; all before
        it where absent.
    """
    index = index_in_conversation(conversation) - 1
    history_length = index if history_length is None else history_length
    log_prob, moments = np.zeros(len(fto)), np.zeros((len(fto), 4))
    first = np.flatnonzero(index == 0)
    for start, stop in zip(first, np.append(first[1:], len(fto)), strict=True):
        own = slice(start, stop)
        padded = max(64, 1 << int(stop - start - 1).bit_length())  # few shapes to compile
        pad = (0, padded - (stop - start))
        row = [np.pad(x[own], pad) for x in (fto.astype(np.float32), speaker, history_length)]
        speakers = max(2, int(speaker[own].max()) + 1)
        scores = _score_conversation(grid, speakers, *row, corpus[start])
        log_prob[own], moments[own] = (np.asarray(x)[: stop - start] for x in scores)
    return FilterScores(log_prob, moments)


@functools.partial(jax.jit, static_argnums=1)
def _score_conversation(
    grid: DeviationGrid,
    speakers: int,
    fto: jax.Array,
    speaker: jax.Array,
    history_length: jax.Array,
    corpus: jax.Array,
) -> tuple[jax.Array, jax.Array]:
    """Computes log density [T] and moments [T, 4] of one conversation's FTOs."""
    params = filter.johnson_su_params(grid, corpus)
    params |= {name: params[name][None] for name in ("loc", "scale")}
    evidence = JOHNSON_SU.log_prob(params, fto[:, None, None])  # [T, M, L]
    evidence = evidence - jnp.max(evidence, axis=(1, 2), keepdims=True)
    own = (speaker[:, None] == jnp.arange(speakers)[None])[..., None, None]  # [T, K, 1, 1]
    after = jnp.cumsum(jnp.where(own, evidence[:, None], 0), axis=0)
    table = jnp.concatenate([jnp.zeros_like(after[:1]), after])[history_length]
    table = table - jnp.max(table, axis=(2, 3), keepdims=True)

    def score_one(table: jax.Array, fto: jax.Array, speaker: jax.Array) -> tuple[jax.Array, jax.Array]:
        distribution = filter.predict(grid, filter.FilterState(table, corpus), speaker)
        return filter.log_prob(grid, distribution, fto), filter.moments(grid, distribution)

    return jax.vmap(score_one)(table, fto, speaker)
