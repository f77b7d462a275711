"""The state that training carries from one step to the next.

Axes: B streams.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from babble_jax.train.config import TrainConfig
from babble_jax.voice.contract import ModelState, Params


class TrainState(NamedTuple):
    """State of training.

    Attributes:
      step: [] int32, updates made.
      params: parameters of the voice.
      optimizer: state of the optax optimizer.
      carry: recurrent state of the voice for B streams; each continues where its last subsequence ended.
      key: [2] uint32, key data for the noise and for the babble of an evaluation.
    """

    step: jax.Array
    params: Params
    optimizer: Any
    carry: ModelState
    key: jax.Array


def init_train_state(config: TrainConfig, batch_size: int, params: Params = None) -> TrainState:
    """Makes the host state before the first step.

    Args:
      config: config of the run.
      batch_size: B.
      params: parameters of the voice; None to draw them.
    """
    init_key, later = jax.random.split(jax.random.key(config.seed))
    voice = config.voice.sample_model
    if params is None:
        params = jax.jit(voice.init)(init_key)
    return TrainState(
        step=jnp.zeros((), jnp.int32),
        params=params,
        optimizer=config.optimizer.build().init(params),
        # Every stream begins with the start of a recording, which resets its state before it is read.
        carry=jax.tree.map(jnp.array, voice.initial_state(params, batch_size)),
        key=jax.random.key_data(later),
    )
