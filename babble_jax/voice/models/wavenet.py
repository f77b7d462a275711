"""WaveNet (van den Oord et al. 2016, arXiv 1609.03499): stacks of gated dilated causal convolutions over raw audio.

Axes: B streams, T samples, N rows of features, K taps, R residual channels, S skip channels, Q quantization levels,
C features.

Layer i of a stack has dilation 2^i. Its gate (eq. 2; with conditioning its section 2.5) goes on to the next layer over
a residual connection and to the output over a skip connection; two 1x1 convolutions after a ReLU each make logits of
the sum of what was skipped (its figure 4).

Each layer keeps the (K - 1) 2^i inputs that it will look back at, in one buffer: time-ordered between calls of `apply`,
a ring between steps, so that a step costs the same whatever the receptive field. Before the first sample they are
zero, as the padding of a convolution.
"""

import dataclasses
from typing import Any, Literal, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp

from babble_jax.voice.contract import Cond, Params, local_of, speaker_of
from babble_jax.voice.models import cells, weightnorm
from babble_jax.voice.models.inputs import Input, Table


@dataclasses.dataclass(frozen=True)
class WaveNetConfig:
    """Defaults are the re-implementation that Mehri et al. 2017 compare with: four stacks of ten layers, 64 channels.

    Attributes:
      kind: of voice; the others are samplernn and rnn.
      stacks: how often the dilations start again from 1.
      layers: of each stack, with dilations 1, 2, 4 ...
      taps: of each convolution.
      channels: of the residual connections and of the gates.
      skip: channels of the skip connections and of the layer between them and the output.
      input: whether the past sample enters by an embedding or as a real value.
      weight_norm: weight normalization on every kernel.
      hop: samples per row of features, for a voice that takes some: they are up-sampled by repetition.
      dtype: of the matrix products.
    """

    kind: Literal["wavenet"] = "wavenet"
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

    @property
    def dilations(self) -> tuple[int, ...]:
        """Of every layer."""
        return tuple(2**i for i in range(self.layers)) * self.stacks

    @property
    def receptive_field(self) -> int:
        """How many past samples the law of the next one depends on."""
        return 1 + (self.taps - 1) * sum(self.dilations)


class State(NamedTuple):
    """Attributes:
    last: [B] int32, the latest sample.
    past: per layer [B, (K - 1) dilation, R], its latest inputs.
    position: [] int32, where in `past`, modulo its length, the oldest input stands and the next one will.
    phase: [] int32, samples since the running row of features began.
    """

    last: jax.Array
    past: tuple[jax.Array, ...]
    position: jax.Array
    phase: jax.Array


