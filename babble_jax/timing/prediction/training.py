"""Training the heads of a context model on the offsets of many conversations.

Axes: N offsets, F columns of covariates, D inputs of a head (columns that it uses, then the filter's four
moments where it has them), B offsets of a batch.
"""

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.distributions.family import along_last
from babble_jax.timing.events import Definitions, FtoLevel
from babble_jax.timing.prediction.context import VIEWS, Heads, Mode, lower_bound
from babble_jax.timing.prediction.covariates import COLUMNS, COVARIATES
from babble_jax.timing.prediction.filter import Grid
from babble_jax.timing.prediction.history import histories
from babble_jax.timing.prediction.network import Mixture, Network
from babble_jax.timing.prediction.pooled import SplitOffsets, sides
from babble_jax.timing.prediction.scoring import score

MOMENTS = ("loc_mean", "loc_sd", "log_scale_mean", "log_scale_sd")
"""The filter's moments, as inputs."""

INPUTS = (*COLUMNS, *MOMENTS)
"""All F + 4 inputs of a view, in their order."""


@dataclasses.dataclass(frozen=True, eq=False)
class Examples:
    """Offsets with what each mode may know before them.

    Attributes:
      sides: the offsets and their split.
      unconditional: [N] nats, one law for all.
      earliest: [N] seconds.
      inputs: [N, F + 4] float32 for each view.
      pooled: [N] nats, the filter alone, from all earlier offsets.
    """

    sides: SplitOffsets
    unconditional: np.ndarray
    earliest: np.ndarray
    inputs: dict[str, np.ndarray]
    pooled: np.ndarray


def examples(
    conversations: Sequence[Conversation], fto_level: FtoLevel, definitions: Definitions, grid: Grid
) -> Examples:
    """All offsets of `conversations`, for a filter of the population that `grid` is of."""
    data = sides(conversations, fto_level, definitions)
    found = data.found
    past = [histories(conversation, fto_level, definitions) for conversation in conversations]
    corpus = data.corpus[found.conversation]
    inputs, pooled = {}, np.zeros(0)
    for view in ("over", "onset", "end"):
        seen = [getattr(one, view) for one in past]
        known = np.concatenate([one.known for one in seen])
        scores = score(grid, found.value, found.speaker, found.conversation, corpus, known)
        columns = np.concatenate([one.covariates for one in seen])
        inputs[view] = np.concatenate([columns, scores.moments], axis=1, dtype=np.float32)
        pooled = scores.log_prob if view == "over" else pooled
    earliest = np.concatenate([one.earliest for one in past])
    return Examples(data, data.unconditional()[1], earliest, inputs, pooled)


def columns_of(covariates: Sequence[str], filter: bool = True) -> tuple[int, ...]:
    """The columns of `Examples.inputs` that a head with these covariates takes, in order."""
    names = {column for covariate in covariates for column in COVARIATES[covariate]}
    names |= set(MOMENTS) if filter else set()
    return tuple(i for i, name in enumerate(INPUTS) if name in names)


@dataclasses.dataclass(frozen=True, eq=False)
class Head:
    """A trained network and the inputs it takes.

    Attributes:
      columns: [D] which of `INPUTS`.
      mean: [D], subtracted from the inputs.
      deviation: [D], by which they are then divided.
      weights: of the network.
    """

    columns: tuple[int, ...]
    mean: np.ndarray
    deviation: np.ndarray
    weights: dict[str, Any]

    def __call__(self, inputs: np.ndarray | jax.Array) -> Mixture:
        """The laws for inputs [..., F + 4]."""
        return _apply(self.weights, self._standard(inputs))

    def _standard(self, inputs: np.ndarray | jax.Array) -> jax.Array:
        chosen = jnp.asarray(inputs)[..., jnp.asarray(self.columns, jnp.int32)]
        mean, deviation = (
            along_last(np.asarray(x, np.float32), jnp.asarray(inputs)[..., 0])
            for x in (self.mean, self.deviation)
        )
        z = (chosen - mean) / deviation
        return jnp.clip(z, -6, 6)  # a rare value must not throw the law


