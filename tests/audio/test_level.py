"""Levels: of a tone by its formula, of silence the lowest, in the right frame, of as many frames as pitch has."""

import numpy as np
import pytest

from babble_jax.audio.level import LOWEST, rms_db
from babble_jax.audio.pitch import f0_contour


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000])
def test_of_a_tone_that_begins_and_ends(rate):
    time = np.arange(rate) / rate
    audio = np.where((time >= 0.3) & (time < 0.7), 0.1 * np.sin(2 * np.pi * 500 * time), 0)
    found = rms_db(audio, rate)
    assert found.shape == f0_contour(audio, rate).shape == (100,)
    np.testing.assert_allclose(found[31:69], 20 * np.log10(0.1 / np.sqrt(2)), atol=0.1)
    assert np.all(np.concatenate([found[:29], found[71:]]) == LOWEST)
    # A frame beside an edge sees 5 of its 20 ms, one within 15.
    edge = found[[29, 30, 69, 70]] - found[50]
    np.testing.assert_allclose(edge, 10 * np.log10([0.25, 0.75, 0.75, 0.25]), atol=0.2)


def test_of_a_recording_shorter_than_a_frame():
    np.testing.assert_allclose(rms_db(np.full(40, 0.5), 8_000), [10 * np.log10(0.25 * 40 / 160)])
    assert rms_db(np.zeros(0), 8_000).tolist() == [LOWEST]