class Layer(nn.Module):
    """Gate, residual and skip (eq. 2 and figure 4); the last layer has no one to pass a residual on to."""

    config: WaveNetConfig
    last: bool
    speakers: int
    local: int

    @nn.compact
    def __call__(self, taps: jax.Array, cond: Cond | None, rows: int) -> tuple[jax.Array, jax.Array]:
        """Runs one layer at T samples.

        Args:
          taps: [B, T, K R], the inputs that the convolution sees, oldest first.
          cond: of `rows` rows of features, each for T / rows samples.
          rows: N.

        Returns:
          The skip connection [B, T, S], and the input of the next layer [B, T, R].
        """
        c = self.config
        x = cells.Linear(2 * c.channels, initializer=cells.lecun, name="gate")(taps)
        if self.speakers:
            table = self.param("speaker", nn.initializers.normal(0.1), (self.speakers, 2 * c.channels))
            x = x + table[speaker_of(cond)][:, None]
        if self.local:
            told = cells.Linear(2 * c.channels, use_bias=False, initializer=cells.lecun, name="features")(
                local_of(cond, self.local, rows)
            )
            x = x + jnp.repeat(told, x.shape[1] // rows, axis=1)
        z = jnp.tanh(x[..., : c.channels]) * jax.nn.sigmoid(x[..., c.channels :])
        size = c.skip if self.last else c.skip + c.channels
        y = cells.Linear(size, initializer=cells.lecun, name="out")(z)
        return y[..., : c.skip], taps[..., -c.channels :] + (0 if self.last else y[..., c.skip :])


class Post(nn.Module):
    """Two 1x1 convolutions."""

    config: WaveNetConfig
    q_levels: int

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        """[B, T, S] to logits [B, T, Q]."""
        x = cells.Linear(self.config.skip, name="hidden")(jax.nn.relu(x))
        return cells.Linear(self.q_levels, initializer=cells.lecun, name="output")(jax.nn.relu(x))


@dataclasses.dataclass(frozen=True)
class WaveNet:
    """WaveNet under the contract of `contract.SampleModel`.

    Attributes:
      config: its shape.
      q_levels: Q.
      speakers: how many `Cond.speaker` chooses from (global conditioning); 0 for a voice that takes none.
      local: C, how many features `Cond.local` holds (local conditioning); 0 for a voice that takes none.
    """

    config: WaveNetConfig
    q_levels: int = 256
    speakers: int = 0
    local: int = 0

    @property
    def frame(self) -> int:
        """Samples per row of features; 1 without features."""
        return self.config.hop if self.local else 1

    @property
    def receptive_field(self) -> int:
        """How many past samples the law of the next one depends on."""
        return self.config.receptive_field

    @property
    def _table(self) -> Table:
        return Table(self.config.input, self.q_levels, self.config.channels)

    def _layer(self, i: int) -> Layer:
        return Layer(self.config, i == len(self.config.dilations) - 1, self.speakers, self.local)

    def _lengths(self) -> list[int]:
        """Of each layer's buffer; every one divides the longest."""
        return [(self.config.taps - 1) * dilation for dilation in self.config.dilations]

    def init(self, key: jax.Array) -> Params:
        """See `contract.SampleModel`. With weight normalization, kernels come as `v` and `g`."""
        c = self.config
        first, last, *keys = jax.random.split(key, len(c.dilations) + 2)
        cond = Cond(speaker=jnp.zeros(1, jnp.int32), local=jnp.zeros((1, 1, self.local)))
        taps = jnp.zeros((1, 1, c.taps * c.channels))
        params: dict[str, Any] = {
            "input": self._table.init(first)["params"],
            "post": Post(c, self.q_levels).init(last, jnp.zeros((1, 1, c.skip)))["params"],
        }
        for i, k in enumerate(keys):
            params[f"layer_{i}"] = self._layer(i).init(k, taps, cond, 1)["params"]
        return weightnorm.split(params) if c.weight_norm else params

    def weights(self, params: Params) -> Params:
        """Folded weights, and the table of the input."""
        if "table" in params:
            return params
        table = self._table.apply({"params": params["input"]})
        return weightnorm.folded(params, self.config.dtype) | {"table": table}

    def initial_state(self, params: Params, batch: int, cond: Cond | None = None) -> State:
        """See `contract.SampleModel`."""
        del params, cond
        return State(
            last=jnp.full(batch, self.q_levels // 2, jnp.int32),
            past=tuple(jnp.zeros((batch, length, self.config.channels)) for length in self._lengths()),
            position=jnp.zeros((), jnp.int32),
            phase=jnp.zeros((), jnp.int32),
        )

    def apply(
        self, params: Params, state: State, samples: jax.Array, cond: Cond | None = None
    ) -> tuple[jax.Array, State]:
        """See `contract.SampleModel`."""
        length = samples.shape[1]
        if length % self.frame:
            raise ValueError(f"apply takes a multiple of {self.frame} samples, not {length}; push the rest")

        past = [jnp.roll(one, -state.position, axis=1) for one in state.past]  # oldest first

        def taps(i, x):
            line, dilation = jnp.concatenate([past[i], x], axis=1), self.config.dilations[i]
            return [line[:, k * dilation : k * dilation + length] for k in range(self.config.taps)]

        before = jnp.concatenate([state.last[:, None], samples[:, :-1]], axis=1)
        logits, inputs = self._run(params, before, taps, cond, length // self.frame)
        kept = tuple(
            jnp.concatenate([old, new], axis=1)[:, -old.shape[1] :]
            for old, new in zip(past, inputs, strict=True)
        )
        return logits, state._replace(last=samples[:, -1], past=kept, position=jnp.zeros_like(state.position))

    def predict(self, params: Params, state: State, cond: Cond | None = None) -> tuple[jax.Array, State]:
        """See `contract.SampleModel`."""
        if cond is not None and cond.local is not None:
            cond = cond._replace(local=cond.local[:, None])

        def look(past):
            """The inputs of long ago, [B, K - 1, R] for each layer."""
            seen = []
            for one, dilation in zip(past, self.config.dilations, strict=True):
                at = [(state.position + k * dilation) % one.shape[1] for k in range(self.config.taps - 1)]
                seen.append(
                    jnp.concatenate([jax.lax.dynamic_slice_in_dim(one, j, 1, axis=1) for j in at], axis=1)
                )
            return seen

        # In a branch that is always taken, since XLA moves nothing out of one: so everything is read before anything is
        # written, and a scan writes into the buffers where they are. It would copy them all at every step otherwise.
        blank = [jnp.zeros((x.shape[0], self.config.taps - 1, x.shape[2])) for x in state.past]
        seen = jax.lax.cond(state.position >= 0, look, lambda past: blank, state.past)

        def taps(i, x):
            return [*jnp.split(seen[i], self.config.taps - 1, axis=1), x]

        logits, inputs = self._run(params, state.last[:, None], taps, cond, 1)
        past = tuple(
            jax.lax.dynamic_update_slice_in_dim(old, new, state.position % old.shape[1], axis=1)
            for old, new in zip(state.past, inputs, strict=True)
        )
        return logits[:, 0], state._replace(past=past)

    def push(self, state: State, sample: jax.Array) -> State:
        """See `contract.SampleModel`."""
        position = (state.position + 1) % max(self._lengths())
        return state._replace(last=sample, position=position, phase=(state.phase + 1) % self.frame)

    def _run(
        self, params: Params, before: jax.Array, taps: Any, cond: Cond | None, rows: int
    ) -> tuple[jax.Array, list[jax.Array]]:
        """Logits [B, T, Q] after each of before [B, T], and the input [B, T, R] of each layer.

        `taps(i, x)` are the K inputs [B, T, R] that layer i sees, oldest first, where its input is x.
        """
        weights = self.weights(params)
        x, skipped, inputs = weights["table"][before], jnp.zeros(()), []
        for i in range(len(self.config.dilations)):
            inputs.append(x)
            seen = jnp.concatenate(taps(i, x), axis=-1)
            layer: Any = self._layer(i).apply({"params": weights[f"layer_{i}"]}, seen, cond, rows)
            skip, x = layer
            skipped = skip if i == 0 else skipped + skip
        logits: Any = Post(self.config, self.q_levels).apply({"params": weights["post"]}, skipped)
        return logits, inputs
