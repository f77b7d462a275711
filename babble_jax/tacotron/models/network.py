"""The part that Tacotron and Tacotron 2 have alike: phones and what is told beside them, and a decoder of frames.

Axes: B streams, N phones, S steps, F = r S frames, M mel bands.
"""

import flax.linen as nn
import jax

from babble_jax.tacotron.config import SynthesisConfig
from babble_jax.tacotron.layers.attention import Memory
from babble_jax.tacotron.layers.conditioning import Conditioning, PhoneEmbedding
from babble_jax.tacotron.layers.decoder import Decoder, DecoderOutput, DecoderState
from babble_jax.tacotron.layers.randomness import subkeys

DECODER = 200
"""Number of the subkey of the decoder."""


class SpectrogramNetwork(nn.Module):
    """Network from phones to frames; a model extends it by its encoder, its decoder's cells and its post-net.

    Attributes:
      config: of the voice.
    """

    config: SynthesisConfig

    def setup(self):
        """Makes the parts that models have alike."""
        inputs = self.config.inputs
        self.embedding = PhoneEmbedding(len(inputs.symbols), self.config.model.embedding)
        self.conditioning = Conditioning(inputs)
        self.decoder = self.make_decoder()

    @nn.nowrap
    def make_decoder(self) -> Decoder:
        """Makes the decoder."""
        raise NotImplementedError

    def decode(
        self,
        memory: Memory,
        frames: jax.Array,
        keys: jax.Array,
        train: bool,
        forced: jax.Array | None = None,
    ) -> DecoderOutput:
        """Makes all steps with the true frames [B, r S, M] as the last ones.

        Args:
          memory: of the utterances.
          frames: normalized log mel.
          keys: [B] PRNG keys.
          train: whether units zone out.
          forced: [B, S, N] weights that take the place of the attention's; see `Decoder`.
        """
        return self.decoder(memory, frames, subkeys(keys, DECODER), train, forced)

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
        return self.decoder.step(memory, state, subkeys(keys, DECODER))
