"""Convolutions along positions: what each of them sees, its gradient, padding, and parameters in bfloat16."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from babble_jax.tacotron.layers.convolution import Convolution, Convolve


def direct(x, kernel, bias, width):
    """Sums over the positions that a convolution sees, one by one."""
    before, channels = (width - 1) // 2, x.shape[-1]
    y = np.tile(bias, (*x.shape[:2], 1)).astype(np.float64)
    for n in range(x.shape[1]):
        for i in range(width):
            if 0 <= n + i - before < x.shape[1]:
                y[:, n] += x[:, n + i - before] @ kernel[i * channels : (i + 1) * channels]
    return y


@pytest.mark.parametrize("width", [1, 2, 5])
def test_each_position_sees_its_neighbours(width):
    rng = np.random.default_rng(width)
    x = rng.normal(size=(2, 7, 3)).astype(np.float32)
    kernel, bias = rng.normal(size=(width * 3, 4)), rng.normal(size=4)
    params = {"params": {"kernel": jnp.asarray(kernel), "bias": jnp.asarray(bias)}}
    y = Convolve(4, width).apply(params, x)
    np.testing.assert_allclose(y, direct(x, kernel, bias, width), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_gradients_of_a_kernel_are_sums_over_what_it_saw(dtype):
    rng = np.random.default_rng(0)
    x, weights = (rng.normal(size=(2, 6, size)).astype(np.float32) for size in (3, 4))
    kernel = jnp.asarray(rng.normal(size=(9, 4)), dtype)
    layer, bias = Convolve(4, 3), jnp.zeros(4)

    def value(kernel, x):
        y = jnp.asarray(layer.apply({"params": {"kernel": kernel, "bias": bias}}, x))
        assert y.dtype == jnp.float32
        return jnp.sum(y * weights)

    to_kernel, to_x = jax.grad(value, argnums=(0, 1))(kernel, jnp.asarray(x))
    padded = np.pad(x, ((0, 0), (1, 1), (0, 0)))
    rows = np.concatenate([padded[:, i : i + 6] for i in range(3)], axis=-1)
    tolerance = 1e-5 if dtype == "float32" else 0.05
    np.testing.assert_allclose(
        to_kernel.astype(jnp.float32), np.einsum("bnk,bnd->kd", rows, weights), rtol=tolerance, atol=tolerance
    )
    blocks = np.asarray(kernel.astype(jnp.float32)).reshape(3, 3, 4)
    expected = np.zeros_like(padded)
    for i in range(3):
        expected[:, i : i + 6] += weights @ blocks[i].T
    np.testing.assert_allclose(to_x, expected[:, 1:-1], rtol=tolerance, atol=tolerance)


def test_padding_changes_nothing():
    layer, rng = Convolution(4, 5), np.random.default_rng(0)
    x = rng.normal(size=(1, 6, 3)).astype(np.float32)
    params = layer.init(jax.random.key(0), x, jnp.ones((1, 6), bool))
    y = layer.apply(params, x, jnp.ones((1, 6), bool))
    longer = np.concatenate([x, rng.normal(size=(1, 3, 3)).astype(np.float32)], axis=1)
    mask = jnp.arange(9)[None] < 6
    np.testing.assert_allclose(layer.apply(params, longer, mask)[:, :6], y, rtol=1e-5, atol=1e-6)
