"""Tacotron 2 (Shen et al. 2018, arXiv 1712.05884, section 2.2): from phones to a mel spectrogram.

Axes: B streams, N phones, S steps, F = r S frames, M mel bands, E numbers of a phone's encoding.

Differs: convolutions normalize each position rather than a batch (`layers.convolution`); the last one of the post-net,
which gives frames, is neither normalized nor has it dropout; the first recurrent layer of the decoder asks the
attention, as in NVIDIA's implementation; the filters of the attention see the weights of the last step and the sum of
all.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp

from babble_jax.tacotron.config import Tacotron2Config
from babble_jax.tacotron.inputs import PhoneInputs
from babble_jax.tacotron.layers.attention import Memory
from babble_jax.tacotron.layers.conditioning import phone_mask
from babble_jax.tacotron.layers.convolution import Convolution
from babble_jax.tacotron.layers.decoder import Decoder
from babble_jax.tacotron.layers.randomness import draw_mask, subkeys
from babble_jax.tacotron.layers.recurrent import Bidirectional
from babble_jax.tacotron.models.network import SpectrogramNetwork

_ENCODER, _ZONEOUT, _POSTNET = 0, 100, 300  # numbers of subkeys


class Tacotron2(SpectrogramNetwork):
    """Network of Tacotron 2.

    Attributes:
      config: of the voice; its model is a `Tacotron2Config`.
    """

    def setup(self):
        """Makes the parts."""
        super().setup()
        model = self.shape
        self.convolutions = [
            Convolution(model.embedding, model.encoder_width, dropout=model.dropout)
            for _ in range(model.encoder_layers)
        ]
        self.encoder_rnn = Bidirectional("lstm", model.encoder_rnn, model.decoder.zoneout)
        bands = self.config.mel.bands
        last = model.postnet_layers - 1
        self.postnet = [
            Convolution(
                bands if number == last else model.postnet,
                model.postnet_width,
                (lambda x: x) if number == last else jnp.tanh,
                normalized=number < last,
                dropout=model.dropout if number < last else 0.0,
            )
            for number in range(model.postnet_layers)
        ]

    @nn.nowrap
    def make_decoder(self) -> Decoder:
        """Makes the decoder, of LSTMs."""
        model = self.shape
        return Decoder(model.decoder, 2 * model.encoder_rnn, self.config.mel.bands, "lstm", residual=False)

    @property
    def shape(self) -> Tacotron2Config:
        """Sizes of the parts."""
        model = self.config.model
        assert isinstance(model, Tacotron2Config)
        return model

    def encode(self, inputs: PhoneInputs, keys: jax.Array | None = None) -> Memory:
        """Encodes phones and what is told beside them.

        Args:
          inputs: of the utterances.
          keys: [B] PRNG keys of dropout and zoneout; None outside of training.
        """
        mask = phone_mask(inputs)
        x = self.embedding(jnp.asarray(inputs.phones))
        for number, layer in enumerate(self.convolutions):
            x = layer(x, mask, None if keys is None else subkeys(keys, _ENCODER + number))
        zoneout, rate = None, self.shape.decoder.zoneout
        if keys is not None and rate:
            zoneout = draw_mask(subkeys(keys, _ZONEOUT), rate, x.shape[1], 4 * self.shape.encoder_rnn)
        x = self.encoder_rnn(x, mask, zoneout)
        return self.decoder.remember(self.conditioning(x, inputs), mask)

    def refine(self, frames: jax.Array, mask: jax.Array, keys: jax.Array | None = None) -> jax.Array:
        """Adds the post-net's correction to frames [B, F, M]; each depends on its neighbours.

        Args:
          frames: normalized log mel, as the decoder gives it.
          mask: [B, F] bool, frames that are no padding.
          keys: [B] PRNG keys of the dropout; None outside of training.
        """
        x = frames
        for number, layer in enumerate(self.postnet):
            x = layer(x, mask, None if keys is None else subkeys(keys, _POSTNET + number))
        return frames + x
