"""The state that training carries from one step to the next.

Axes: B streams.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from babble_jax.train.task import Carry, Params, Task


class TrainState(NamedTuple):
    """State of training.

    Attributes:
      step: [] int32, updates made.
      params: parameters of the model.
      optimizer: state of the optax optimizer.
      carry: state of B streams; each continues where its last batch ended.
      key: [2] uint32, key data for the keys of the streams and for the samples of an evaluation.
    """

    step: jax.Array
    params: Params
    optimizer: Any
    carry: Carry
    key: jax.Array


def init_train_state(task: Task) -> TrainState:
    """Makes the host state before the first step."""
    config = task.config
    init_key, later = jax.random.split(jax.random.key(config.seed))
    params = task.init(init_key)
    return TrainState(
        step=jnp.zeros((), jnp.int32),
        params=params,
        optimizer=config.optimizer.build().init(params),
        carry=jax.tree.map(jnp.array, task.initial_carry(params, config.batch_size)),
        key=jax.random.key_data(later),
    )
