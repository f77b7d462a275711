"""Tacotron (Wang et al. 2017, arXiv 1703.10135): from phones to a mel spectrogram, and from that to a linear one.

Axes: B streams, N phones, S steps, F = r S frames, M mel bands, K bins of the linear spectrogram.

Differs: convolutions normalize each position rather than a batch (`layers.cbhg`); GRUs reset after the product; the
decoder says where the end is, by the stop token of Tacotron 2; the decoder's prenet leaves out units in generation too,
as in Tacotron 2.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp

from babble_jax.tacotron.config import TacotronConfig
from babble_jax.tacotron.inputs import PhoneInputs
from babble_jax.tacotron.layers.attention import Memory
from babble_jax.tacotron.layers.cbhg import CBHG
from babble_jax.tacotron.layers.conditioning import phone_mask
from babble_jax.tacotron.layers.decoder import Decoder
from babble_jax.tacotron.layers.prenet import Prenet
from babble_jax.tacotron.layers.randomness import subkeys
from babble_jax.tacotron.models.network import SpectrogramNetwork
from babble_jax.voice.models import cells

_ENCODER = 0  # number of the subkey


class Tacotron(SpectrogramNetwork):
    """Network of Tacotron.

    Attributes:
      config: of the voice; its model is a `TacotronConfig`.
    """

    def setup(self):
        """Makes the parts."""
        super().setup()
        model = self.shape
        self.encoder_prenet = Prenet(model.encoder_prenet)
        self.encoder = CBHG(model.encoder)
        self.postnet = CBHG(model.postnet)
        self.linear = cells.Linear(self.config.mel.bins, initializer=cells.lecun)

    @nn.nowrap
    def make_decoder(self) -> Decoder:
        """Makes the decoder, of GRUs around which what they are given goes on, too."""
        model = self.shape
        return Decoder(model.decoder, 2 * model.encoder.rnn, self.config.mel.bands, "gru", residual=True)

    @property
    def shape(self) -> TacotronConfig:
        """Sizes of the parts."""
        model = self.config.model
        assert isinstance(model, TacotronConfig)
        return model

    def encode(self, inputs: PhoneInputs, keys: jax.Array | None = None) -> Memory:
        """Encodes phones and what is told beside them.

        Args:
          inputs: of the utterances.
          keys: [B] PRNG keys of the dropout; None outside of training.
        """
        mask = phone_mask(inputs)
        x = self.embedding(jnp.asarray(inputs.phones))
        x = self.encoder(self.encoder_prenet(x, None if keys is None else subkeys(keys, _ENCODER)), mask)
        return self.decoder.remember(self.conditioning(x, inputs), mask)

    def refine(self, frames: jax.Array, mask: jax.Array, keys: jax.Array | None = None) -> jax.Array:
        """Computes normalized log magnitudes [B, F, K] from frames [B, F, M]; each depends on all.

        Args:
          frames: normalized log mel, as the decoder gives it.
          mask: [B, F] bool, frames that are no padding.
          keys: not used.
        """
        del keys
        return self.linear(self.postnet(frames, mask))
