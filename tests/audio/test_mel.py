"""Mel bands: a tone in its own, and silence at the lowest power."""

import librosa
import numpy as np
import pytest

from babble_jax.audio import mel
from tests.audio.signals import RATE, tone


def test_log_mel_puts_a_tone_into_its_band():
    bands = mel.log_mel(tone(1.0), RATE)
    assert bands.shape == (101, 80)
    assert bands.dtype == np.float32
    centres = librosa.mel_frequencies(82, fmin=0, fmax=RATE / 2)[1:-1]
    assert abs(centres[bands[50].argmax()] - 1000) < 60
    assert mel.log_mel(np.zeros(RATE, np.float32), RATE).max() == pytest.approx(-100)


@pytest.mark.parametrize(("window", "length"), [(0.025, 512), (0.032, 512), (0.033, 1024), (0.008, 128)])
def test_the_transform_is_the_next_power_of_two(window, length):
    assert mel.fourier_length(window, RATE) == length
    assert mel.fourier_length(window, 2 * RATE) == 2 * length


def test_frames_without_padding_hold_complete_transforms():
    power = mel.mel_power(tone(1.0), RATE, 40, 0.025, 0.010, center=False)
    assert power.shape == (40, 1 + (RATE - 512) // 160)
    centred = mel.mel_power(tone(1.0), RATE, 40, 0.025, 0.010)
    assert centred.shape == (40, 101)
    np.testing.assert_allclose(power[:, 48], centred[:, 50], rtol=0.02, atol=1e-6)  # both of a steady tone