NETWORK = Network()
_apply = jax.jit(NETWORK.apply)


def train_heads(
    data: Examples, mode: Mode, columns: tuple[int, ...], epochs: int = 8, seed: int = 0
) -> dict[str, Head]:
    """The heads of a mode, each on the training offsets that it is for.

    Adam with weight decay, gradients clipped to norm 1, a cosine from 3e-3 to a hundredth of it.

    Args:
      data: the offsets.
      mode: of the prediction.
      columns: which inputs.
      epochs: passes over the offsets.
      seed: of the first weights and the order of the offsets.
    """
    heads = {}
    for view in VIEWS[mode]:
        # The second decision is made only where the taker has waited.
        own = data.sides.train & ((data.sides.found.value >= 0) | (view != "end"))
        inputs = data.inputs[view][own][:, columns]
        mean = inputs.mean(axis=0).astype(np.float64).round(5)
        deviation = (inputs.std(axis=0) + 1e-3).astype(np.float64).round(5)
        blank = Head(columns, mean, deviation, {})
        x = blank._standard(data.inputs[view][own])
        least = lower_bound(mode, view, data.earliest[own].astype(np.float32))
        y = jnp.asarray(data.sides.found.value[own], jnp.float32)
        weights = _train(x, y, jnp.maximum(least, -1e3), epochs, seed)
        heads[view] = dataclasses.replace(blank, weights=jax.tree.map(_shortened, weights))
    return heads


def laws(data: Examples, heads: dict[str, Head], rows: np.ndarray) -> Heads:
    """The laws of the offsets `rows`, [N] bool."""
    return {view: head(data.inputs[view][rows]) for view, head in heads.items()}


def _shortened(weights: jax.Array) -> np.ndarray:
    """To five decimals, with which they are stored: what is scored is what ships."""
    return np.asarray(weights, np.float64).round(5).astype(np.float32)


def _loss(weights: Any, x: jax.Array, y: jax.Array, least: jax.Array) -> jax.Array:
    law = NETWORK.apply(weights, x)
    assert isinstance(law, Mixture)
    return -jnp.mean(law.log_prob(y) - law.log_survival(least))


def _train(x: jax.Array, y: jax.Array, least: jax.Array, epochs: int, seed: int, batch: int = 1024) -> Any:
    batch = min(batch, len(y))
    steps = epochs * (len(y) // batch)
    first, order = jax.random.split(jax.random.key(seed))
    weights = NETWORK.init(first, x[:1])
    state = _optimizer(steps).init(weights)
    for key in jax.random.split(order, epochs):
        weights, state = _epoch(weights, state, x, y, least, key, batch, steps)
    return weights


def _optimizer(steps: int) -> optax.GradientTransformation:
    schedule = optax.cosine_decay_schedule(3e-3, steps, 0.01)
    return optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(schedule, weight_decay=1e-4))


@functools.partial(jax.jit, static_argnums=(6, 7))
def _epoch(
    weights: Any,
    state: Any,
    x: jax.Array,
    y: jax.Array,
    least: jax.Array,
    key: jax.Array,
    batch: int,
    steps: int,
) -> Any:
    """One pass in a random order; the last offsets that fill no batch are left out of it."""
    count = len(y) // batch
    rows = jax.random.permutation(key, len(y))[: count * batch].reshape(count, batch)

    def step(carry: Any, row: jax.Array) -> Any:
        weights, state = carry
        gradient = jax.grad(_loss)(weights, x[row], y[row], least[row])
        change, state = _optimizer(steps).update(gradient, state, weights)
        return (optax.apply_updates(weights, change), state), None

    return jax.lax.scan(step, (weights, state), rows)[0]
