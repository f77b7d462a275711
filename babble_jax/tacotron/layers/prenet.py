"""The layers through which a decoder sees the last frame; their dropout stays on, in generation too.

Axes: B streams, N positions.
"""

import flax.linen as nn
import jax

from babble_jax.tacotron.layers.randomness import drop, subkeys
from babble_jax.voice.models import cells

DROPOUT = 0.5


class Prenet(nn.Module):
    """ReLU layers with dropout of a half (arXiv 1703.10135, table 1; arXiv 1712.05884, section 2.2).

    Attributes:
      sizes: units of the layers.
    """

    sizes: tuple[int, ...]

    @nn.compact
    def __call__(self, x: jax.Array, keys: jax.Array | None, first: jax.Array | int = 0) -> jax.Array:
        """Maps x [B, N, X] to [B, N, the last size].

        Args:
          x: [B, N, X].
          keys: [B] PRNG keys of the dropout; None for none.
          first: number of the first position.
        """
        for number, size in enumerate(self.sizes):
            x = jax.nn.relu(cells.Linear(size, name=f"layer_{number}")(x))
            x = drop(x, None if keys is None else subkeys(keys, number), DROPOUT, first)
        return x
