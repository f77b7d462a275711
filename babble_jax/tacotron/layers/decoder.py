"""The decoder: from the encoding of the phones to frames, r of them a step.

Axes: B streams, S steps, N phones, F = r S frames, M mel bands, E numbers of a phone's encoding.

A step: the last frame goes through the prenet; with the context of the last step it enters the attention's recurrent
layer, whose output asks the attention for a new context; both enter further recurrent layers, from which r frames and
the logit of the end are read. Further layers do not feed back, so that with the true frames in place the first
recurrent layer and the attention are one scan, each further layer is another, and all else is products over all steps.
"""

import functools
from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp

from babble_jax.tacotron.config import DecoderConfig
from babble_jax.tacotron.layers.attention import Attention, Memory, attend, read
from babble_jax.tacotron.layers.prenet import Prenet
from babble_jax.tacotron.layers.randomness import draw_mask, subkeys
from babble_jax.tacotron.layers.recurrent import (
    Kind,
    Recurrent,
    forget_biases,
    gate_count,
    state_size,
    update_state,
    zone_out,
)
from babble_jax.tacotron.layers.scan import Multiply, multiply_by, scan_products
from babble_jax.voice.models import cells

PRENET, _ZONEOUT = 0, 1  # numbers of subkeys


class AttentionState(NamedTuple):
    """State of the attention and of its recurrent layer.

    Attributes:
      rnn: [B, S] of the recurrent layer.
      context: [B, E].
      weights: [B, N] of the last step.
      total: [B, N], sum of the weights of all steps before.
    """

    rnn: jax.Array
    context: jax.Array
    weights: jax.Array
    total: jax.Array


class DecoderState(NamedTuple):
    """State of a decoder between two steps.

    Attributes:
      step: [] int32, number of the next step.
      frame: [B, M], the last frame.
      attention: of the attention.
      layers: [B, S] of each further recurrent layer.
    """

    step: jax.Array
    frame: jax.Array
    attention: AttentionState
    layers: tuple[jax.Array, ...]


class DecoderOutput(NamedTuple):
    """Outputs of all steps, or of one (S = 1).

    Attributes:
      frames: [B, r S, M].
      stop: [B, S] logits of the end being reached with the step.
      attention: [B, S, N] weights.
    """

    frames: jax.Array
    stop: jax.Array
    attention: jax.Array


def _attend_step(kind: Kind, rate: float, constants: Any, state: AttentionState, x: Any, multiply: Multiply):
    memory, bias = constants
    dim = state.rnn.shape[1] // (2 if kind == "lstm" else 1)
    inputs = x["input"] + multiply("context", state.context)
    recurrent = multiply("recurrent", state.rnn[:, :dim]) + bias[None]
    rnn = zone_out(state.rnn, update_state(kind, inputs, recurrent, state.rnn), x.get("zoneout"), rate)
    own = weights = attend(memory, multiply("query", rnn[:, :dim]), state.weights, state.total)
    if "forced" in x:
        forced = jax.lax.stop_gradient(x["forced"])
        weights = jnp.where(jnp.sum(forced, axis=-1, keepdims=True) > 0, forced, own)
    context = read(memory, weights)
    after = AttentionState(rnn, context, weights, state.total + weights)
    return after, (rnn[:, :dim], context, own)


