"""A packed WaveNet's streams, from state to state.

Axes: B streams, T samples, L layers, R residual channels.
"""

import jax.numpy as jnp
import numpy as np

from babble_jax.voice.models.wavenet import State
from babble_jax.voice.sampling.native.rows import table_rows
from babble_jax.voice.sampling.native.streams import SampleRequest, share_out
from babble_jax.voice.sampling.native.wavenet import loop
from babble_jax.voice.sampling.native.wavenet.pack import Packed


def sample(packed: Packed, state: State, asked: SampleRequest) -> tuple[np.ndarray, State]:
    """What the streams say, [B, T] int32, and the state after it."""
    batch, length = asked.uniform.shape
    voice = packed.voice
    config, layers = voice.config, len(packed.dilations)
    past = np.concatenate([np.asarray(one, np.float32) for one in state.past], axis=1)
    position, last = int(state.position), np.array(state.last, np.int32)
    own = packed.speakers[asked.speaker]
    told = asked.local if voice.local else asked.local[:, :1]  # one row of nothing for all samples
    said = table_rows(told, packed.features)
    line = np.zeros((batch, length), np.int32)

    def part(rows: slice) -> None:
        loop.run(
            packed.int8,
            packed.products,
            packed.places,
            packed.table,
            packed.dilations,
            config.taps,
            config.skip,
            last[rows],
            past[rows],
            position,
            own[rows],
            said[rows],
            voice.frame if voice.local else length,
            asked.uniform[rows],
            asked.forced[rows],
            asked.least,
            asked.temperature,
            line[rows],
            asked.drawn[rows],
            asked.log_prob[rows],
        )

    share_out(batch, part)
    lengths = [one.shape[1] for one in state.past]
    after = state._replace(
        last=jnp.asarray(line[:, -1]),
        past=tuple(jnp.asarray(one) for one in np.split(past, np.cumsum(lengths)[: layers - 1], axis=1)),
        position=jnp.asarray((position + length) % max(lengths), state.position.dtype),
    )
    return line, after
