"""A model as pure functions of its parameters: with the true frames (teacher forcing), one step, or all until the end.

Axes: B streams, N phones, S steps, F = r S frames, M mel bands, K bins of a linear spectrogram.

Frames are normalized (`mel_spectrogram.normalize`). Random numbers are those of a stream's key and of the number of the
step or phone, so that steps one by one give what `apply` gives, and padding changes nothing.
"""

import dataclasses
import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.tacotron.config import SynthesisConfig, TacotronConfig
from babble_jax.tacotron.inputs import PhoneInputs
from babble_jax.tacotron.layers.attention import Memory
from babble_jax.tacotron.layers.decoder import DecoderOutput, DecoderState
from babble_jax.tacotron.models.tacotron import Tacotron
from babble_jax.tacotron.models.tacotron2 import Tacotron2
from babble_jax.voice.contract import Params

Network = Tacotron | Tacotron2


class Prediction(NamedTuple):
    """Outputs with the true frames as the last ones.

    Attributes:
      frames: [B, F, M] normalized log mel, as the decoder gives it.
      refined: [B, F, M] of Tacotron 2's post-net; [B, F, K] normalized log magnitude of Tacotron's.
      stop: [B, S] logits of the end being reached with a step.
      attention: [B, S, N] weights; each row sums to 1.
    """

    frames: jax.Array
    refined: jax.Array
    stop: jax.Array
    attention: jax.Array


class Generation(NamedTuple):
    """Utterances that a model has made.

    Attributes:
      frames: [B, F, M] normalized log mel, as the decoder gives it.
      refined: as in `Prediction`.
      lengths: [B] int32, frames of each.
      ended: [B] bool, whether it has said itself that the end is reached.
      attention: [B, S, N] weights.
    """

    frames: jax.Array
    refined: jax.Array
    lengths: jax.Array
    ended: jax.Array
    attention: jax.Array


