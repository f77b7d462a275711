"""Levels: of a tone by its formula, of silence the lowest, frame by frame and over the active frames."""

import numpy as np
import pytest

from babble_jax.audio import level as power_level
from babble_jax.audio.level import LOWEST_RMS_DB, active_level_db, rms_db
from babble_jax.audio.pitch import f0_contour


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000])
def test_of_a_tone_that_begins_and_ends(rate):
    time = np.arange(rate) / rate
    audio = np.where((time >= 0.3) & (time < 0.7), 0.1 * np.sin(2 * np.pi * 500 * time), 0)
    level = rms_db(audio, rate)
    assert level.shape == f0_contour(audio, rate).shape == (100,)
    np.testing.assert_allclose(level[31:69], 20 * np.log10(0.1 / np.sqrt(2)), atol=0.1)
    assert np.all(np.concatenate([level[:29], level[71:]]) == LOWEST_RMS_DB)
    # A frame beside an edge sees 5 of its 20 ms, one within 15.
    edge = level[[29, 30, 69, 70]] - level[50]
    np.testing.assert_allclose(edge, 10 * np.log10([0.25, 0.75, 0.75, 0.25]), atol=0.2)


def test_of_a_recording_shorter_than_a_frame():
    np.testing.assert_allclose(rms_db(np.full(40, 0.5), 8_000), [10 * np.log10(0.25 * 40 / 160)])
    assert rms_db(np.zeros(0), 8_000).tolist() == [LOWEST_RMS_DB]


def sine(seconds: float, amplitude: float) -> np.ndarray:
    return amplitude * np.sin(2 * np.pi * 200 * np.arange(round(seconds * 16_000)) / 16_000)


def test_active_level_of_a_sine_is_its_rms_whatever_silence_is_about_it():
    tone = sine(1, 0.2)
    expected = 20 * np.log10(0.2 / np.sqrt(2))
    assert active_level_db(tone, 16_000) == pytest.approx(expected, abs=1e-6)
    surrounded = np.concatenate([np.zeros(4 * 16_000), tone, sine(3, 0.2 * 10 ** (-25 / 20))])
    assert active_level_db(surrounded, 16_000) == pytest.approx(expected, abs=1e-6)


def test_a_passage_within_the_margin_counts():
    both = np.concatenate([sine(1, 0.2), sine(1, 0.1)])
    assert active_level_db(both, 16_000) == pytest.approx(10 * np.log10((0.02 + 0.005) / 2), abs=1e-6)


def test_zeros_have_no_level():
    assert active_level_db(np.zeros(16_000), 16_000) == -np.inf


def test_power_in_blocks_is_that_of_all_frames(monkeypatch):
    audio = np.random.default_rng(0).standard_normal(16_123).astype(np.float32)
    expected = np.mean(np.square(audio[:16_000].astype(np.float64).reshape(-1, 160)), axis=1)
    for frames in (1, 7, 100, 1000):
        monkeypatch.setattr(power_level, "_FRAMES_AT_ONCE", frames)
        np.testing.assert_array_equal(power_level.frame_power(audio, 16_000), expected)
