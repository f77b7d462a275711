"""Vectors for prosody, speaker and language, which are added to the encoding of the phones.

Axes: B streams, N phones, C channels of prosody, E numbers of a phone's encoding.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp

from babble_jax.tacotron.config import InputConfig
from babble_jax.tacotron.inputs import PhoneInputs
from babble_jax.voice.models import cells


def phone_mask(inputs: PhoneInputs) -> jax.Array:
    """Computes which phones are no padding, [B, N] bool."""
    return jnp.arange(inputs.phones.shape[1])[None] < jnp.asarray(inputs.lengths)[:, None]


class PhoneEmbedding(nn.Module):
    """A trainable vector for each phone.

    Attributes:
      symbols: number of phones.
      size: numbers of a vector.
    """

    symbols: int
    size: int

    @nn.compact
    def __call__(self, phones: jax.Array) -> jax.Array:
        """Maps [B, N] int32 to [B, N, size]."""
        table = self.param("embedding", nn.initializers.normal(0.3), (self.symbols, self.size))
        return table[phones]


class Conditioning(nn.Module):
    """Adds what the model is told beside phones.

    Attributes:
      config: what it is told.
    """

    config: InputConfig

    @nn.compact
    def __call__(self, encoding: jax.Array, inputs: PhoneInputs) -> jax.Array:
        """Adds vectors to the encoding [B, N, E], which stays 0 in the padding.

        Args:
          encoding: [B, N, E].
          inputs: of the utterances.
        """
        config, size = self.config, encoding.shape[-1]
        if config.prosody:
            if inputs.prosody is None:
                raise ValueError(f"this voice takes prosody [B, N, {len(config.prosody)}]; there is none")
            prosody = cells.Linear(size, use_bias=False, initializer=cells.lecun, name="prosody")
            encoding = encoding + prosody(jnp.asarray(inputs.prosody))
        for name, names, numbers in (
            ("speaker", config.speakers, inputs.speaker),
            ("language", config.languages, inputs.language),
        ):
            if names:
                if numbers is None:
                    raise ValueError(f"this voice takes a {name} [B] int32; there is none")
                table = self.param(name, nn.initializers.normal(0.1), (len(names), size))
                encoding = encoding + table[jnp.asarray(numbers)][:, None]
        return jnp.where(phone_mask(inputs)[..., None], encoding, 0.0)
