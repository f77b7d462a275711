"""WaveNet (van den Oord et al. 2016, arXiv 1609.03499): stacks of gated dilated causal convolutions over raw audio.

Axes: B streams, T samples, N rows of features, K taps, R residual channels, S skip channels, Q quantization levels,
C features, P numbers that describe the distribution of a sample (logits of the Q levels, or components of a mixture).

Layer i of a stack has dilation 2^i. The output of its gate (eq. 2; with conditioning section 2.5) goes to the next
layer over a residual connection and to the output over a skip connection. Two 1x1 convolutions, each after a ReLU,
map the sum of the skip connections to the distribution of the sample (figure 4).

Each layer stores the (K - 1) 2^i inputs that it will look back at in one buffer: time-ordered between calls of
`apply`, a ring between steps, so that a step costs the same whatever the receptive field. Before the first sample the
inputs are zero, like the padding of a convolution.
"""

import dataclasses
from typing import Any, Literal, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
from tyro.conf import Suppress

from babble_jax.voice.contract import Cond, Params, array_namespace, require_local, require_speaker
from babble_jax.voice.models import cells, weightnorm
from babble_jax.voice.models.bounds import DEEPEST, LARGEST, check_sizes
from babble_jax.voice.models.inputs import Input, Table, look_up
from babble_jax.voice.models.sample_model import OneSampleModel, as_one_row


@dataclasses.dataclass(frozen=True)
class WaveNetConfig:
    """Shape of a WaveNet.

    The defaults are the re-implementation that Mehri et al. 2017 compare with: four stacks of ten layers, 64
    channels.

    Attributes:
      kind: "wavenet"; the other kinds are samplernn and rnn.
      stacks: number of stacks; the dilations of each start from 1.
      layers: layers of each stack, with dilations 1, 2, 4 ...
      taps: taps of each convolution.
      channels: channels of the residual connections and of the gates.
      skip: channels of the skip connections and of the layer between them and the output.
      input: whether the past sample enters by an embedding or as a real value.
      weight_norm: weight normalization on every kernel.
      hop: samples per row of features, for a voice that takes features; rows are up-sampled by repetition.
      dtype: dtype of the matrix products.
    """

    kind: Suppress[Literal["wavenet"]] = "wavenet"
    stacks: int = 4
    layers: int = 10
    taps: int = 2
    channels: int = 64
    skip: int = 256
    input: Input = "embedding"
    weight_norm: bool = False
    hop: int = 64
    dtype: Literal["float32", "bfloat16"] = "float32"

    def __post_init__(self):
        if min(self.stacks, self.layers, self.channels, self.skip, self.hop) < 1:
            raise ValueError("stacks, layers, channels, skip and hop must be positive")
        if self.taps < 2 or self.layers > 20:
            raise ValueError("a convolution needs at least two taps, and a stack at most 20 layers")
        check_sizes(self, stacks=DEEPEST, taps=DEEPEST, channels=LARGEST, skip=LARGEST, hop=LARGEST)
        if self.stacks * self.layers > 4 * DEEPEST:
            raise ValueError(
                f"stacks times layers is {self.stacks * self.layers}; choose {4 * DEEPEST} at most"
            )

    @property
    def dilations(self) -> tuple[int, ...]:
        """Dilation of every layer, in samples."""
        return tuple(2**i for i in range(self.layers)) * self.stacks

    @property
    def receptive_field(self) -> int:
        """Number of past samples that the distribution of the next one depends on."""
        return 1 + (self.taps - 1) * sum(self.dilations)


class WaveNetState(NamedTuple):
    """State of a WaveNet.

    Attributes:
      last: [B] int32, the latest sample.
      past: per layer [B, (K - 1) dilation, R], its latest inputs.
      position: [] int32, index of the oldest input in `past`, modulo its length; the next input replaces it.
      phase: [] int32, samples since the running row of features began.
    """

    last: jax.Array
    past: tuple[jax.Array, ...]
    position: jax.Array
    phase: jax.Array


