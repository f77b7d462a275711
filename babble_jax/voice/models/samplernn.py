"""SampleRNN (Mehri et al. 2017, arXiv 1612.07837): recurrent tiers at increasing clock rates over raw audio.

Axes: B streams, T samples, N frames of a tier, F samples per frame, D units, L layers, S numbers of state per layer,
Q quantization levels, R up-sampling ratio (frames of the next finer tier, or samples, per frame), C features,
P numbers that describe the distribution of a sample (logits of the Q levels, or the components of a mixture).

At each multiple of its frame size, tier k takes the latest frame of samples and the output of the coarser tier
(eq. 1-2), and conditions the next finer module through R trained linear maps (eq. 3). The lowest module is an MLP
over the last F samples, one sample at a time (eq. 4-5).
"""

import dataclasses
import itertools
from typing import Any, Literal, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
from tyro.conf import Suppress

from babble_jax.voice.contract import Cond, Params, array_namespace, require_local, require_speaker
from babble_jax.voice.models import cells, weightnorm
from babble_jax.voice.models.bounds import DEEPEST, LARGEST, check_sizes
from babble_jax.voice.models.features import project_features, repeat_rows
from babble_jax.voice.models.inputs import Input, look_up, real, sample_tables
from babble_jax.voice.models.sample_model import ModelFields, as_one_row


@dataclasses.dataclass(frozen=True)
class SampleRNNConfig:
    """Shape of a SampleRNN; the defaults are the authors' three-tier model.

    Attributes:
      kind: "samplernn"; the other kinds are wavenet and rnn.
      frame_sizes: samples per frame of each tier, slowest first, each a multiple of the next. The last one is also
        the number of past samples that the sample-level MLP takes. "Two tiers" in the paper are one frame size here,
        "three tiers" two.
      dim: units of every layer.
      layers: recurrent layers of each tier.
      cell: "gru" or "lstm".
      reset: where a GRU applies its reset gate; see `cells.GRU`.
      skip: skip connections around the recurrent layers; needs at least two.
      expand_top: whether the top tier maps its frame to `dim` before the recurrence, as the PyTorch
        re-implementations do; else the recurrence takes the raw frame, as the authors' does. Finer tiers always map
        it, to add the output of the coarser one.
      input: whether past samples enter the sample level by an embedding or as real values.
      embedding: size of that embedding.
      hidden: ReLU layers of the sample-level MLP after its first, linear one: two in the authors' model, one in
        the PyTorch re-implementations.
      weight_norm: weight normalization on every kernel.
      learn_initial_state: whether the recurrent states at the start of a recording are trained; else they are zero.
      dtype: dtype of the matrix products.

    Examples:
      >>> SampleRNNConfig(frame_sizes=(16, 4), dim=256).layers
      1
    """

    kind: Suppress[Literal["samplernn"]] = "samplernn"
    frame_sizes: tuple[int, ...] = (8, 2)
    dim: int = 1024
    layers: int = 1
    cell: cells.Cell = "gru"
    reset: cells.Reset = "before"
    skip: bool = False
    expand_top: bool = False
    input: Input = "embedding"
    embedding: int = 256
    hidden: int = 2
    weight_norm: bool = True
    learn_initial_state: bool = True
    dtype: Literal["float32", "bfloat16"] = "float32"

    def __post_init__(self):
        sizes = self.frame_sizes
        if not sizes or any(f < 1 for f in sizes):
            raise ValueError(f"frame_sizes must be one or more positive numbers, not {sizes}")
        if any(a % b or a <= b for a, b in itertools.pairwise(sizes)):
            raise ValueError(f"each of frame_sizes must be a larger multiple of the next, unlike {sizes}")
        if min(self.dim, self.layers, self.embedding) < 1 or self.hidden < 0:
            raise ValueError("dim, layers and embedding must be positive, hidden not negative")
        if self.skip and self.layers < 2:
            raise ValueError("skip connections need at least two layers")
        if len(sizes) > DEEPEST or sizes[0] > LARGEST:
            raise ValueError(f"frame_sizes takes {DEEPEST} tiers at most, of {LARGEST} samples at most")
        check_sizes(self, dim=LARGEST, layers=DEEPEST, embedding=LARGEST, hidden=DEEPEST)


