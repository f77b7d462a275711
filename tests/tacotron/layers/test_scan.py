"""The scan with its kernels' gradients in one product, against automatic differentiation of a plain scan."""

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.tacotron.layers.scan import multiply_by, scan_products


def step(constants, carry, x, multiply):
    z = jnp.tanh(multiply("state", carry) + x["input"] + constants[None])
    y = multiply("readout", z)
    return jnp.where(x["valid"][:, None], z, carry), y


def test_gradients_are_those_of_a_plain_scan():
    rng = np.random.default_rng(0)
    kernels = {
        "state": jnp.asarray(rng.normal(size=(4, 4)), jnp.float32),
        "readout": jnp.asarray(rng.normal(size=(4, 3)), jnp.float32),
    }
    constants, carry = jnp.ones(4), jnp.asarray(rng.normal(size=(2, 4)), jnp.float32)
    xs = {
        "input": jnp.asarray(rng.normal(size=(5, 2, 4)), jnp.float32),
        "valid": jnp.asarray(rng.random((5, 2)) < 0.7),
    }

    def plain(kernels, constants, carry, xs):
        return jax.lax.scan(lambda c, x: step(constants, c, x, multiply_by(kernels)), carry, xs)

    def total(run, kernels, constants, carry, inputs):
        last, ys = run(kernels, constants, carry, xs | {"input": inputs})
        return jnp.sum(jnp.sin(last)) + jnp.sum(ys**2)

    def gradients(run):
        return jax.jit(jax.value_and_grad(lambda *a: total(run, *a), argnums=(0, 1, 2, 3)))(
            kernels, constants, carry, xs["input"]
        )

    def hoisted(kernels, constants, carry, xs):
        return scan_products(step, kernels, constants, carry, xs)

    jax.tree.map(
        lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5),
        gradients(hoisted),
        gradients(plain),
    )
