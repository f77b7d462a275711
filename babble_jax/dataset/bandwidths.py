"""How far up the recordings of each speaker reach."""

import numpy as np

from babble_jax.audio.bandwidth import bandwidth
from babble_jax.dataset.source import Recordings

MOST = 40  # recordings of a speaker that are listened to, evenly over all


def bandwidths(recordings: Recordings, by_speaker: bool) -> tuple[float, ...]:
    """Hz, for each speaker; one value for all of them together unless `by_speaker`."""
    groups = [np.arange(len(recordings))]
    if by_speaker:
        groups = [np.flatnonzero(recordings.speakers == s) for s in range(len(recordings.speaker_names))]
    found = []
    for group in groups:
        chosen = group[:: max(1, -(-len(group) // MOST))]
        found.append(bandwidth((recordings.read(int(i)) for i in chosen), recordings.sample_rate))
    return tuple(found)
