"""Measures of signals whose values follow from a formula."""

import numpy as np
import pytest

from babble_jax.audio import measures
from tests.audio.signals import RATE, noise, tone


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
