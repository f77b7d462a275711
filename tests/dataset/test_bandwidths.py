"""Bandwidths by speaker, and of all speakers together."""

import numpy as np
import pytest
import scipy.signal

from babble_jax.dataset import bandwidths
from babble_jax.dataset.source import Recordings

RATE = 8_000
CUTS = 1000.0, 2500.0
"""Hz, of each speaker's recordings."""


@pytest.fixture
def recordings():
    """Ninety recordings of two speakers in turn, of noise that is cut off at each one's frequency."""
    draws = np.random.default_rng(0)
    filters = [scipy.signal.butter(20, cut, fs=RATE, output="sos") for cut in CUTS]
    audio = [
        np.asarray(scipy.signal.sosfilt(filters[i % 2], draws.normal(0, 3000, RATE)), np.int16)
        for i in range(90)
    ]
    reads = []

    def read_samples(i):
        reads.append(i)
        return audio[i]

    return reads, Recordings(
        np.full(90, RATE), np.arange(90, dtype=np.int32) % 2, ("low", "high"), RATE, 1.0, read_samples
    )


def test_each_speaker_has_its_own(recordings):
    reads, both = recordings
    low, high = bandwidths.estimate_bandwidths(both, by_speaker=True)
    assert CUTS[0] < low < 1.4 * CUTS[0]
    assert CUTS[1] < high < 1.4 * CUTS[1]
    assert len(reads) == len(set(reads)) <= 2 * bandwidths.MAX_RECORDINGS


def test_together_they_reach_as_far_as_the_widest(recordings):
    _, both = recordings
    (all_of_them,) = bandwidths.estimate_bandwidths(both, by_speaker=False)
    assert CUTS[1] < all_of_them < 1.4 * CUTS[1]
