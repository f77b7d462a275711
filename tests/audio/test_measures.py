"""Trimming, measures, features and pictures on signals whose answers are known."""

import sys

import librosa
import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.image import imread

from babble_jax.audio import measures, mel, silence, spectrogram

RATE = 16_000


def tone(seconds: float, hertz: float = 1000.0, amplitude: float = 0.5) -> np.ndarray:
    return (amplitude * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(
        np.float32
    )


def noise(seconds: float, amplitude: float = 0.1) -> np.ndarray:
    return np.random.default_rng(0).normal(0, amplitude, round(seconds * RATE)).astype(np.float32)


def test_bounds_find_the_sound_within_a_frame_and_the_margin():
    quiet = noise(1.0, 1e-4)
    start, stop = silence.bounds(np.concatenate([quiet, tone(0.5), quiet]), RATE)
    assert abs(start - 0.95 * RATE) < 0.04 * RATE
    assert abs(stop - 1.55 * RATE) < 0.04 * RATE
    start, stop = silence.bounds(np.concatenate([quiet, tone(0.5), quiet]), RATE, margin=0.5)
    assert abs(start - 0.5 * RATE) < 0.04 * RATE
    assert abs(stop - 2.0 * RATE) < 0.04 * RATE


def test_trim_keeps_what_is_all_sound_and_drops_what_is_none():
    np.testing.assert_array_equal(silence.trim(tone(0.3), RATE), tone(0.3))
    assert len(silence.trim(np.zeros(1000, np.float32), RATE)) == 0


def test_measures_of_a_tone():
    m = measures.measure(tone(2.0), RATE)
    assert m.seconds == 2.0
    assert m.peak_dbfs == pytest.approx(-6.02, abs=0.01)
    assert m.rms_dbfs == pytest.approx(-9.03, abs=0.01)
    assert m.centroid_hz == pytest.approx(1000, rel=0.05)
    assert m.flatness < 0.01
    assert (m.clipped_share, m.silent_share) == (0.0, 0.0)


def test_measures_of_noise_silence_and_clipping():
    assert measures.measure(noise(2.0), RATE).flatness == pytest.approx(0.56, abs=0.03)
    assert measures.measure(noise(2.0), RATE).centroid_hz == pytest.approx(4000, rel=0.05)
    silent = measures.measure(np.zeros(RATE, np.float32), RATE)
    assert (silent.peak_dbfs, silent.rms_dbfs, silent.silent_share) == (-120.0, -120.0, 1.0)
    assert (silent.centroid_hz, silent.flatness) == (0.0, 0.0)
    half = np.concatenate([np.zeros(RATE, np.float32), np.clip(tone(1.0, amplitude=5.0), -1, 1)])
    assert measures.measure(half, RATE).silent_share == pytest.approx(0.5, abs=0.02)
    # |5 sin| >= 1 for all but 2 asin(1/5) / pi = 12.8 % of the second half.
    assert measures.measure(half, RATE).clipped_share == pytest.approx(0.44, abs=0.06)


def test_measures_of_less_than_a_frame():
    assert measures.measure(tone(0.01), RATE).centroid_hz == pytest.approx(1000, rel=0.5)


def test_log_mel_puts_a_tone_into_its_band():
    bands = mel.log_mel(tone(1.0), RATE)
    assert bands.shape == (101, 80)
    assert bands.dtype == np.float32
    centres = librosa.mel_frequencies(82, fmin=0, fmax=RATE / 2)[1:-1]
    assert abs(centres[bands[50].argmax()] - 1000) < 60
    assert mel.log_mel(np.zeros(RATE, np.float32), RATE).max() == pytest.approx(-100)


@pytest.mark.parametrize("seconds", [0.005, 1.0])
def test_a_spectrogram_is_a_picture_and_touches_no_global_state(tmp_path, seconds):
    backend = mpl.rcParams._get_backend_or_none()  # pyright: ignore[reportAttributeAccessIssue]
    loaded = "matplotlib.pyplot" in sys.modules
    spectrogram.spectrogram(tone(seconds), RATE, tmp_path / "a.png", "a tone")
    image = imread(tmp_path / "a.png")
    assert image.shape[:2] == (600, 1200)
    assert image[..., :3].std() > 0.05
    assert mpl.rcParams._get_backend_or_none() == backend  # pyright: ignore[reportAttributeAccessIssue]
    assert ("matplotlib.pyplot" in sys.modules) == loaded
