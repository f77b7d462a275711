"""Long recordings are cut at their pauses, into pieces that are not too long."""

import numpy as np
import pytest

from babble_jax.dataset import pieces

RATE = 1000


def speech(durations, seed=0):
    """Noise and silence in turn, int16."""
    rng = np.random.default_rng(seed)
    parts = [
        rng.integers(-9000, 9000, round(d * RATE)) if i % 2 == 0 else rng.integers(-9, 9, round(d * RATE))
        for i, d in enumerate(durations)
    ]
    return np.concatenate(parts).astype(np.int16)


def test_cuts_fall_into_pauses():
    durations = [2.0, 0.4, 3.0, 0.3, 2.5, 0.5, 2.0, 0.3, 1.0]
    edges = np.cumsum(durations)
    cuts, loud = pieces.find_cuts(speech(durations), RATE, 4.0)
    assert loud == 0
    starts, stops = edges[0::2][: len(durations) // 2], edges[1::2]
    for cut in cuts / RATE:
        assert any(start + 0.05 < cut < stop - 0.05 for start, stop in zip(starts, stops, strict=True)), cut
    lengths = np.diff([0, *(cuts / RATE), edges[-1]])
    assert lengths.max() <= 4.0
    assert lengths.min() >= 1.0


@pytest.mark.parametrize("seconds", [4.01, 5.0, 7.9, 8.1, 60.0])
@pytest.mark.parametrize("kind", ["noise", "zeros"])
def test_pieces_of_any_sound_are_neither_too_long_nor_crumbs(seconds, kind):
    samples = speech([seconds]) if kind == "noise" else np.zeros(round(seconds * RATE), np.int16)
    cuts, loud = pieces.find_cuts(samples, RATE, 4.0)
    lengths = np.diff([0, *cuts, len(samples)])
    assert lengths.max() <= 4 * RATE
    assert lengths.min() >= RATE * 0.9
    assert loud == (len(cuts) if kind == "noise" else 0) or kind == "zeros"


def test_short_recordings_are_left_whole():
    assert len(pieces.find_cuts(speech([4.0]), RATE, 4.0)[0]) == 0
    assert len(pieces.find_cuts(speech([50.0]), RATE, np.inf)[0]) == 0


def test_the_longest_piece_depends_on_how_many_recordings_there_are():
    assert pieces.find_longest(100.0, 30.0, few=False) == 30.0
    assert pieces.find_longest(100.0, 30.0, few=True) == 10.0
    assert pieces.find_longest(1000.0, 30.0, few=True) == 30.0
    assert pieces.find_longest(9.0, 30.0, few=True) == 30.0
    assert pieces.find_longest(1000.0, 0.0, few=True) == np.inf
