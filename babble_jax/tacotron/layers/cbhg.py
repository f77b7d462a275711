"""CBHG: a bank of convolutions, a highway network and a bidirectional GRU (arXiv 1703.10135, section 3.1, table 1).

Axes: B streams, N positions, C channels.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp

from babble_jax.tacotron.config import CBHGConfig
from babble_jax.tacotron.layers.convolution import Convolution
from babble_jax.tacotron.layers.recurrent import Bidirectional
from babble_jax.voice.models import cells

_CARRY = (
    -1.0
)  # bias of the gates, so that highway layers begin near the identity (arXiv 1505.00387, section 2.2)


def pool(x: jax.Array) -> jax.Array:
    """Computes the larger of each position and the next one, [B, N, C], of values of at least 0."""
    return jnp.maximum(x, jnp.pad(x, ((0, 0), (0, 1), (0, 0)))[:, 1:])


class Highway(nn.Module):
    """Highway layer (Srivastava et al. 2015, arXiv 1505.00387)."""

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        """Maps [..., C] to [..., C]."""
        size = x.shape[-1]
        new = jax.nn.relu(cells.Linear(size, name="new")(x))
        gate = jax.nn.sigmoid(cells.Linear(size, initializer=cells.lecun, name="gate")(x) + _CARRY)
        return x + gate * (new - x)


class CBHG(nn.Module):
    """CBHG.

    Differs: the convolutions normalize each position rather than a batch, the last one not at all, since it adds to the
    input.

    Attributes:
      config: its shape.
    """

    config: CBHGConfig

    @nn.compact
    def __call__(self, x: jax.Array, mask: jax.Array) -> jax.Array:
        """Maps x [B, N, C] to [B, N, 2 rnn]; 0 where `mask` is False.

        Args:
          x: [B, N, C].
          mask: [B, N] bool.
        """
        config, size = self.config, x.shape[-1]
        bank = [
            Convolution(config.channels, width, name=f"bank_{width}")(x, mask)
            for width in range(1, config.bank + 1)
        ]
        y = pool(jnp.where(mask[..., None], jnp.concatenate(bank, axis=-1), 0.0))
        y = Convolution(config.projection, 3, name="projection_0")(y, mask)
        last = Convolution(size, 3, lambda x: x, normalized=False, name="projection_1")
        x = x + last(y, mask)
        if size != config.highway:
            x = cells.Linear(config.highway, initializer=cells.lecun, name="highway_input")(x)
        for number in range(config.highway_layers):
            x = Highway(name=f"highway_{number}")(x)
        return Bidirectional("gru", config.rnn, name="rnn")(x, mask)
