"""Products of matrices and the recurrence of a GRU with its own gradient, which several kinds of models share.

Axes: N steps, B streams, X inputs, H units. Sequences are time-major, as a scan reads and writes them.

Products run in the dtype of the kernel (bfloat16 or float32) and accumulate in float32; all else is float32.
"""

import jax
import jax.numpy as jnp


def product(x: jax.Array, kernel: jax.Array) -> jax.Array:
    """Multiplies x [..., X] with a kernel [X, H]; float32.

    The product is one of matrices, so that the gradient of the kernel contracts a single axis: XLA would copy x to
    contract several.
    """
    flat = x.reshape(-1, x.shape[-1]).astype(kernel.dtype)
    return jnp.matmul(flat, kernel, preferred_element_type=jnp.float32).reshape(*x.shape[:-1], -1)


@jax.custom_vjp
def gru_after(x: jax.Array, state: jax.Array, recurrent: jax.Array, bias: jax.Array) -> jax.Array:
    """Runs the recurrence of a GRU that resets after the product, with a hand-written gradient.

    The backward scan carries only the gradient of the state; the gradient of `recurrent` is one product after the
    scan, where automatic differentiation would add an outer product at every step.

    Args:
      x: [N, B, 3H] contribution of the input to update gate, reset gate and candidate.
      state: [B, H] before the first step.
      recurrent: [H, 3H] kernel.
      bias: [H], added to the recurrent part of the candidate.

    Returns:
      The states, [N, B, H].
    """
    return _gru_after(x, state, recurrent, bias)[0]


def _gru_after(x, state, recurrent, bias):
    """Returns the states [N, B, H] and, for the backward pass, z, r, n and the recurrent candidate, [N, B, 4H]."""
    dim = state.shape[-1]

    def step(h, x):
        u = product(h, recurrent)
        z, r = jnp.split(jax.nn.sigmoid(x[:, : 2 * dim] + u[:, : 2 * dim]), 2, axis=-1)
        c = u[:, 2 * dim :] + bias[None]
        n = jnp.tanh(x[:, 2 * dim :] + r * c)
        h = n + z * (h - n)
        return h, (h, jnp.concatenate([z, r, n, c], axis=-1))

    if len(x) == 1:  # generation: no loop around a single step
        h, (_, residuals) = step(state, x[0])
        return h[None], residuals[None]
    _, (states, residuals) = jax.lax.scan(step, state, x)
    return states, residuals


def _gru_after_forward(x, state, recurrent, bias):
    states, residuals = _gru_after(x, state, recurrent, bias)
    return states, (states, residuals, state, recurrent, bias)


def _gru_after_backward(saved, gradient):
    states, residuals, state, recurrent, bias = saved
    dim = state.shape[-1]
    before = jnp.concatenate([state[None], states[:-1]])
    transposed = recurrent.T

    def step(later, inputs):
        from_output, h, residual = inputs
        z, r, n, c = jnp.split(residual, 4, axis=-1)
        g = from_output + later
        to_n = g * (1 - z) * (1 - n * n)
        to_z = g * (h - n) * z * (1 - z)
        to_r = to_n * c * r * (1 - r)
        to_u = jnp.concatenate([to_z, to_r, to_n * r], axis=-1)
        return g * z + product(to_u, transposed), (to_u, to_n)

    first, (to_u, to_n) = jax.lax.scan(
        step, jnp.zeros_like(state), (gradient, before, residuals), reverse=True
    )
    to_x = jnp.concatenate([to_u[..., : 2 * dim], to_n], axis=-1)
    flat = before.reshape(-1, dim).astype(recurrent.dtype)
    to_recurrent = jnp.matmul(
        flat.T, to_u.reshape(-1, 3 * dim).astype(recurrent.dtype), preferred_element_type=jnp.float32
    )
    to_bias = to_u[..., 2 * dim :].sum((0, 1))
    return to_x, first, to_recurrent.astype(recurrent.dtype), to_bias.astype(bias.dtype)


gru_after.defvjp(_gru_after_forward, _gru_after_backward)
