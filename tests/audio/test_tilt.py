"""Spectral tilt: a constant slope in dB per octave, block by block."""

import numpy as np
import pytest

from babble_jax.audio.tilt import Tilt


@pytest.mark.parametrize(("slope", "rate"), [(-6, 16_000), (3, 16_000), (6, 44_100)])
def test_the_slope_is_constant_and_leaves_1_khz_alone(slope, rate):
    impulse = np.zeros((1, rate), np.float32)
    impulse[0, 0] = 0.01
    response, _ = Tilt(slope, rate)(impulse)
    gain = 20 * np.log10(np.abs(np.fft.rfft(response[0].astype(np.float64))) / 0.01)
    octaves = np.arange(-2, 2)
    np.testing.assert_allclose(
        gain[1000 * 2 ** octaves[octaves >= 0]], slope * octaves[octaves >= 0], atol=0.6
    )
    np.testing.assert_allclose(gain[[250, 500]], [-2 * slope, -slope], atol=0.6)


def test_level_is_a_gain_and_blocks_change_nothing():
    noise = np.random.default_rng(0).normal(0, 0.1, (2, 4000)).astype(np.float32)
    np.testing.assert_allclose(Tilt(0, 16_000, -6)(noise)[0], noise * 10 ** (-6 / 20), rtol=1e-5, atol=1e-7)
    tilt = Tilt(4, 16_000, 3)
    complete, _ = tilt(noise)
    first, state = tilt(noise[:, :1001])
    rest, _ = tilt(noise[:, 1001:], state)
    np.testing.assert_array_equal(np.concatenate([first, rest], axis=1), complete)
