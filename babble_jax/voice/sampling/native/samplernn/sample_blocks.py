"""A packed SampleRNN's streams, from state to state.

Axes: B streams, T samples, K tiers, D units.
"""

import jax.numpy as jnp
import numpy as np

from babble_jax.voice.models.samplernn import State
from babble_jax.voice.sampling.native.rows import table_rows
from babble_jax.voice.sampling.native.samplernn import loop
from babble_jax.voice.sampling.native.samplernn.pack import Packed
from babble_jax.voice.sampling.native.streams import SampleRequest, share_out


def sample(packed: Packed, state: State, asked: SampleRequest) -> tuple[np.ndarray, State]:
    """What the streams say, [B, T] int32, and the state after it."""
    batch, length = asked.uniform.shape
    frame, count = packed.voice.frame, len(packed.sizes)
    line = np.zeros((batch, frame + length), np.int32)
    line[:, :frame] = state.history
    hidden = np.stack([np.asarray(h)[:, 0] for h in state.hidden], axis=1).astype(np.float32)
    own = np.ascontiguousarray(packed.speakers[:, asked.speaker].swapaxes(0, 1))
    said = table_rows(asked.local, packed.features)

    def part(rows: slice) -> None:
        loop.run(
            packed.int8,
            packed.products,
            packed.places,
            packed.tables,
            packed.sizes,
            packed.dim,
            line[rows],
            hidden[rows],
            own[rows],
            said[rows],
            asked.uniform[rows],
            asked.forced[rows],
            asked.least,
            asked.temperature,
            asked.drawn[rows],
            asked.log_prob[rows],
        )

    share_out(batch, part)
    after = state._replace(
        history=jnp.asarray(line[:, length:]),
        hidden=tuple(jnp.asarray(hidden[:, k, None]) for k in range(count)),
    )
    return line[:, frame:], after
