"""Filters of babble: what lies above a bandwidth and a constant are gone, and the blocks do not matter."""

import numpy as np
import pytest
import scipy.signal

from babble_jax.audio.filters import Bandpass, remove_rumble
from babble_jax.audio.level import active_level_db

RATE = 8000


def band_power_db(audio, low, high):
    """Measures the power in dB from `low` to `high` Hz."""
    frequencies, power = scipy.signal.welch(audio, RATE, nperseg=512)
    return 10 * np.log10(power[(frequencies >= low) & (frequencies <= high)].mean() + 1e-20)


def noise(seconds=2.0):
    return (np.random.default_rng(0).normal(size=round(seconds * RATE)) * 0.1).astype(np.float32)


def test_streams_are_cut_off_each_at_its_own_whatever_the_blocks():
    audio = np.stack([noise()] * 2)
    filtered, _ = Bandpass((2000.0, np.inf), RATE)(audio)
    assert band_power_db(filtered[1], 100, 4000) == pytest.approx(
        band_power_db(audio[1], 100, 4000), abs=0.05
    )
    assert band_power_db(filtered[0], 2300, 4000) < band_power_db(audio[0], 2300, 4000) - 50
    assert band_power_db(filtered[0], 100, 1900) == pytest.approx(band_power_db(audio[0], 100, 1900), abs=0.3)
    cut, parts = Bandpass((2000.0, np.inf), RATE), np.split(audio, [1, 700, 7000], axis=1)
    states, blocks = (), []
    for part in parts:
        block, states = cut(part, states)
        blocks.append(block)
    np.testing.assert_array_equal(np.concatenate(blocks, axis=1), filtered)


def test_nothing_leaves_the_range():
    square = np.where(np.arange(4000) // 40 % 2, 1.0, -1.0).astype(np.float32)[None]
    assert np.abs(Bandpass((1500.0,), RATE)(square)[0]).max() == 1


def test_a_constant_is_silence_and_speech_is_as_it_was():
    constant = np.full((1, RATE), 7e-5, np.float32)
    bandpass = Bandpass((np.inf,), RATE)
    silence, states = bandpass(constant)
    np.testing.assert_array_equal(np.abs(silence) < 1e-12, True)
    tone = (np.sin(np.arange(RATE) / RATE * 2 * np.pi * 100) * 0.5).astype(np.float32)[None]
    spoken, states = bandpass(constant + tone, states)
    assert np.abs(spoken[0, RATE // 2 :]).max() == pytest.approx(0.5, rel=0.03)
    after = bandpass(constant, states)[0][0]  # what is left of the tone dies away
    assert np.abs(after[RATE // 10 :]).max() < 1e-6


def test_rumble_goes_and_speech_stays():
    tone = 0.2 * np.sin(2 * np.pi * 200 * np.arange(16_000) / 16_000)
    audio = remove_rumble((tone + 0.1).astype(np.float32), 16_000)
    assert abs(np.mean(audio)) < 1e-3
    assert abs(audio[0]) < 1e-6  # a constant start is no click
    assert active_level_db(audio, 16_000) == pytest.approx(active_level_db(tone, 16_000), abs=0.1)
    assert len(remove_rumble(np.zeros(0, np.float32), 16_000)) == 0
