"""Linear maps and recurrent layers, with all input products outside of the scan over time.

Axes: N steps, B streams, X inputs, H units, L layers, S numbers of recurrent state a unit layer carries (H for a GRU,
2H for an LSTM: output and cell side by side). Sequences are time-major, as a scan reads and writes them.

Products run in the dtype of the kernel (bfloat16 or float32) and accumulate in float32; all else is float32.
"""

from collections.abc import Callable
from typing import Literal

import flax.linen as nn
import jax
import jax.numpy as jnp

from babble_jax.recurrence import gru_after, product

Cell = Literal["gru", "lstm"]
Reset = Literal["before", "after"]
Initializer = jax.nn.initializers.Initializer

he = nn.initializers.he_uniform()
lecun = nn.initializers.lecun_uniform()


def gates(initializer: Initializer, count: int) -> Initializer:
    """Makes an initializer of `count` blocks side by side, each drawn by `initializer`, with the fans of one gate."""

    def draw(key, shape, dtype=jnp.float32, out_sharding=None):
        width = shape[1] // count
        blocks = [initializer(k, (shape[0], width), dtype) for k in jax.random.split(key, count)]
        return jnp.concatenate(blocks, axis=1)

    return draw


class Linear(nn.Module):
    """Linear map, y = x kernel + bias."""

    features: int
    use_bias: bool = True
    initializer: Initializer = he

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        """Maps [..., X] to [..., features]."""
        kernel = self.param("kernel", self.initializer, (x.shape[-1], self.features))
        y = product(x, kernel)
        if not self.use_bias:
            return y
        return y + jnp.broadcast_to(self.param("bias", nn.initializers.zeros, (self.features,)), y.shape)


class Kernel(nn.Module):
    """A bare [rows, columns] kernel, for products that happen inside a scan."""

    rows: int
    columns: int
    initializer: Initializer

    @nn.compact
    def __call__(self) -> jax.Array:
        """Returns the kernel."""
        return self.param("kernel", self.initializer, (self.rows, self.columns))


def scan_time(
    step: Callable[[jax.Array, jax.Array], jax.Array], state: jax.Array, x: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Scans a recurrent step over time.

    Args:
      step: maps state [B, S] and x [B, ...] to the next state.
      state: [B, S] before the first step.
      x: [N, B, ...].

    Returns:
      The states [N, B, S], and the last one.
    """
    if len(x) == 1:  # generation: no loop around a single step
        state = step(state, x[0])
        return state[None], state

    def body(state, x):
        state = step(state, x)
        return state, state

    state, states = jax.lax.scan(body, state, x)
    return states, state


class GRU(nn.Module):
    """Gated recurrent unit (Cho et al. 2014, arXiv 1406.1078), h' = (1 - z) n + z h.

    `reset` "before" is the paper's form and the SampleRNN authors': n = tanh(x W + (r h) U). "after" is cuDNN's and
    PyTorch's: n = tanh(x W + r (h U + c)), one product for all gates; of cuDNN's three recurrent biases the two that
    add to an input bias are left out.
    """

    dim: int
    reset: Reset = "before"

    @nn.compact
    def __call__(self, x: jax.Array, state: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Maps x [N, B, X] and state [B, H] to outputs [N, B, H] and the last state."""
        dim = self.dim
        square = nn.initializers.orthogonal()
        x = Linear(3 * dim, initializer=lecun, name="input")(x)

        if self.reset == "after":
            recurrent = Kernel(dim, 3 * dim, gates(square, 3), name="recurrent")()
            bias = self.param("recurrent_bias", nn.initializers.zeros, (dim,))
            states = gru_after(x, state, recurrent, bias)
            return states, states[-1]

        else:
            recurrent = Kernel(dim, 2 * dim, gates(lecun, 2), name="recurrent")()
            candidate = Kernel(dim, dim, square, name="candidate")()

            def step(h, x):
                z, r = jnp.split(jax.nn.sigmoid(x[:, : 2 * dim] + product(h, recurrent)), 2, axis=-1)
                n = jnp.tanh(x[:, 2 * dim :] + product(r * h, candidate))
                return n + z * (h - n)

        return scan_time(step, state, x)


class LSTM(nn.Module):
    """Long short-term memory; the forget gate's bias starts at 3, as in the SampleRNN authors' code."""

    dim: int

    @nn.compact
    def __call__(self, x: jax.Array, state: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Maps x [N, B, X] and state [B, 2H] to outputs [N, B, H] and the last state."""
        dim = self.dim

        def biases(key, shape, dtype=jnp.float32):
            del key
            return jnp.zeros(shape, dtype).at[dim : 2 * dim].set(3.0)

        x = Linear(4 * dim, use_bias=False, initializer=lecun, name="input")(x)
        x = x + self.param("bias", biases, (4 * dim,))[None, None]
        recurrent = Kernel(dim, 4 * dim, gates(nn.initializers.orthogonal(), 4), name="recurrent")()

        def step(state, x):
            h, c = jnp.split(state, 2, axis=-1)
            i, f, o, g = jnp.split(x + product(h, recurrent), 4, axis=-1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            return jnp.concatenate([jax.nn.sigmoid(o) * jnp.tanh(c), c], axis=-1)

        states, state = scan_time(step, state, x)
        return states[..., :dim], state


class Stack(nn.Module):
    """L recurrent layers.

    With `skip`, as Graves (2013, arXiv 1308.0850) draws them: every layer after the first also sees the input, and
    the output is a sum of linear maps of all layers.
    """

    cell: Cell
    dim: int
    layers: int
    reset: Reset = "before"
    skip: bool = False

    @nn.compact
    def __call__(self, x: jax.Array, state: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Maps x [N, B, X] and state [B, L, S] to outputs [N, B, H] and the last state [B, L, S]."""
        states, outputs = [], []
        y = x
        for i in range(self.layers):
            if i and self.skip:
                y = jnp.concatenate([y, x], axis=-1)
            layer = GRU(self.dim, self.reset) if self.cell == "gru" else LSTM(self.dim)
            y, last = layer(y, state[:, i])
            states.append(last)
            outputs.append(y)
        if self.skip:
            maps = [Linear(self.dim, use_bias=i == 0, name=f"skip_{i}") for i in range(self.layers)]
            y = sum((f(o) for f, o in zip(maps, outputs, strict=True)), start=jnp.zeros_like(y))
        return y, jnp.stack(states, axis=1)
