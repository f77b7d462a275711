"""Silence at the ends of signals whose bounds are given."""

import numpy as np

from babble_jax.audio import silence
from tests.audio.signals import RATE, noise, tone


def test_bounds_find_the_sound_within_a_frame_and_the_margin():
    quiet = noise(1.0, 1e-4)
    start, stop = silence.find_bounds(np.concatenate([quiet, tone(0.5), quiet]), RATE)
    assert abs(start - 0.95 * RATE) < 0.04 * RATE
    assert abs(stop - 1.55 * RATE) < 0.04 * RATE
    start, stop = silence.find_bounds(np.concatenate([quiet, tone(0.5), quiet]), RATE, margin=0.5)
    assert abs(start - 0.5 * RATE) < 0.04 * RATE
    assert abs(stop - 2.0 * RATE) < 0.04 * RATE


def test_trim_keeps_what_is_all_sound_and_drops_what_is_none():
    np.testing.assert_array_equal(silence.trim(tone(0.3), RATE), tone(0.3))
    assert len(silence.trim(np.zeros(1000, np.float32), RATE)) == 0