class Layer(nn.Module):
    """Gate, residual and skip connection (eq. 2 and figure 4); the last layer has no residual output."""

    config: WaveNetConfig
    last: bool
    speakers: int
    local: int

    @nn.compact
    def __call__(self, taps: jax.Array, cond: Cond | None, rows: int) -> tuple[jax.Array, jax.Array]:
        """Runs one layer at T samples.

        Args:
          taps: [B, T, K R], the inputs of the convolution, oldest first.
          cond: speaker [B] and features [B, N, C], each row for T / N samples.
          rows: N.

        Returns:
          The skip connection [B, T, S], and the input of the next layer [B, T, R].
        """
        c = self.config
        x = cells.Linear(2 * c.channels, initializer=cells.lecun, name="gate")(taps)
        if self.speakers:
            table = self.param("speaker", nn.initializers.normal(0.1), (self.speakers, 2 * c.channels))
            x = x + table[require_speaker(cond)][:, None]
        if self.local:
            local = cells.Linear(2 * c.channels, use_bias=False, initializer=cells.lecun, name="features")(
                require_local(cond, self.local, rows)
            )
            x = x + jnp.repeat(local, x.shape[1] // rows, axis=1)
        z = jnp.tanh(x[..., : c.channels]) * jax.nn.sigmoid(x[..., c.channels :])
        size = c.skip if self.last else c.skip + c.channels
        y = cells.Linear(size, initializer=cells.lecun, name="out")(z)
        return y[..., : c.skip], taps[..., -c.channels :] + (0 if self.last else y[..., c.skip :])


class Post(nn.Module):
    """Two 1x1 convolutions from the skip connections to the distributions."""

    config: WaveNetConfig
    outputs: int

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        """Maps [B, T, S] to distributions [B, T, P]."""
        x = cells.Linear(self.config.skip, name="hidden")(jax.nn.relu(x))
        return cells.Linear(self.outputs, initializer=cells.lecun, name="output")(jax.nn.relu(x))


@dataclasses.dataclass(frozen=True)
class WaveNet(OneSampleModel):
    """WaveNet under the contract of `contract.SampleModel`.

    Attributes:
      config: shape of the network.
    """

    config: WaveNetConfig

    @property
    def receptive_field(self) -> int:
        """Number of past samples that the distribution of the next one depends on."""
        return self.config.receptive_field

    @property
    def _table(self) -> Table:
        return Table(self.config.input, self.q_levels, self.config.channels)

    def _layer(self, i: int) -> Layer:
        return Layer(self.config, i == len(self.config.dilations) - 1, self.speakers, self.local)

    def _lengths(self) -> list[int]:
        """Returns the length of each layer's buffer; every one divides the longest."""
        return [(self.config.taps - 1) * dilation for dilation in self.config.dilations]

    def init(self, key: jax.Array) -> Params:
        """See `contract.SampleModel`. With weight normalization, kernels come as `v` and `g`."""
        c = self.config
        first, last, *keys = jax.random.split(key, len(c.dilations) + 2)
        cond = Cond(speaker=jnp.zeros(1, jnp.int32), local=jnp.zeros((1, 1, self.local)))
        taps = jnp.zeros((1, 1, c.taps * c.channels))
        params: dict[str, Any] = {
            "input": self._table.init(first)["params"],
            "post": Post(c, self.distribution.size).init(last, jnp.zeros((1, 1, c.skip)))["params"],
        }
        for i, k in enumerate(keys):
            params[f"layer_{i}"] = self._layer(i).init(k, taps, cond, 1)["params"]
        return weightnorm.split(params) if c.weight_norm else params

    def initial_state(self, params: Params, batch: int, cond: Cond | None = None) -> WaveNetState:
        """Makes the state before the first sample. See `contract.SampleModel`.

        Args:
          params: parameters or weights.
          batch: B.
          cond: not used.
        """
        del cond
        arrays, channels = array_namespace(params), self.config.channels
        return WaveNetState(
            last=arrays.full(batch, self.q_levels // 2, np.int32),
            past=tuple(arrays.zeros((batch, length, channels), np.float32) for length in self._lengths()),
            position=arrays.zeros((), np.int32),
            phase=arrays.zeros((), np.int32),
        )

    def apply(
        self, params: Params, state: WaveNetState, samples: jax.Array, cond: Cond | None = None
    ) -> tuple[jax.Array, WaveNetState]:
        """Computes the distributions of T given samples, [B, T, P], and the state after. See `contract.SampleModel`.

        Args:
          params: parameters or weights.
          state: at phase 0.
          samples: [B, T] int32 in [0, Q), T a multiple of `frame`.
          cond: speaker [B] and features [B, N, C].
        """
        length = self.count_samples(samples)

        past = [jnp.roll(one, -state.position, axis=1) for one in state.past]  # oldest first

        def taps(i, x):
            line, dilation = jnp.concatenate([past[i], x], axis=1), self.config.dilations[i]
            return [line[:, k * dilation : k * dilation + length] for k in range(self.config.taps)]

        before = jnp.concatenate([state.last[:, None], samples[:, :-1]], axis=1)
        outputs, inputs = self._run(params, before, taps, cond, length // self.frame)
        inputs_after = tuple(
            jnp.concatenate([old, new], axis=1)[:, -old.shape[1] :]
            for old, new in zip(past, inputs, strict=True)
        )
        return outputs, state._replace(
            last=samples[:, -1], past=inputs_after, position=jnp.zeros_like(state.position)
        )

    def predict(
        self, params: Params, state: WaveNetState, cond: Cond | None = None
    ) -> tuple[jax.Array, WaveNetState]:
        """Computes the distribution of the next sample, [B, P]. See `contract.SampleModel`.

        Args:
          params: parameters or weights.
          state: at any phase.
          cond: speaker [B] and features [B, C] of the running top frame.
        """
        cond = as_one_row(cond)

        def look(past):
            """Reads the delayed inputs of each layer, [B, K - 1, R]."""
            seen = []
            for one, dilation in zip(past, self.config.dilations, strict=True):
                at = [(state.position + k * dilation) % one.shape[1] for k in range(self.config.taps - 1)]
                seen.append(
                    jnp.concatenate([jax.lax.dynamic_slice_in_dim(one, j, 1, axis=1) for j in at], axis=1)
                )
            return seen

        # The read stands in a branch that is always taken, since XLA moves nothing out of a branch: all buffers are
        # then read before any is written, and a scan updates them in place. Otherwise it would copy all of them at
        # each step.
        blank = [jnp.zeros((x.shape[0], self.config.taps - 1, x.shape[2])) for x in state.past]
        seen = jax.lax.cond(state.position >= 0, look, lambda past: blank, state.past)

        def taps(i, x):
            return [*jnp.split(seen[i], self.config.taps - 1, axis=1), x]

        outputs, inputs = self._run(params, state.last[:, None], taps, cond, 1)
        past = tuple(
            jax.lax.dynamic_update_slice_in_dim(old, new, state.position % old.shape[1], axis=1)
            for old, new in zip(state.past, inputs, strict=True)
        )
        return outputs[:, 0], state._replace(past=past)

    def push(self, state: WaveNetState, sample: jax.Array) -> WaveNetState:
        """Appends a sample [B] int32 to the history. See `contract.SampleModel`."""
        position = (state.position + 1) % max(self._lengths())
        return state._replace(last=sample, position=position, phase=(state.phase + 1) % self.frame)

    def _run(
        self, params: Params, before: jax.Array, taps: Any, cond: Cond | None, rows: int
    ) -> tuple[jax.Array, list[jax.Array]]:
        """Runs all layers over T samples.

        Args:
          params: parameters or weights.
          before: [B, T] int32, the sample before each of the T samples.
          taps: maps a layer's number and its input x [B, T, R] to its K delayed inputs [B, T, R], oldest first.
          cond: speaker [B] and features [B, N, C].
          rows: N.

        Returns:
          Distributions [B, T, P], and the input [B, T, R] of each layer.
        """
        weights = self.weights(params)
        x, skipped, inputs = look_up(weights["table"], before, self.q_levels), jnp.zeros(()), []
        for i in range(len(self.config.dilations)):
            inputs.append(x)
            seen = jnp.concatenate(taps(i, x), axis=-1)
            layer: Any = self._layer(i).apply({"params": weights[f"layer_{i}"]}, seen, cond, rows)
            skip, x = layer
            skipped = skip if i == 0 else skipped + skip
        outputs: Any = Post(self.config, self.distribution.size).apply({"params": weights["post"]}, skipped)
        return outputs, inputs