class Decoder(nn.Module):
    """Decoder with attention.

    Attributes:
      config: its shape.
      encoding: E.
      bands: M.
      kind: of its recurrent layers: "lstm" in Tacotron 2, "gru" in Tacotron.
      residual: whether each further recurrent layer adds to its input, as in Tacotron.
    """

    config: DecoderConfig
    encoding: int
    bands: int
    kind: Kind
    residual: bool

    def setup(self):
        """Makes the parts."""
        config, kind = self.config, self.kind
        count = gate_count(kind)
        self.prenet = Prenet(config.prenet)
        self.attention = Attention(
            config.attention, config.attention_rnn, config.location_filters, config.location_width
        )
        dim = config.attention_rnn
        self.input = cells.Linear(count * dim, use_bias=kind == "gru", initializer=cells.lecun)
        square = cells.gates(nn.initializers.orthogonal(), count)
        self.recurrent = cells.Kernel(dim, count * dim, square)
        self.context = cells.Kernel(self.encoding, count * dim, cells.lecun)
        if kind == "lstm":
            self.bias = self.param("bias", forget_biases(dim), (4 * dim,))
        else:
            self.bias = self.param("candidate_bias", nn.initializers.zeros, (dim,))
        self.rnns = [Recurrent(kind, config.rnn, config.zoneout) for _ in range(config.layers)]
        if self.residual:
            self.projection = cells.Linear(config.rnn, initializer=cells.lecun)
        self.frames = cells.Linear(config.reduction * self.bands, initializer=cells.lecun)
        self.stop = cells.Linear(1, initializer=cells.lecun)

    def remember(self, encoding: jax.Array, mask: jax.Array) -> Memory:
        """Computes what the attention needs of the encoding.

        Args:
          encoding: [B, N, E].
          mask: [B, N] bool.
        """
        return self.attention.remember(encoding, mask)

    def initial_state(self, memory: Memory) -> DecoderState:
        """Makes the state before the first step: silence of zeros, and attention to nothing."""
        batch, phones, size = memory.encoding.shape
        config = self.config
        attention = AttentionState(
            jnp.zeros((batch, state_size(self.kind, config.attention_rnn))),
            jnp.zeros((batch, size)),
            jnp.zeros((batch, phones)),
            jnp.zeros((batch, phones)),
        )
        state = jnp.zeros((batch, state_size(self.kind, config.rnn)))
        return DecoderState(
            jnp.zeros((), jnp.int32), jnp.zeros((batch, self.bands)), attention, (state,) * config.layers
        )

    def _kernels(self) -> dict[str, jax.Array]:
        """Collects the kernels of a step of the attention."""
        return {
            "context": self.context(),
            "recurrent": self.recurrent(),
            "query": self.attention.query_kernel(),
        }

    def _constants(self, memory: Memory) -> tuple[Memory, jax.Array]:
        if self.kind == "lstm":
            return memory, self.bias
        return memory, jnp.concatenate([jnp.zeros(2 * self.config.attention_rnn), self.bias])

    def _zoneout(self, keys: jax.Array, number: int, steps: int, dim: int) -> jax.Array | None:
        rate = self.config.zoneout
        if not rate:
            return None
        return draw_mask(subkeys(keys, _ZONEOUT + number), rate, steps, state_size(self.kind, dim))

    def _read(self, y: jax.Array, context: jax.Array, attention: jax.Array) -> DecoderOutput:
        """Reads frames and the logits of the end from y [B, S, rnn].

        Args:
          y: output of the last recurrent layer.
          context: [B, S, E].
          attention: [B, S, N].
        """
        if not self.residual:
            y = jnp.concatenate([y, context], axis=-1)
        frames = self.frames(y).reshape(y.shape[0], -1, self.bands)
        return DecoderOutput(frames, self.stop(y)[..., 0], attention)

    def __call__(
        self,
        memory: Memory,
        frames: jax.Array,
        keys: jax.Array,
        train: bool,
        forced: jax.Array | None = None,
    ) -> DecoderOutput:
        """Makes all steps with the true frames as the last ones (teacher forcing).

        The attention that it returns is its own; where `forced` takes its place, it is where the decoder would look
        after having looked where it was made to.

        Args:
          memory: of the utterances.
          frames: [B, r S, M] normalized log mel, true.
          keys: [B] PRNG keys.
          train: whether units zone out.
          forced: [B, S, N] weights that take the place of the attention's; where all of a step's are 0, its own stay.
        """
        config = self.config
        last = frames[:, config.reduction - 1 :: config.reduction]
        steps = last.shape[1]
        before = jnp.pad(last, ((0, 0), (1, 0), (0, 0)))[:, :-1]
        x = self.input(self.prenet(before, subkeys(keys, PRENET)))
        xs = {"input": x}
        if train and (mask := self._zoneout(keys, 0, steps, config.attention_rnn)) is not None:
            xs["zoneout"] = mask
        if forced is not None:
            xs["forced"] = forced
        xs = jax.tree.map(lambda value: jnp.moveaxis(value, 1, 0), xs)
        step = functools.partial(_attend_step, self.kind, config.zoneout)
        kernels, start = self._kernels(), self.initial_state(memory).attention
        constants = self._constants(memory)
        _, outputs = scan_products(step, kernels, constants, start, xs)  # pyright: ignore[reportGeneralTypeIssues]
        y, context, attention = (jnp.moveaxis(value, 0, 1) for value in outputs)
        y = jnp.concatenate([y, context], axis=-1)
        if self.residual:
            y = self.projection(y)
        for number, rnn in enumerate(self.rnns):
            mask = self._zoneout(keys, 1 + number, steps, config.rnn) if train else None
            output = rnn(y, zoneout=mask)
            y = y + output if self.residual else output
        return self._read(y, context, attention)

    def step(
        self, memory: Memory, state: DecoderState, keys: jax.Array
    ) -> tuple[DecoderState, DecoderOutput]:
        """Makes one step, with its own last frame.

        Args:
          memory: of the utterances.
          state: before the step; another last frame may be put in.
          keys: [B] PRNG keys, the same in all steps.

        Returns:
          The state after the step, and its outputs (S = 1).
        """
        config = self.config
        x = self.input(self.prenet(state.frame[:, None], subkeys(keys, PRENET), state.step)[:, 0])
        multiply = multiply_by(self._kernels())
        constants = self._constants(memory)
        attention, (y, context, weights) = _attend_step(
            self.kind, config.zoneout, constants, state.attention, {"input": x}, multiply
        )
        y = jnp.concatenate([y, context], axis=-1)
        if self.residual:
            y = self.projection(y)
        layers = []
        for rnn, before in zip(self.rnns, state.layers, strict=True):
            layers.append(rnn.step(y, before))
            output = layers[-1][:, : config.rnn]
            y = y + output if self.residual else output
        read = self._read(y[:, None], context[:, None], weights[:, None])
        return DecoderState(state.step + 1, read.frames[:, -1], attention, tuple(layers)), read
