"""Modulation of beats, of noise and of silence."""

import numpy as np
import pytest

from babble_jax.judge.modulation import modulation_share
from tests.judge.signals import NOISE, TIME
from tests.real_speech import RATE


@pytest.mark.parametrize(("hertz", "inside"), [(4.0, True), (1.0, False), (12.0, False)])
def test_the_modulation_of_a_beat_is_at_its_rate(hertz, inside):
    beat = NOISE * (1 + np.sin(2 * np.pi * hertz * TIME))
    share = modulation_share(beat, RATE)
    assert share > 0.8 if inside else share < 0.2


def test_the_modulation_of_noise_is_that_of_the_bands_width_and_of_silence_none():
    assert modulation_share(NOISE, RATE) == pytest.approx(6 / 31.75, abs=0.04)
    assert modulation_share(np.zeros(RATE), RATE) == 0
    assert modulation_share(np.full(RATE, 0.5), RATE) == 0
