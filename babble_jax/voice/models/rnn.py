"""Plain sample-level RNN, the baseline of Mehri et al. 2017 (arXiv 1612.07837, table 1): recurrent over samples.

Axes: B streams, T samples, N rows of features, E units of the input, D units, L layers, S numbers of state per layer,
Q quantization levels, C features, P numbers that describe the distribution of a sample.
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
class RNNConfig:
    """Shape of a plain RNN.

    Attributes:
      kind: "rnn"; the other kinds are samplernn and wavenet.
      dim: units of every layer.
      layers: recurrent layers.
      cell: "gru" or "lstm".
      reset: where a GRU applies its reset gate; see `cells.GRU`.
      skip: skip connections around the recurrent layers; needs at least two.
      input: whether the past sample enters by an embedding or as a real value.
      embedding: size of the input vector of the first layer, for either kind of input.
      hidden: ReLU layers between the recurrent ones and the output.
      weight_norm: weight normalization on every kernel.
      learn_initial_state: whether the recurrent state at the start of a recording is trained; else it is zero.
      hop: samples per row of features, for a voice that takes features.
      dtype: dtype of the matrix products.
    """

    kind: Suppress[Literal["rnn"]] = "rnn"
    dim: int = 1024
    layers: int = 1
    cell: cells.Cell = "gru"
    reset: cells.Reset = "before"
    skip: bool = False
    input: Input = "embedding"
    embedding: int = 256
    hidden: int = 1
    weight_norm: bool = True
    learn_initial_state: bool = True
    hop: int = 64
    dtype: Literal["float32", "bfloat16"] = "float32"

    def __post_init__(self):
        if min(self.dim, self.layers, self.embedding, self.hop) < 1 or self.hidden < 0:
            raise ValueError("dim, layers, embedding and hop must be positive, hidden not negative")
        if self.skip and self.layers < 2:
            raise ValueError("skip connections need at least two layers")
        check_sizes(self, dim=LARGEST, layers=DEEPEST, embedding=LARGEST, hidden=DEEPEST, hop=LARGEST)


class RNNState(NamedTuple):
    """State of a plain RNN.

    Attributes:
      last: [B] int32, the latest sample.
      hidden: [B, L, S] float32.
      phase: [] int32, samples since the running row of features began.
    """

    last: jax.Array
    hidden: jax.Array
    phase: jax.Array


class Network(nn.Module):
    """Network from the looked-up input to the distributions."""

    config: RNNConfig
    outputs: int
    speakers: int
    local: int

    @nn.compact
    def __call__(
        self, x: jax.Array, hidden: jax.Array, cond: Cond | None, rows: int
    ) -> tuple[jax.Array, jax.Array]:
        """Runs T steps.

        Args:
          x: [B, T, E], input vectors of the past samples.
          hidden: [B, L, S].
          cond: speaker [B] and features [B, N, C], each row for T / N samples.
          rows: N.

        Returns:
          Distributions [B, T, P] and the last hidden state.
        """
        c = self.config
        if self.speakers:
            table = self.param("speaker", nn.initializers.normal(0.1), (self.speakers, c.embedding))
            x = x + table[require_speaker(cond)][:, None]
        if self.local:
            local = cells.Linear(c.embedding, use_bias=False, name="features")(
                require_local(cond, self.local, rows)
            )
            x = x + jnp.repeat(local, x.shape[1] // rows, axis=1)
        stack = cells.Stack(c.cell, c.dim, c.layers, c.reset, c.skip, name="rnn")
        y, hidden = stack(jnp.swapaxes(x, 0, 1), hidden)
        y = jnp.swapaxes(y, 0, 1)
        for i in range(c.hidden):
            y = jax.nn.relu(cells.Linear(c.dim, name=f"layers_{i}")(y))
        return cells.Linear(self.outputs, initializer=cells.lecun, name="output")(y), hidden


@dataclasses.dataclass(frozen=True)
class RNN(OneSampleModel):
    """Plain RNN under the contract of `contract.SampleModel`.

    Attributes:
      config: shape of the network.
    """

    config: RNNConfig

    @property
    def _table(self) -> Table:
        return Table(self.config.input, self.q_levels, self.config.embedding)

    @property
    def _network(self) -> Network:
        return Network(self.config, self.distribution.size, self.speakers, self.local)

    @property
    def _hidden(self) -> tuple[int, int]:
        """Returns L and S."""
        return self.config.layers, self.config.dim * (2 if self.config.cell == "lstm" else 1)

    def init(self, key: jax.Array) -> Params:
        """See `contract.SampleModel`. With weight normalization, kernels come as `v` and `g`."""
        first, rest = jax.random.split(key)
        cond = Cond(speaker=jnp.zeros(1, jnp.int32), local=jnp.zeros((1, 1, self.local)))
        x, hidden = jnp.zeros((1, 1, self.config.embedding)), jnp.zeros((1, *self._hidden))
        params: dict[str, Any] = {
            "input": self._table.init(first)["params"],
            "network": self._network.init(rest, x, hidden, cond, 1)["params"],
        }
        if self.config.learn_initial_state:
            params["initial"] = jnp.zeros(self._hidden)
        return weightnorm.split(params) if self.config.weight_norm else params

    def initial_state(self, params: Params, batch: int, cond: Cond | None = None) -> RNNState:
        """Makes the state before the first sample. See `contract.SampleModel`.

        Args:
          params: parameters or weights.
          batch: B.
          cond: not used.
        """
        del cond
        arrays = array_namespace(params)
        first = arrays.zeros(self._hidden, np.float32)
        if self.config.learn_initial_state:
            first = params["initial"]
        return RNNState(
            last=arrays.full(batch, self.q_levels // 2, np.int32),
            hidden=arrays.broadcast_to(first, (batch, *first.shape)),
            phase=arrays.zeros((), np.int32),
        )

    def apply(
        self, params: Params, state: RNNState, samples: jax.Array, cond: Cond | None = None
    ) -> tuple[jax.Array, RNNState]:
        """Computes the distributions of T given samples, [B, T, P], and the state after. See `contract.SampleModel`.

        Args:
          params: parameters or weights.
          state: at phase 0.
          samples: [B, T] int32 in [0, Q), T a multiple of `frame`.
          cond: speaker [B] and features [B, N, C].
        """
        length = self.count_samples(samples)
        past = jnp.concatenate([state.last[:, None], samples[:, :-1]], axis=1)
        outputs, hidden = self._run(params, state, past, cond, length // self.frame)
        return outputs, state._replace(last=samples[:, -1], hidden=hidden)

    def predict(
        self, params: Params, state: RNNState, cond: Cond | None = None
    ) -> tuple[jax.Array, RNNState]:
        """Computes the distribution of the next sample, [B, P]. See `contract.SampleModel`.

        Args:
          params: parameters or weights.
          state: at any phase.
          cond: speaker [B] and features [B, C] of the running top frame.
        """
        cond = as_one_row(cond)
        outputs, hidden = self._run(params, state, state.last[:, None], cond, 1)
        return outputs[:, 0], state._replace(hidden=hidden)

    def push(self, state: RNNState, sample: jax.Array) -> RNNState:
        """Appends a sample [B] int32 to the history. See `contract.SampleModel`."""
        return state._replace(last=sample, phase=(state.phase + 1) % self.frame)

    def _run(
        self, params: Params, state: RNNState, past: jax.Array, cond: Cond | None, rows: int
    ) -> tuple[jax.Array, jax.Array]:
        """Computes distributions [B, T, P] after each of the samples `past` [B, T], and the last hidden state."""
        weights = self.weights(params)
        out: Any = self._network.apply(
            {"params": weights["network"]},
            look_up(weights["table"], past, self.q_levels),
            state.hidden,
            cond,
            rows,
        )
        return out
