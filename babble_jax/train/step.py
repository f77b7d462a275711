"""One update, and one step of an evaluation, as pure functions of (state, batch).

Axes: B streams.

Both run on one device, under `jit` over sharded arrays, and under a mapped axis of devices, whose name they then
take. Sums over streams are sums over all devices: a loss is a sum divided by a sum of weights, never a mean of means.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from babble_jax.train.state import TrainState
from babble_jax.train.task import Batch, Task


class Metrics(NamedTuple):
    """Sums over all streams, [] float32 each.

    Attributes:
      total: sum that is minimized.
      weight: sum of the weights.
      sums: further sums of the task, by name.
      gradient_norm: L2 norm of the gradient before clipping; 0 in evaluation.
      gradient_squares: sums of squares of each array of the gradient before clipping; empty in evaluation.
      update_squares: the same of the change of the parameters, where it was measured.
    """

    total: jax.Array
    weight: jax.Array
    sums: dict[str, jax.Array]
    gradient_norm: jax.Array
    gradient_squares: Any = ()
    update_squares: Any = ()


Step = Callable[..., tuple[TrainState, Metrics]]


def _total(x: Any, axis: str | None) -> Any:
    """Sums over devices, where there is a mapped axis."""
    return x if axis is None else jax.lax.psum(x, axis)


def _stream_keys(state: TrainState, batch: Batch, axis: str | None) -> jax.Array:
    """Makes the keys of the streams in this step, [B], which do not depend on the assignment to devices."""
    key = jax.random.fold_in(jax.random.wrap_key_data(state.key), state.step)
    count = jax.tree.leaves(batch)[0].shape[0]
    before = 0 if axis is None else jax.lax.axis_index(axis) * count
    return jax.vmap(lambda i: jax.random.fold_in(key, i))(before + jnp.arange(count))


def train_step(task: Task, schedule: optax.Schedule | None = None) -> Step:
    """Makes the update `step(state, batch, axis=None) -> state, metrics`.

    The gradient is that of the loss per weight over all devices, clipped after the reduction.

    Args:
      task: the task.
      schedule: learning rate by the number of earlier updates; that of the task's config where None.
    """
    optimizer = task.config.optimizer.build(schedule)

    def step(state: TrainState, batch: Batch, axis: str | None = None) -> tuple[TrainState, Metrics]:
        def local(params):
            loss = task.loss(params, state.carry, batch, _stream_keys(state, batch, axis))
            return loss.total, (loss.weight, loss.sums, loss.carry)

        (total, (weight, sums, carry)), gradient = jax.value_and_grad(local, has_aux=True)(state.params)
        total, (weight, sums), gradient = _total((total, (weight, sums), gradient), axis)
        scale = 1 / jnp.maximum(weight, 1)  # a batch of padding alone moves nothing
        gradient = jax.tree.map(lambda g: g * scale, gradient)
        updates, opt = optimizer.update(gradient, state.optimizer, state.params)
        params = optax.apply_updates(state.params, updates)
        squares = jax.tree.map(
            lambda g: jnp.sum(jnp.square(g)), gradient
        )  # shared with the norm, once compiled
        metrics = Metrics(total, weight, sums, optax.tree.norm(gradient), squares)
        return state._replace(step=state.step + 1, params=params, optimizer=opt, carry=carry), metrics

    return step


def evaluation_step(task: Task) -> Step:
    """Makes the step of an evaluation, `step(state, batch, axis=None) -> state, metrics`; updates the carry alone."""

    def step(state: TrainState, batch: Batch, axis: str | None = None) -> tuple[TrainState, Metrics]:
        loss = task.loss(state.params, state.carry, batch)
        total, weight, sums = _total((loss.total, loss.weight, loss.sums), axis)
        return state._replace(carry=loss.carry), Metrics(total, weight, sums, jnp.zeros(()))

    return step