class SampleRNNState(NamedTuple):
    """State of a SampleRNN.

    Attributes:
      history: [B, frame_sizes[0]] int32, the latest samples, newest last.
      hidden: per tier [B, L, S] float32.
      conditioning: per tier [B, R, D] float32, output of its running frame to the finer module; stale at phase 0.
      phase: [] int32, samples since the running top frame began.
    """

    history: jax.Array
    hidden: tuple[jax.Array, ...]
    conditioning: tuple[jax.Array, ...]
    phase: jax.Array


class FrameTier(nn.Module):
    """Recurrent tier (eq. 1-3)."""

    config: SampleRNNConfig
    top: bool
    ratio: int
    speakers: int
    local: int

    @nn.compact
    def __call__(
        self, frames: jax.Array, above: jax.Array | None, hidden: jax.Array, cond: Cond | None
    ) -> tuple[jax.Array, jax.Array]:
        """Runs N steps.

        Args:
          frames: [B, N, F] float32 in [-2, 2].
          above: [B, N, D], output of the coarser tier; None at the top.
          hidden: [B, L, S].
          cond: speaker [B], and features [B, top frames, C].

        Returns:
          The output to the finer module, [B, N R, D], and the last hidden state.
        """
        c = self.config
        x = frames
        if not self.top or c.expand_top:
            x = cells.Linear(c.dim, name="expand")(x)
        if above is not None:
            x = x + above
        if self.speakers:
            table = self.param("speaker", nn.initializers.normal(0.1), (self.speakers, c.dim))
            x = x + table[require_speaker(cond)][:, None]
        if self.local:
            x = x + project_features(self.local, c.dim, cond, x.shape[1], self.top)
        stack = cells.Stack(c.cell, c.dim, c.layers, c.reset, c.skip, name="rnn")
        y, hidden = stack(jnp.swapaxes(x, 0, 1), hidden)
        y = jnp.swapaxes(y, 0, 1)
        y = cells.Linear(self.ratio * c.dim, name="upsample")(y)
        return y.reshape(y.shape[0], -1, c.dim), hidden


class SampleTier(nn.Module):
    """Sample-level MLP (eq. 4-5)."""

    config: SampleRNNConfig
    q_levels: int
    outputs: int
    local: int

    def setup(self):
        """Declares the layers; the embedding and the first layer are separate only in training, see `tables`."""
        c = self.config
        size = 1
        if c.input == "embedding":
            size = c.embedding
            self.embedding = self.param("embedding", nn.initializers.normal(1.0), (self.q_levels, size))
        self.first = cells.Kernel(c.frame_sizes[-1] * size, c.dim, cells.he)
        self.layers = [cells.Linear(c.dim) for _ in range(c.hidden)]
        self.output = cells.Linear(self.outputs, initializer=cells.lecun)
        if self.local:
            self.features = cells.Linear(c.dim, use_bias=False)

    def tables(self) -> jax.Array:
        """Computes the look-up tables of the last F samples, [F, Q, D]; see `inputs.sample_tables`."""
        embedding = self.embedding if self.config.input == "embedding" else None
        return sample_tables(self.first(), embedding, self.config.frame_sizes[-1], self.q_levels)

    def __call__(
        self, tables: jax.Array, past: jax.Array, conditioning: jax.Array, cond: Cond | None
    ) -> jax.Array:
        """Computes the distributions of N successive samples.

        Args:
          tables: [F, Q, D] from `tables`.
          past: [B, N + F - 1] int32; sample n is predicted from past[:, n : n + F].
          conditioning: [B, N, D], output of the finest tier.
          cond: features [B, top frames, C].

        Returns:
          [B, N, P] float32.
        """
        size, count = tables.shape[0], conditioning.shape[1]
        x = conditioning
        if self.local:
            x = x + repeat_rows(self.features(require_local(cond, self.local)), count)
        for j in range(size):
            x = x + look_up(tables[j], past[:, j : j + count], self.q_levels)
        for layer in self.layers:  # no ReLU after the first layer, as in the authors' code
            x = jax.nn.relu(layer(x))
        return self.output(x)


