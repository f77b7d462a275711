"""Convolutions along phones or frames, with normalization of each position.

Axes: B streams, N positions, C channels, W width.

Differs from both papers: what they normalize over a batch is normalized over the channels of each position (Ba et al.
2016, arXiv 1607.06450), which has as many parameters. So a batch's padding and its other utterances change nothing, and
the parameters are all there is.
"""

from collections.abc import Callable

import flax.linen as nn
import jax
import jax.numpy as jnp

from babble_jax.tacotron.layers.randomness import drop
from babble_jax.voice.models import cells

Activation = Callable[[jax.Array], jax.Array]


class Convolve(nn.Module):
    """Convolution with a bias; zeros stand beyond the ends.

    Attributes:
      features: channels that it gives.
      width: W; position n sees n - (W - 1) // 2 to n + W // 2.
    """

    features: int
    width: int

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        """Maps x [B, N, C] to [B, N, features]."""
        channels, before = x.shape[-1], (self.width - 1) // 2
        kernel = self.param("kernel", cells.lecun, (self.width * channels, self.features))
        y = jax.lax.conv_general_dilated(
            x.astype(kernel.dtype),
            kernel.reshape(self.width, channels, self.features),
            window_strides=(1,),
            padding=[(before, self.width - 1 - before)],
            dimension_numbers=("NWC", "WIO", "NWC"),
            preferred_element_type=jnp.float32,
        )
        return y + jnp.broadcast_to(self.param("bias", nn.initializers.zeros, (self.features,)), y.shape)


class Convolution(nn.Module):
    """Convolution of masked positions, normalization where asked for, activation, dropout.

    Attributes:
      features: channels that it gives.
      width: W.
      activation: applied to the normalized sums.
      normalized: whether they are normalized.
      dropout: share of units that training leaves out.
    """

    features: int
    width: int
    activation: Activation = jax.nn.relu
    normalized: bool = True
    dropout: float = 0.0

    @nn.compact
    def __call__(self, x: jax.Array, mask: jax.Array, keys: jax.Array | None = None) -> jax.Array:
        """Maps x [B, N, C] to [B, N, features].

        Args:
          x: [B, N, C]; what stands where `mask` is False counts as 0.
          mask: [B, N] bool.
          keys: [B] PRNG keys of the dropout; None for none.
        """
        x = jnp.where(mask[..., None], x, 0.0)
        y = Convolve(self.features, self.width, name="convolution")(x)
        if self.normalized:
            y = nn.LayerNorm(epsilon=1e-5, name="norm")(y)
        return drop(self.activation(y), keys, self.dropout)
