"""Recurrent layers that go on from any state, run either way over padded sequences, and zone out in training.

Axes: B streams, N steps, X inputs, H units, S numbers of state (H of a GRU; 2H of an LSTM, output and cell side by
side).
"""

import functools
from typing import Any, Literal

import flax.linen as nn
import jax
import jax.numpy as jnp

from babble_jax.tacotron.layers.scan import Multiply, multiply_by, scan_products
from babble_jax.voice.models import cells

Kind = Literal["lstm", "gru"]
RECURRENT = "recurrent"


def gate_count(kind: Kind) -> int:
    """Returns the number of blocks of H columns in the kernels of a kind."""
    return {"lstm": 4, "gru": 3}[kind]


def state_size(kind: Kind, dim: int) -> int:
    """Returns S for H = `dim` units.

    Args:
      kind: of the layer.
      dim: H.
    """
    return {"lstm": 2, "gru": 1}[kind] * dim


def update_state(kind: Kind, x: jax.Array, recurrent: jax.Array, state: jax.Array) -> jax.Array:
    """Computes the next state, [B, S].

    The GRU is the form that resets after the product (arXiv 1406.1078 resets before it): one product per step.

    Args:
      kind: of the layer.
      x: [B, 4H] or [B, 3H], contribution of the inputs to the gates.
      recurrent: the same of the state, with the bias that is added to it.
      state: [B, S].
    """
    if kind == "gru":
        dim = state.shape[-1]
        z, r = jnp.split(jax.nn.sigmoid(x[:, : 2 * dim] + recurrent[:, : 2 * dim]), 2, axis=-1)
        candidate = jnp.tanh(x[:, 2 * dim :] + r * recurrent[:, 2 * dim :])
        return candidate + z * (state - candidate)
    _, c = jnp.split(state, 2, axis=-1)
    i, f, o, g = jnp.split(x + recurrent, 4, axis=-1)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    return jnp.concatenate([jax.nn.sigmoid(o) * jnp.tanh(c), c], axis=-1)


def zone_out(before: jax.Array, after: jax.Array, mask: jax.Array | None, rate: float) -> jax.Array:
    """Lets units keep their state (Krueger et al. 2017, arXiv 1606.01305).

    Args:
      before: [B, S] state before the step.
      after: [B, S] state after it.
      mask: [B, S] bool, units that keep their state; None for the mean over all masks.
      rate: share of units that keep it.
    """
    if mask is None:
        return after if rate == 0 else after + rate * (before - after)
    return jnp.where(mask, before, after)


def _step(kind: Kind, rate: float, bias: jax.Array, state: jax.Array, x: Any, multiply: Multiply):
    recurrent = multiply(RECURRENT, state[:, : state.shape[1] // (2 if kind == "lstm" else 1)])
    after = update_state(kind, x["input"], recurrent + bias[None], state)
    after = zone_out(state, after, x.get("zoneout"), rate)
    if "valid" in x:
        after = jnp.where(x["valid"][:, None], after, state)
    return after, after


def forget_biases(dim: int) -> cells.Initializer:
    """Makes the initializer of an LSTM's biases: 1 for the forget gate, 0 for the others."""

    def draw(key, shape, dtype=jnp.float32, out_sharding=None):
        return jnp.zeros(shape, dtype).at[dim : 2 * dim].set(1.0)

    return draw


class Recurrent(nn.Module):
    """Recurrent layer.

    Attributes:
      kind: "lstm" or "gru".
      dim: H.
      zoneout: share of the units that keep their state.
    """

    kind: Kind
    dim: int
    zoneout: float = 0.0

    def setup(self):
        """Makes the parts."""
        count = gate_count(self.kind)
        self.input = cells.Linear(count * self.dim, use_bias=self.kind == "gru", initializer=cells.lecun)
        square = cells.gates(nn.initializers.orthogonal(), count)
        self.recurrent = cells.Kernel(self.dim, count * self.dim, square)
        if self.kind == "lstm":
            self.bias = self.param("bias", forget_biases(self.dim), (4 * self.dim,))
        else:
            self.bias = self.param("candidate_bias", nn.initializers.zeros, (self.dim,))

    def _bias(self) -> jax.Array:
        """Returns what is added to the recurrent product: of a GRU, to the candidate's alone."""
        if self.kind == "lstm":
            return self.bias
        return jnp.concatenate([jnp.zeros(2 * self.dim), self.bias])

    def __call__(
        self,
        x: jax.Array,
        valid: jax.Array | None = None,
        zoneout: jax.Array | None = None,
        reverse: bool = False,
    ) -> jax.Array:
        """Maps x [B, N, X] to outputs [B, N, H], from a state of zeros on.

        Args:
          x: [B, N, X].
          valid: [B, N] bool, the steps to be made; at others the state stays as it is. None for all.
          zoneout: [B, N, S] bool, units that keep their state; None for their mean.
          reverse: whether it begins with the last step.
        """
        xs = {"input": self.input(x), "valid": valid, "zoneout": zoneout}
        xs = {name: jnp.moveaxis(value, 1, 0) for name, value in xs.items() if value is not None}
        if reverse:
            xs = jax.tree.map(lambda value: jnp.flip(value, 0), xs)
        state = jnp.zeros((x.shape[0], state_size(self.kind, self.dim)))
        step = functools.partial(_step, self.kind, self.zoneout)
        _, states = scan_products(step, {RECURRENT: self.recurrent()}, self._bias(), state, xs)  # pyright: ignore[reportGeneralTypeIssues]
        if reverse:
            states = jnp.flip(states, 0)
        return jnp.moveaxis(states[..., : self.dim], 0, 1)

    def step(self, x: jax.Array, state: jax.Array) -> jax.Array:
        """Makes one step, from state [B, S] and x [B, X] to the next state [B, S].

        Args:
          x: [B, X].
          state: [B, S], of which the first H numbers are the output.
        """
        multiply = multiply_by({RECURRENT: self.recurrent()})
        inputs = {"input": self.input(x)}
        return _step(self.kind, self.zoneout, self._bias(), state, inputs, multiply)[0]


class Bidirectional(nn.Module):
    """Two recurrent layers, one each way, with their outputs side by side.

    Attributes:
      kind: "lstm" or "gru".
      dim: H of each.
      zoneout: share of the units that keep their state.
    """

    kind: Kind
    dim: int
    zoneout: float = 0.0

    @nn.compact
    def __call__(self, x: jax.Array, mask: jax.Array, zoneout: jax.Array | None = None) -> jax.Array:
        """Maps x [B, N, X] to [B, N, 2H]; 0 where `mask` is False.

        Args:
          x: [B, N, X].
          mask: [B, N] bool.
          zoneout: [B, N, 2S] bool, units of both that keep their state; None for their mean.
        """
        masks = (None, None) if zoneout is None else jnp.split(zoneout, 2, axis=-1)
        outputs = [
            Recurrent(self.kind, self.dim, self.zoneout, name=name)(x, mask, own, reverse)
            for name, own, reverse in (("forward", masks[0], False), ("backward", masks[1], True))
        ]
        return jnp.where(mask[..., None], jnp.concatenate(outputs, axis=-1), 0.0)
