"""Noise on past samples: its distribution. Its use in a step is tested in `test_step`."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

from babble_jax.train.tasks.voice.noise import inject_noise

KEYS = jax.random.split(jax.random.key(3), 400)


def test_the_deviation_is_a_cube_over_streams_and_the_noise_is_normal():
    samples = jnp.full((400, 2000), 128, jnp.int32)
    moved = np.asarray(inject_noise(samples, 256, 3.0, KEYS)) - 128
    # Rounding adds 1/12 to the variance, but for deviations of well under half a level.
    deviation = np.sqrt(np.maximum(moved.var(axis=1) - 1 / 12, 0))
    assert abs(moved.mean()) < 0.02
    expected = 3.0 * np.array([0.8, 0.9, 1.0]) ** 3  # smaller ones are lost in rounding
    assert np.quantile(deviation, [0.8, 0.9, 1]) == pytest.approx(expected, abs=0.2)
    assert np.mean(deviation < 0.3) == pytest.approx(0.1 ** (1 / 3), abs=0.1)
    loud = np.argmax(deviation)
    within = 1 - 2 * scipy.stats.norm.sf(3.5 / deviation[loud])  # of rounded numbers
    assert np.mean(np.abs(moved[loud]) <= 3) == pytest.approx(within, abs=0.03)


def test_codes_stay_in_range_and_each_stream_has_its_own_noise():
    samples = jnp.asarray(np.random.default_rng(0).integers(0, 16, (4, 64)), jnp.int32)
    moved = inject_noise(samples, 16, 8.0, KEYS[:4])
    assert moved.dtype == jnp.int32
    assert int(moved.min()) == 0
    assert int(moved.max()) == 15
    assert np.any(moved != samples)
    np.testing.assert_array_equal(inject_noise(samples[1:3], 16, 8.0, KEYS[1:3]), moved[1:3])
