"""The factor that brings a recording to full scale."""

import numpy as np
import pytest

from babble_jax.audio import full_scale
from babble_jax.errors import BabbleError


def test_what_lies_within_full_scale_is_left_alone():
    for peak in (0.0, 0.5, 1.0):
        assert full_scale.find_gain("a.wav", peak, peak) == (1.0, "")


@pytest.mark.parametrize(
    ("peak", "gain"),
    [(1.5, 1 / 1.5), (64, 1 / 64), (65, 2.0**-15), (32_768, 2.0**-15), (40_000, 2.0**-23), (2**31, 2.0**-31)],
)
def test_the_scale_follows_from_the_peak(peak, gain):
    value, note = full_scale.find_gain("a.wav", peak, peak)
    assert value == gain
    assert note.startswith("its amplitudes reach")


def test_a_mean_within_full_scale_needs_nothing_and_an_overshoot_no_note():
    assert full_scale.find_gain("a.wav", 1.2, 0.9) == (1.0, "")
    assert full_scale.find_gain("a.wav", 0.99, 1.25) == (0.8, "")
    assert full_scale.find_gain("a.wav", 32_768, 40_000)[0] == 1 / 40_000
    with pytest.raises(BabbleError, match=r"a\.wav: its amplitudes reach 1e\+10"):
        full_scale.find_gain("a.wav", 1e10, 1e10)


def test_the_peak_is_the_largest_magnitude():
    assert full_scale.peak(np.array([[0.1, -0.7], [0.3, 0.2]])) == 0.7
    assert full_scale.peak(np.zeros((0, 2))) == 0