@dataclasses.dataclass(frozen=True)
class Synthesizer:
    """Pure functions of a model.

    Attributes:
      config: of the model, its inputs and its spectrogram.
    """

    config: SynthesisConfig

    @functools.cached_property
    def network(self) -> Network:
        """Network of the model."""
        return (Tacotron if isinstance(self.config.model, TacotronConfig) else Tacotron2)(self.config)

    @property
    def reduction(self) -> int:
        """Frames per step, r."""
        return self.config.model.decoder.reduction

    def init(self, key: jax.Array) -> Params:
        """Draws initial parameters; `key` is consumed."""
        inputs, config = self.config.inputs, self.config
        empty = PhoneInputs(
            jnp.zeros((1, 1), jnp.int32),
            jnp.ones(1, jnp.int32),
            jnp.zeros((1, 1, len(inputs.prosody))) if inputs.prosody else None,
            jnp.zeros(1, jnp.int32) if inputs.speakers else None,
            jnp.zeros(1, jnp.int32) if inputs.languages else None,
        )
        frames, lengths = jnp.zeros((1, self.reduction, config.mel.bands)), jnp.ones(1, jnp.int32)
        method = functools.partial(_predict, train=False)
        return self.network.init(key, empty, frames, lengths, key[None], method=method)["params"]

    def apply(
        self,
        params: Params,
        inputs: PhoneInputs,
        frames: jax.Array,
        lengths: jax.Array,
        keys: jax.Array,
        train: bool = False,
        forced: jax.Array | None = None,
    ) -> Prediction:
        """Predicts every frame from the phones and the true frames before its step.

        Args:
          params: parameters.
          inputs: of B utterances.
          frames: [B, r S, M] normalized log mel, true.
          lengths: [B] int32, frames of each utterance.
          keys: [B] PRNG keys, consumed; the prenet leaves out units outside of training too.
          train: whether other layers leave out units as well.
          forced: [B, S, N] weights that take the place of the attention's; where all of a step's are 0, its own stay.
        """
        method = functools.partial(_predict, train=train, forced=forced)
        return self.network.apply({"params": params}, inputs, frames, lengths, keys, method=method)  # pyright: ignore[reportReturnType]

    def encode(self, params: Params, inputs: PhoneInputs) -> Memory:
        """Encodes B utterances.

        Args:
          params: parameters.
          inputs: of the utterances.
        """
        return self.network.apply({"params": params}, inputs, method="encode")  # pyright: ignore[reportReturnType]

    def initial_state(self, params: Params, memory: Memory) -> DecoderState:
        """Makes the state before the first step.

        Args:
          params: parameters.
          memory: of the utterances.
        """
        return self.network.apply({"params": params}, memory, method="initial_state")  # pyright: ignore[reportReturnType]

    def step(
        self, params: Params, memory: Memory, state: DecoderState, keys: jax.Array
    ) -> tuple[DecoderState, DecoderOutput]:
        """Makes one step of the decoder from its own last frame; `state._replace(frame=...)` puts in another.

        Args:
          params: parameters.
          memory: of the utterances.
          state: before the step.
          keys: [B] PRNG keys, the same in all steps.
        """
        return self.network.apply({"params": params}, memory, state, keys, method="step")  # pyright: ignore[reportReturnType]

    def refine(self, params: Params, frames: jax.Array, lengths: jax.Array) -> jax.Array:
        """Refines the frames of B utterances, as `Prediction.refined`.

        Args:
          params: parameters.
          frames: [B, F, M] of the decoder.
          lengths: [B] int32.
        """
        mask = frame_mask(lengths, frames.shape[1])
        return self.network.apply({"params": params}, frames, mask, method="refine")  # pyright: ignore[reportReturnType]

    def generate(
        self,
        params: Params,
        inputs: PhoneInputs,
        keys: jax.Array,
        most_steps: int,
        threshold: float = 0.5,
    ) -> Generation:
        """Makes utterances step by step until each has ended, or up to a number of steps.

        Args:
          params: parameters.
          inputs: of B utterances.
          keys: [B] PRNG keys, consumed.
          most_steps: S, limit of the number of steps.
          threshold: probability of the end at which an utterance ends.
        """
        memory = self.encode(params, inputs)
        batch, phones = memory.mask.shape
        reduction, bands = self.reduction, self.config.mel.bands

        def go_on(carry):
            state, _, _, lengths = carry
            return (state.step < most_steps) & jnp.any(lengths == 0)

        def body(carry):
            state, frames, attention, lengths = carry
            step = state.step
            state, output = self.step(params, memory, state, keys)
            frames = jax.lax.dynamic_update_slice(frames, output.frames, (0, step * reduction, 0))
            attention = jax.lax.dynamic_update_slice(attention, output.attention, (0, step, 0))
            ends = (jax.nn.sigmoid(output.stop[:, 0]) > threshold) & (lengths == 0)
            return state, frames, attention, jnp.where(ends, (step + 1) * reduction, lengths)

        start = (
            self.initial_state(params, memory),
            jnp.zeros((batch, most_steps * reduction, bands)),
            jnp.zeros((batch, most_steps, phones)),
            jnp.zeros(batch, jnp.int32),
        )
        _, frames, attention, lengths = jax.lax.while_loop(go_on, body, start)
        ended = lengths > 0
        lengths = jnp.where(ended, lengths, most_steps * reduction)
        return Generation(frames, self.refine(params, frames, lengths), lengths, ended, attention)


def frame_mask(lengths: jax.Array | np.ndarray, frames: int) -> jax.Array:
    """Computes which frames are no padding, [B, F] bool.

    Args:
      lengths: [B] int32, frames of each utterance.
      frames: F.
    """
    return jnp.arange(frames)[None] < jnp.asarray(lengths)[:, None]


def _predict(
    network: Network,
    inputs: PhoneInputs,
    frames: jax.Array,
    lengths: jax.Array,
    keys: jax.Array,
    train: bool,
    forced: jax.Array | None = None,
) -> Prediction:
    own = keys if train else None
    memory = network.encode(inputs, own)
    output = network.decode(memory, frames, keys, train, forced)
    refined = network.refine(output.frames, frame_mask(lengths, frames.shape[1]), own)
    return Prediction(output.frames, refined, output.stop, output.attention)
