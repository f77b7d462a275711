"""Spectral tilt: a constant slope in dB per octave, block by block."""

from pathlib import Path

import numpy as np
import pytest

from babble_jax.audio import wave
from babble_jax.audio.tilt import Tilt
from babble_jax.presets import registry
from babble_jax.voice.conditioning.affects import AFFECTS


@pytest.mark.parametrize(("slope", "rate"), [(-6, 16_000), (6, 16_000), (3, 8000), (6, 44_100)])
def test_the_slope_is_constant_from_80_hz_to_near_half_the_rate(slope, rate):
    impulse = np.zeros((1, rate), np.float32)
    impulse[0, 0] = 0.01
    response, _ = Tilt(slope, rate)(impulse)
    gain = 20 * np.log10(np.abs(np.fft.rfft(response[0].astype(np.float64))) / 0.01)
    hz = np.unique(np.geomspace(80, 0.45 * rate, 100).round().astype(int))
    departure = gain[hz] - slope * np.log2(hz / 1000)
    np.testing.assert_allclose(departure - departure.mean(), 0, atol=1.5)


@pytest.mark.slow
def test_speech_and_affects_have_the_level_that_is_stated():
    recordings = sorted(Path(registry.path("speech", "festvox-ru")).glob("*.ogg"))
    before = np.concatenate([wave.read(path, 16_000)[0] for path in recordings])[None]
    own = [(one.prosody.effort, one.prosody.level) for one in AFFECTS.values()]
    for effort, level in {(-6.0, 0.0), (-3.0, 0.0), (3.0, 0.0), (6.0, 0.0), *own}:
        after, _ = Tilt(effort, 16_000, level)(before)
        gain = 10 * np.log10(np.mean(np.square(after)) / np.mean(np.square(before)))
        assert gain == pytest.approx(level, abs=1)
        assert np.mean(np.abs(after) >= 1) < 0.002  # of angry, louder and sharper, most


def test_level_is_a_gain_and_blocks_change_nothing():
    noise = np.random.default_rng(0).normal(0, 0.1, (2, 4000)).astype(np.float32)
    np.testing.assert_allclose(Tilt(0, 16_000, -6)(noise)[0], noise * 10 ** (-6 / 20), rtol=1e-5, atol=1e-7)
    tilt = Tilt(4, 16_000, 3)
    complete, _ = tilt(noise)
    first, state = tilt(noise[:, :1001])
    rest, _ = tilt(noise[:, 1001:], state)
    np.testing.assert_array_equal(np.concatenate([first, rest], axis=1), complete)
