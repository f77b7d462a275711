"""Everything that training carries from one step to the next.

Axes: B streams.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from babble_jax.train.config import TrainConfig
from babble_jax.voice.contract import Params, State


class TrainState(NamedTuple):
    """Attributes:
    step: [] int32, updates made.
    params: of the voice.
    optimizer: of optax.
    carry: the voice's recurrent state, B streams; a stream goes on where its last subsequence ended.
    key: [2] uint32, key data for what is drawn at random while training (noise, the babble of an evaluation).
    """

    step: jax.Array
    params: Params
    optimizer: Any
    carry: State
    key: jax.Array


def initial(config: TrainConfig, batch_size: int, params: Params = None) -> TrainState:
    """The state before the first step, flat; its parameters are `params`, or drawn."""
    init_key, later = jax.random.split(jax.random.key(config.seed))
    voice = config.voice.sample_model
    if params is None:
        params = jax.jit(voice.init)(init_key)
    return TrainState(
        step=jnp.zeros((), jnp.int32),
        params=params,
        optimizer=config.optimizer.build().init(params),
        # Every stream starts with a recording, so that these are replaced before they are read.
        carry=jax.tree.map(jnp.array, voice.initial_state(params, batch_size)),
        key=jax.random.key_data(later),
    )
