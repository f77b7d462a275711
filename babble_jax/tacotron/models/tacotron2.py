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

from babble_jax.tacotron.config import SynthesisConfig, Tacotron2Config
from babble_jax.tacotron.inputs import PhoneInputs
from babble_jax.tacotron.layers.attention import Memory
from babble_jax.tacotron.layers.conditioning import Conditioning, PhoneEmbedding, phone_mask
from babble_jax.tacotron.layers.convolution import Convolution
from babble_jax.tacotron.layers.decoder import Decoder, DecoderOutput, DecoderState
from babble_jax.tacotron.layers.randomness import draw_mask, subkeys
from babble_jax.tacotron.layers.recurrent import Bidirectional

_ENCODER, _ZONEOUT, _DECODER, _POSTNET = 0, 100, 200, 300  # numbers of subkeys


class Tacotron2(nn.Module):
    """Network of Tacotron 2.

    Attributes:
      config: of the voice; its model is a `Tacotron2Config`.
    """

    config: SynthesisConfig

    def setup(self):
        """Makes the parts."""
        model = self.shape
        self.embedding = PhoneEmbedding(len(self.config.inputs.symbols), model.embedding)
        self.convolutions = [
            Convolution(model.embedding, model.encoder_width, dropout=model.dropout)
            for _ in range(model.encoder_layers)
        ]
        self.encoder_rnn = Bidirectional("lstm", model.encoder_rnn, model.decoder.zoneout)
        self.conditioning = Conditioning(self.config.inputs)
        bands = self.config.mel.bands
        self.decoder = Decoder(model.decoder, 2 * model.encoder_rnn, bands, "lstm", residual=False)
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
