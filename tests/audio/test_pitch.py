"""Pitch by frame: where it is, and where there is none."""

import numpy as np
import pytest

from babble_jax.audio.pitch import f0_contour
from babble_jax.audio.units import cepstra


@pytest.mark.parametrize("rate", [8000, 16_000, 22_050])
def test_harmonics_that_begin_and_end(rate):
    t = np.arange(rate) / rate
    sound = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 6)) * 0.1
    sound = np.where((t > 0.3) & (t < 0.7), sound, 0)
    f0 = f0_contour(sound, rate)
    assert len(f0) == len(cepstra(sound, rate))
    assert np.isnan(f0[:25]).all()
    assert np.isnan(f0[75:]).all()
    np.testing.assert_allclose(f0[36:64], 140, rtol=0.02)


@pytest.mark.parametrize("samples", [0, 1, 79, 161, 1000])
def test_however_short_there_is_a_frame_for_each_10_ms(samples):
    assert f0_contour(np.zeros(samples), 16_000).shape == (max(1, -(-samples // 160)),)
