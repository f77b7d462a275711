"""Estimates up to which frequency the recordings of each speaker reach."""

import numpy as np

from babble_jax.audio.bandwidth import estimate_bandwidth
from babble_jax.dataset.source import Recordings

MAX_RECORDINGS = 40
"""Recordings of a speaker that are read, evenly spaced over all of them."""


def estimate_bandwidths(recordings: Recordings, by_speaker: bool) -> tuple[float, ...]:
    """Estimates the bandwidth of each speaker in Hz; one value for all of them together unless `by_speaker`."""
    groups = [np.arange(len(recordings))]
    if by_speaker:
        groups = [np.flatnonzero(recordings.speakers == s) for s in range(len(recordings.speaker_names))]
    values = []
    for group in groups:
        sample = group[:: max(1, -(-len(group) // MAX_RECORDINGS))]
        values.append(estimate_bandwidth((recordings.read(int(i)) for i in sample), recordings.sample_rate))
    return tuple(values)
