"""Tacotron (Wang et al. 2017, arXiv 1703.10135): from phones to a mel spectrogram, and from that to a linear one.

Axes: B streams, N phones, S steps, F = r S frames, M mel bands, K bins of the linear spectrogram.

Differs: convolutions normalize each position rather than a batch (`layers.cbhg`); GRUs reset after the product; the
decoder says where the end is, by the stop token of Tacotron 2; the decoder's prenet leaves out units in generation too,
as in Tacotron 2.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp

from babble_jax.tacotron.config import SynthesisConfig, TacotronConfig
from babble_jax.tacotron.inputs import PhoneInputs
from babble_jax.tacotron.layers.attention import Memory
from babble_jax.tacotron.layers.cbhg import CBHG
from babble_jax.tacotron.layers.conditioning import Conditioning, PhoneEmbedding, phone_mask
from babble_jax.tacotron.layers.decoder import Decoder, DecoderOutput, DecoderState
from babble_jax.tacotron.layers.prenet import Prenet
from babble_jax.tacotron.layers.randomness import subkeys
from babble_jax.voice.models import cells

_ENCODER, _DECODER = 0, 200  # numbers of subkeys


class Tacotron(nn.Module):
    """Network of Tacotron.

    Attributes:
      config: of the voice; its model is a `TacotronConfig`.
    """

    config: SynthesisConfig

    def setup(self):
        """Makes the parts."""
        model = self.shape
        self.embedding = PhoneEmbedding(len(self.config.inputs.symbols), model.embedding)
        self.encoder_prenet = Prenet(model.encoder_prenet)
        self.encoder = CBHG(model.encoder)
        self.conditioning = Conditioning(self.config.inputs)
        bands = self.config.mel.bands
        self.decoder = Decoder(model.decoder, 2 * model.encoder.rnn, bands, "gru", residual=True)
        self.postnet = CBHG(model.postnet)
        self.linear = cells.Linear(self.config.mel.bins, initializer=cells.lecun)

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

    def decode(self, memory: Memory, frames: jax.Array, keys: jax.Array, train: bool) -> DecoderOutput:
        """Makes all steps with the true frames [B, r S, M] as the last ones.

        Args:
          memory: of the utterances.
          frames: normalized log mel.
          keys: [B] PRNG keys.
          train: whether units zone out.
        """
        return self.decoder(memory, frames, subkeys(keys, _DECODER), train)

    def initial_state(self, memory: Memory) -> DecoderState:
        """Makes the state before the first step."""
        return self.decoder.initial_state(memory)

    def step(
        self, memory: Memory, state: DecoderState, keys: jax.Array
    ) -> tuple[DecoderState, DecoderOutput]:
        """Makes one step with its own last frame.

        Args:
          memory: of the utterances.
          state: before the step.
          keys: [B] PRNG keys, the same in all steps.
        """
        return self.decoder.step(memory, state, subkeys(keys, _DECODER))

    def refine(self, frames: jax.Array, mask: jax.Array, keys: jax.Array | None = None) -> jax.Array:
        """Computes normalized log magnitudes [B, F, K] from frames [B, F, M]; each depends on all.

        Args:
          frames: normalized log mel, as the decoder gives it.
          mask: [B, F] bool, frames that are no padding.
          keys: not used.
        """
        del keys
        return self.linear(self.postnet(frames, mask))
