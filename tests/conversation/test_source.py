"""Parts that the readers share."""

import numpy as np

from babble_jax.conversation.source import estimate_time_resolution


def test_the_time_resolution_is_estimated_from_the_onsets():
    hundredths = np.arange(1, 101) * 0.07
    assert estimate_time_resolution(hundredths) == 0.01
    hundredths[:5] += 0.001
    assert estimate_time_resolution(hundredths) == 0.01
    hundredths[5] += 0.001
    assert estimate_time_resolution(hundredths) == 0.001
    assert estimate_time_resolution(np.sqrt(np.arange(2, 50))) == 0
    assert estimate_time_resolution(np.zeros(0)) == 0
