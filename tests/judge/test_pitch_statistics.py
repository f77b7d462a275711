"""Pitch of a hum whose frequency is given, and of noise."""

import numpy as np
import pytest
import scipy.signal

from babble_jax.judge.pitch_statistics import measure_pitch
from tests.judge.signals import NOISE, TIME
from tests.real_speech import RATE


def test_the_pitch_of_a_hum():
    hum = 0.2 * scipy.signal.sawtooth(2 * np.pi * 110 * TIME[: 2 * RATE]) * (TIME[: 2 * RATE] < 1)
    statistics = measure_pitch(hum, RATE)
    assert statistics.f0_median_hz == pytest.approx(110, rel=0.02)
    assert statistics.voiced_share == pytest.approx(0.5, abs=0.06)
    assert measure_pitch(NOISE[:RATE], RATE).voiced_share < 0.02
