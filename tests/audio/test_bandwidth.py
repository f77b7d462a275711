"""The frequency up to which noise reaches, where a filter has cut it off."""

import numpy as np
import pytest
import scipy.signal

from babble_jax.audio.bandwidth import estimate_bandwidth

RATE = 8000


def noise(seconds=2.0, cut=None):
    audio = np.random.default_rng(0).normal(size=round(seconds * RATE)) * 0.1
    if cut is not None:
        audio = scipy.signal.sosfilt(scipy.signal.butter(20, cut, fs=RATE, output="sos"), audio)
    return np.asarray(audio, np.float32)


@pytest.mark.parametrize("cut", [1000, 2500])
def test_it_is_found_where_noise_was_cut(cut):
    recordings = [noise(cut=cut), noise(0.001)]
    assert cut < estimate_bandwidth(recordings, RATE) < 1.4 * cut
    assert estimate_bandwidth([np.rint(3000 * audio) for audio in recordings], RATE) > cut


def test_white_noise_and_silence_reach_to_half_the_rate():
    assert estimate_bandwidth([noise()], RATE) > 0.99 * RATE / 2
    assert estimate_bandwidth([np.zeros(RATE)], RATE) == RATE / 2
    assert estimate_bandwidth([], RATE) == RATE / 2
