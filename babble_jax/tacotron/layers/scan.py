"""Scans whose gradients of kernels are one product after the scan.

Axes: N steps, B streams.

Automatic differentiation adds a product of a kernel's size to its gradient at every step. Here the backward scan gives
the gradients of the products alone; with the rows that were multiplied they make the gradient of a kernel in one
product.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp

from babble_jax.voice.models.cells import product

Multiply = Callable[[str, jax.Array], jax.Array]
"""Multiplies rows [B, X] with the kernel [X, Y] of a name, once for each name in a step."""
Step = Callable[[Any, Any, Any, Multiply], tuple[Any, Any]]
"""Maps constants, carry, the inputs of a step and `Multiply` to the next carry and the outputs of the step."""


def multiply_by(kernels: Mapping[str, jax.Array]) -> Multiply:
    """Makes `Multiply` for a step on its own."""
    return lambda name, rows: product(rows, kernels[name])


@functools.partial(jax.custom_vjp, nondiff_argnums=(0,))
def scan_products(step: Step, kernels: dict[str, jax.Array], constants: Any, carry: Any, xs: Any) -> Any:
    """Scans a step over time.

    Args:
      step: the step; it closes over no arrays.
      kernels: by name, those that the step multiplies with, all of them.
      constants: tree of arrays that are the same in all steps.
      carry: tree of arrays before the first step.
      xs: tree of arrays [N, ...], the inputs of the steps.

    Returns:
      The last carry, and the outputs [N, ...].
    """
    multiply = multiply_by(kernels)
    return jax.lax.scan(lambda carry, x: step(constants, carry, x, multiply), carry, xs)


def _forward(step, kernels, constants, carry, xs):
    count, batch = jax.tree.leaves(xs)[0].shape[0], jax.tree.leaves(carry)[0].shape[0]
    zeros = {name: jnp.zeros((count, batch, kernel.shape[1])) for name, kernel in kernels.items()}

    def run(constants, carry, xs, zeros):
        def body(carry, inputs):
            x, zero = inputs
            rows = {}

            def multiply(name, row):
                rows[name] = row
                return product(row, kernels[name]) + zero[name]

            carry, y = step(constants, carry, x, multiply)
            return carry, (y, rows)

        carry, (ys, rows) = jax.lax.scan(body, carry, (xs, zeros))
        return (carry, ys), rows

    outputs, pullback, rows = jax.vjp(run, constants, carry, xs, zeros, has_aux=True)
    return outputs, (pullback, rows, kernels)


def _backward(step, saved, gradient):
    del step
    pullback, rows, kernels = saved
    to_constants, to_carry, to_xs, to_products = pullback(gradient)
    to_kernels = {
        name: jnp.matmul(
            rows[name].reshape(-1, kernel.shape[0]).astype(kernel.dtype).T,
            to_products[name].reshape(-1, kernel.shape[1]).astype(kernel.dtype),
            preferred_element_type=jnp.float32,
        ).astype(kernel.dtype)
        for name, kernel in kernels.items()
    }
    return to_kernels, to_constants, to_carry, to_xs


scan_products.defvjp(_forward, _backward)
