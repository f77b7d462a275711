"""Trains the heads of a context predictor on the FTOs of many conversations.

Axes: N FTOs, F columns of covariates, D inputs of a head, B FTOs of a batch.
"""

import dataclasses
import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from babble_jax.numerics import fixed_numerics
from babble_jax.timing.prediction.context import VIEWS, Distributions, Mode, lower_bound
from babble_jax.timing.prediction.examples import Examples
from babble_jax.timing.prediction.heads import NETWORK, Head
from babble_jax.timing.prediction.network import LogisticMixture


@fixed_numerics()
def train_heads(
    data: Examples, mode: Mode, columns: tuple[int, ...], epochs: int = 8, seed: int = 0
) -> dict[str, Head]:
    """Trains the heads of a mode, each on the training FTOs that it is for.

    Adam with weight decay, gradients clipped to norm 1, a cosine from 3e-3 to a hundredth of it.

    Args:
      data: the FTOs.
      mode: of the prediction.
      columns: [D] indices into `INPUTS`.
      epochs: passes over the FTOs.
      seed: of the initial weights and the order of the FTOs.

    Returns:
      The heads by view.
    """
    heads = {}
    fto = data.split.ftos.fto
    for view in VIEWS[mode]:
        # The second decision is made only where the taker has waited.
        rows = data.split.train & ((fto >= 0) | (view != "end"))
        inputs = data.inputs[view][rows][:, columns]
        mean = inputs.mean(axis=0).astype(np.float64).round(5)
        deviation = (inputs.std(axis=0) + 1e-3).astype(np.float64).round(5)
        blank = Head(columns, mean, deviation, {})
        x = blank.standardize(data.inputs[view][rows])
        bound = lower_bound(mode, view, data.earliest[rows].astype(np.float32))
        y = jnp.asarray(fto[rows], jnp.float32)
        weights = _train(x, y, jnp.maximum(bound, -1e3), epochs, seed)
        heads[view] = dataclasses.replace(blank, weights=jax.tree.map(_round, weights))
    return heads


@fixed_numerics()
def apply_heads(data: Examples, heads: dict[str, Head], rows: np.ndarray) -> Distributions:
    """Computes the distributions of some FTOs by view.

    Args:
      data: the FTOs.
      heads: by view.
      rows: [N] bool, of which FTOs.
    """
    return {view: head(data.inputs[view][rows]) for view, head in heads.items()}


def _round(weights: jax.Array) -> np.ndarray:
    """Rounds weights to the five decimals with which they are stored, so that the stored ones are scored."""
    return np.asarray(weights, np.float64).round(5).astype(np.float32)


def _loss(weights: Any, x: jax.Array, y: jax.Array, bound: jax.Array) -> jax.Array:
    distribution = NETWORK.apply(weights, x)
    assert isinstance(distribution, LogisticMixture)
    return -jnp.mean(distribution.log_prob(y) - distribution.log_survival(bound))


def _train(x: jax.Array, y: jax.Array, bound: jax.Array, epochs: int, seed: int, batch: int = 1024) -> Any:
    batch = min(batch, len(y))
    steps = epochs * (len(y) // batch)
    first, order = jax.random.split(jax.random.key(seed))
    weights = NETWORK.init(first, x[:1])
    state = _optimizer(steps).init(weights)
    for key in jax.random.split(order, epochs):
        weights, state = _epoch(weights, state, x, y, bound, key, batch, steps)
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
    bound: jax.Array,
    key: jax.Array,
    batch: int,
    steps: int,
) -> Any:
    """Makes one pass in a random order; the last FTOs, which fill no batch, are left out of it."""
    count = len(y) // batch
    rows = jax.random.permutation(key, len(y))[: count * batch].reshape(count, batch)

    def step(carry: Any, row: jax.Array) -> Any:
        weights, state = carry
        gradient = jax.grad(_loss)(weights, x[row], y[row], bound[row])
        change, state = _optimizer(steps).update(gradient, state, weights)
        return (optax.apply_updates(weights, change), state), None

    return jax.lax.scan(step, (weights, state), rows)[0]
