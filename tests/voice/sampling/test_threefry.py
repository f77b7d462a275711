"""Keys and uniforms by numpy are those of JAX, to the bit."""

import jax
import numpy as np
import pytest

from babble_jax.voice.sampling.ancestral import uniforms
from babble_jax.voice.sampling.threefry import stream_keys, stream_uniforms


@pytest.mark.parametrize("seed", [0, 1, 123456, 2**31, 2**32 - 1])
def test_keys_and_uniforms_are_those_of_jax(seed):
    keys = jax.random.split(jax.random.key(seed), 3)
    np.testing.assert_array_equal(
        jax.random.key_data(stream_keys(seed, 3)), np.asarray(jax.random.key_data(keys))
    )
    for start in (0, 12345, 2**31, 2**32 - 100):
        ours = stream_uniforms(keys, start, 200)
        assert ours.dtype == np.float32
        np.testing.assert_array_equal(ours, uniforms(keys, np.uint32(start), 200))


def test_other_keys_are_left_to_jax():
    keys = jax.random.split(jax.random.key(5, impl="rbg"), 2)
    np.testing.assert_array_equal(stream_uniforms(keys, 3, 20), uniforms(keys, 3, 20))
