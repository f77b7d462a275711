"""Speaks the phones of one phrase step by step: mel frames come as soon as the post-net has seen enough of them.

What attention may do wrong is bounded. A phrase ends where the model says that the end is reached; else when it has
stayed in the silence after the last phone for longer than a pause; else after so many steps. The silence before the
first phone is left out.

Axes: N phones, k frames that come out, M mel bands.
"""

import dataclasses
from typing import NamedTuple

import numpy as np

from babble_jax.audio.mel_spectrogram import denormalize
from babble_jax.tacotron.config import SynthesisConfig
from babble_jax.tacotron.inputs import PhoneInputs
from babble_jax.tacotron.streaming.dropout import PrenetMasks, draw_masks
from babble_jax.tacotron.streaming.network import DecoderState, Memory, Params, StreamingNetwork
from babble_jax.tacotron.streaming.postnet import PostnetState, StreamingPostnet

LONGEST_LEAD = 0.5
"""Seconds of silence before the first phone that are left out at most."""
_STOP = 0.0  # logit of the end, of a probability of a half


@dataclasses.dataclass(frozen=True)
class PhraseBounds:
    """Bounds of what is made of the phones of a phrase.

    Attributes:
      most_steps: of the decoder.
      lead_steps: steps of silence before the first phone that are left out at most; 0 where none is to be.
      tail_steps: steps after which silence after the last phone ends the phrase; None where it does not.
    """

    most_steps: int
    lead_steps: int = 0
    tail_steps: int | None = None


class PhraseState(NamedTuple):
    """State of a phrase: a value, which nothing changes in place.

    Attributes:
      bounds: of the phrase.
      memory: of its phones.
      masks: of the prenet.
      decoder: of the decoder.
      postnet: of the post-net.
      steps: made so far.
      length: frames of the decoder, once the end is reached; None before.
      lead: steps at the start in which the attention has not left the silence before the first phone.
      tail: latest steps in which it was in the silence after the last phone.
    """

    bounds: PhraseBounds
    memory: Memory
    masks: PrenetMasks
    decoder: DecoderState
    postnet: PostnetState
    steps: int = 0
    length: int | None = None
    lead: int = 0
    tail: int = 0


class StreamingSynthesizer:
    """Pure functions that speak phrases with a Tacotron 2.

    Args:
      config: of the model, which is a Tacotron 2.
      params: its parameters.

    Attributes:
      config: of the model.
    """

    def __init__(self, config: SynthesisConfig, params: Params):
        self.config = config
        self._network, self._postnet = StreamingNetwork(config, params), StreamingPostnet(config, params)

    @property
    def step_seconds(self) -> float:
        """Seconds of the frames of a step."""
        return self.config.model.decoder.reduction * self.config.mel.hop_seconds

    def begin(self, inputs: PhoneInputs, key: np.ndarray, bounds: PhraseBounds) -> PhraseState:
        """Begins a phrase.

        Args:
          inputs: of its phones, B = 1.
          key: [2] uint32, of the units that the prenet leaves out, as `Synthesizer.step` takes it.
          bounds: of the phrase.
        """
        memory = self._network.encode(inputs)
        masks = draw_masks(key, [*self.config.model.decoder.prenet])
        decoder = self._network.initial_state(memory)
        return PhraseState(bounds, memory, masks, decoder, self._postnet.initial_state())

    def ended(self, state: PhraseState) -> bool:
        """Tells whether all frames of a phrase have come out."""
        return state.length is not None and state.postnet.pushed - self._postnet.delay >= state.length

    def advance(self, state: PhraseState) -> tuple[PhraseState, np.ndarray]:
        """Makes a step, or after the last one lets out what the post-net has held back.

        Args:
          state: of a phrase that has not `ended`.

        Returns:
          The state after the step, and frames [k, M], natural logarithm of magnitudes; none until the post-net has
          seen enough, and none of the silence before the first phone.
        """
        if state.length is None:
            state, frames = self._step(state)
        else:
            shape = self.config.model.decoder.reduction, self.config.mel.bands
            frames = np.zeros(shape, np.float32)
        first = state.postnet.pushed - self._postnet.delay
        postnet, refined = self._postnet.push(state.postnet, frames, state.length)
        position = first + np.arange(len(refined))
        reduction = self.config.model.decoder.reduction
        there = position >= reduction * min(state.lead, state.bounds.lead_steps)
        if state.length is not None:
            there &= position < state.length
        return state._replace(postnet=postnet), denormalize(refined[there], self.config.mel)

    def _step(self, state: PhraseState) -> tuple[PhraseState, np.ndarray]:
        """Makes a step of the decoder: the state after it but for the post-net, and frames [r, M], normalized."""
        masks = state.masks.at(state.steps)
        decoder, output = self._network.step(state.memory, state.decoder, masks.of(state.steps))
        steps, bounds = state.steps + 1, state.bounds
        phone, last = int(output.attention.argmax()), len(output.attention) - 1
        lead = steps if phone == 0 and state.lead == state.steps else state.lead
        tail = state.tail + 1 if phone == last else 0
        ends = output.stop > _STOP or steps >= bounds.most_steps
        ends = ends or (bounds.tail_steps is not None and tail > bounds.tail_steps)
        length = steps * self.config.model.decoder.reduction if ends else None
        lead = min(lead, steps - 1) if ends else lead  # a phrase without a sound is a step of silence
        state = state._replace(masks=masks, decoder=decoder, steps=steps, length=length, lead=lead, tail=tail)
        return state, output.frames