@dataclasses.dataclass(frozen=True)
class SampleRNN(ModelFields):
    """SampleRNN under the contract of `contract.SampleModel`.

    Attributes:
      config: shape of the network.
    """

    config: SampleRNNConfig

    def __post_init__(self):
        if (self.speakers or self.local) and not self.config.expand_top:
            raise ValueError(
                "several speakers, or features, need expand_top: a raw frame has no room for them"
            )

    @property
    def frame(self) -> int:
        """Samples per step of the top tier."""
        return self.config.frame_sizes[0]

    @property
    def ratios(self) -> tuple[int, ...]:
        """Up-sampling ratio R of each tier."""
        sizes = (*self.config.frame_sizes, 1)
        return tuple(a // b for a, b in itertools.pairwise(sizes))

    def tier(self, k: int) -> FrameTier:
        """Makes the module of tier k, 0 at the top."""
        return FrameTier(
            self.config, top=k == 0, ratio=self.ratios[k], speakers=self.speakers, local=self.local
        )

    @property
    def sample_tier(self) -> SampleTier:
        """Makes the module of the sample level."""
        return SampleTier(self.config, self.q_levels, self.distribution.size, self.local)

    def init(self, key: jax.Array) -> Params:
        """See `contract.SampleModel`. With weight normalization, kernels come as `v` and `g`."""
        c = self.config
        *tier_keys, sample_key = jax.random.split(key, len(c.frame_sizes) + 1)
        width = c.dim * (2 if c.cell == "lstm" else 1)
        cond = Cond(speaker=jnp.zeros(1, jnp.int32), local=jnp.zeros((1, 1, self.local)))
        params: dict[str, Any] = {}
        for k, (size, tier_key) in enumerate(zip(c.frame_sizes, tier_keys, strict=True)):
            above = jnp.zeros((1, 1, c.dim)) if k else None
            variables = self.tier(k).init(
                tier_key, jnp.zeros((1, 1, size)), above, jnp.zeros((1, c.layers, width)), cond
            )
            params[f"tier_{k}"] = variables["params"]
            if c.learn_initial_state:
                params[f"initial_{k}"] = jnp.zeros((c.layers, width))
        past, conditioning = jnp.zeros((1, c.frame_sizes[-1]), jnp.int32), jnp.zeros((1, 1, c.dim))

        def declare(module: SampleTier):
            return module(module.tables(), past, conditioning, cond)

        params["sample"] = nn.init(declare, self.sample_tier)(sample_key)["params"]
        return weightnorm.split(params) if c.weight_norm else params

    def weights(self, params: Params) -> Params:
        """Folds the weights: kernels in the dtype of the products, and the look-up tables of the sample level."""
        if "tables" in params:
            return params
        sample = weightnorm.fold(params["sample"])
        kernel, embedding = sample["first"]["kernel"], sample.get("embedding")
        tables = sample_tables(kernel, embedding, self.config.frame_sizes[-1], self.q_levels)
        return weightnorm.fold_in_dtype(params, self.config.dtype) | {"tables": tables}

    def initial_state(self, params: Params, batch: int, cond: Cond | None = None) -> SampleRNNState:
        """Makes the state before the first sample. See `contract.SampleModel`.

        Args:
          params: parameters or weights.
          batch: B.
          cond: not used.
        """
        del cond
        c, arrays = self.config, array_namespace(params)
        width = c.dim * (2 if c.cell == "lstm" else 1)
        first = [
            params[f"initial_{k}"] if c.learn_initial_state else arrays.zeros((c.layers, width), np.float32)
            for k in range(len(c.frame_sizes))
        ]
        return SampleRNNState(
            history=arrays.full((batch, self.frame), self.q_levels // 2, np.int32),
            hidden=tuple(arrays.broadcast_to(h, (batch, *h.shape)) for h in first),
            conditioning=tuple(arrays.zeros((batch, r, c.dim), np.float32) for r in self.ratios),
            phase=arrays.zeros((), np.int32),
        )

    def frames(self, samples: jax.Array, size: int) -> jax.Array:
        """Maps samples [B, N F] int32 to frames [B, N, F] float32 in [-2, 2], as the authors feed the tiers."""
        return real(samples, self.q_levels).reshape(samples.shape[0], -1, size)

    def apply(
        self, params: Params, state: SampleRNNState, samples: jax.Array, cond: Cond | None = None
    ) -> tuple[jax.Array, SampleRNNState]:
        """Computes the distributions of T given samples, [B, T, P], and the state after. See `contract.SampleModel`.

        Args:
          params: parameters or weights.
          state: at phase 0.
          samples: [B, T] int32 in [0, Q), T a multiple of `frame`.
          cond: speaker [B] and features [B, N, C].
        """
        length = self.count_samples(samples)
        weights = self.weights(params)
        line = jnp.concatenate([state.history, samples], axis=1)  # line[:, frame + t] is samples[:, t]
        hidden: list[Any] = []
        above: Any = None
        for k, size in enumerate(self.config.frame_sizes):
            past = line[:, self.frame - size : self.frame + length - size]
            above, last = self.tier(k).apply(
                {"params": weights[f"tier_{k}"]}, self.frames(past, size), above, state.hidden[k], cond
            )
            hidden.append(last)
        past = line[:, self.frame - self.config.frame_sizes[-1] : -1]
        outputs = self.sample_level(weights, past, above, cond)
        return outputs, state._replace(history=line[:, -self.frame :], hidden=tuple(hidden))

    def sample_level(
        self, weights: Params, past: jax.Array, conditioning: jax.Array, cond: Cond | None
    ) -> jax.Array:
        """Computes the distributions of N successive samples at the sample level.

        Args:
          weights: folded weights.
          past: [B, N + F - 1] int32; sample n is predicted from past[:, n : n + F].
          conditioning: [B, N, D], output of the finest tier.
          cond: features [B, top frames, C].

        Returns:
          [B, N, P] float32.
        """
        sample: Any = {"params": weights["sample"]}
        outputs: Any = self.sample_tier.apply(sample, weights["tables"], past, conditioning, cond)
        return outputs

    def predict(
        self, params: Params, state: SampleRNNState, cond: Cond | None = None
    ) -> tuple[jax.Array, SampleRNNState]:
        """Computes the distribution of the next sample, [B, P]. See `contract.SampleModel`.

        Args:
          params: parameters or weights.
          state: at any phase.
          cond: speaker [B] and features [B, C] of the running top frame.
        """
        weights = self.weights(params)
        sizes = self.config.frame_sizes
        cond = as_one_row(cond)
        hidden, conditioning = list(state.hidden), list(state.conditioning)
        for k, size in enumerate(sizes):
            frame = self.frames(state.history[:, -size:], size)
            above = running_conditioning(conditioning[k - 1], state.phase // size) if k else None

            def due(k=k, frame=frame, above=above):
                tier = {"params": weights[f"tier_{k}"]}
                return self.tier(k).apply(tier, frame, above, state.hidden[k], cond)

            def waiting(k=k):
                return state.conditioning[k], state.hidden[k]

            conditioning[k], hidden[k] = jax.lax.cond(state.phase % size == 0, due, waiting)
        outputs = self.sample_level(
            weights, state.history[:, -sizes[-1] :], running_conditioning(conditioning[-1], state.phase), cond
        )
        return outputs[:, 0], state._replace(hidden=tuple(hidden), conditioning=tuple(conditioning))

    def push(self, state: SampleRNNState, sample: jax.Array) -> SampleRNNState:
        """Appends a sample [B] int32 to the history. See `contract.SampleModel`."""
        history = jnp.concatenate([state.history[:, 1:], sample[:, None]], axis=1)
        return state._replace(history=history, phase=(state.phase + 1) % self.frame)


def running_conditioning(conditioning: jax.Array, index: jax.Array) -> jax.Array:
    """Returns the one of R outputs [B, R, D] that conditions finer frame `index` since phase 0: [B, 1, D]."""
    return jax.lax.dynamic_slice_in_dim(conditioning, index % conditioning.shape[1], 1, axis=1)
