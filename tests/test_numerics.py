"""The package's settings of JAX hold inside and only there; the caller's stay as they are."""

import contextlib
import threading
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from babble_jax.numerics import fixed_numerics, typed_key


@contextlib.contextmanager
def foreign_settings():
    """Sets JAX as no other part of the package does."""
    with (
        jax.enable_x64(True),
        jax.default_matmul_precision("bfloat16"),
        jax.numpy_dtype_promotion("strict"),
        jax.threefry_partitionable(False),
        jax.default_prng_impl("rbg"),
    ):
        yield


def settings() -> tuple:
    config: Any = jax.config
    return (
        config.jax_enable_x64,
        config.jax_default_matmul_precision,
        config.jax_numpy_dtype_promotion,
        config.jax_threefry_partitionable,
        config.jax_default_prng_impl,
    )


OWN = (False, "highest", "standard", True, "threefry2x32")


def test_settings_hold_inside_and_are_the_callers_again_afterwards():
    with foreign_settings():
        before = settings()
        with fixed_numerics():
            assert settings() == OWN
            with fixed_numerics(x64=True):
                assert settings() == (True, *OWN[1:])
            assert settings() == OWN
        with fixed_numerics(any_precision=True):
            assert settings() == (False, "bfloat16", *OWN[2:])
        with pytest.raises(ZeroDivisionError), fixed_numerics():
            _ = 1 / 0
        assert settings() == before


def test_a_decorated_function_sets_them_in_each_thread():
    @fixed_numerics()
    def measure() -> tuple:
        return settings()

    values = []

    def run():
        with foreign_settings():
            values.append(measure())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert [measure(), *values] == [OWN, OWN]


def test_what_is_drawn_has_the_same_bits():
    @fixed_numerics()
    def draw():
        key = jax.random.split(jax.random.key(1), 3)[2]
        return np.asarray(jax.random.normal(key, (5,)) + jnp.arange(5) / np.float64(3))

    with foreign_settings():
        offsets = draw()
    assert offsets.dtype == np.float32
    np.testing.assert_array_equal(offsets, draw())


@pytest.mark.parametrize("implementation", ["threefry2x32", "rbg"])
def test_a_raw_key_is_that_of_the_callers_generator(implementation):
    with jax.default_prng_impl(implementation):
        raw, typed = jax.random.PRNGKey(3), jax.random.key(3)
        keys = typed_key(raw), typed_key(typed)
    for key in keys:
        assert str(jax.random.key_impl(key)) == implementation
        np.testing.assert_array_equal(jax.random.key_data(key), jax.random.key_data(typed))
