"""Long recordings are cut where they are quiet."""

import numpy as np

from babble_jax.ear.pieces import cut_at_quiet


def test_it_cuts_at_the_quietest_place():
    audio = np.ones(10 * 1000, np.float32)
    audio[10 * 430 : 10 * 450] = 0
    audio[10 * 770 : 10 * 800] = 0.1
    first, second, *rest = cut_at_quiet(audio, 10, 300, 500)
    assert first == 0
    assert 430 <= second < 450
    assert all(300 <= b - a < 500 for a, b in zip([second, *rest], rest, strict=False))
    assert len(audio) // 10 - [second, *rest][-1] <= 500


def test_a_short_recording_is_one_piece():
    assert cut_at_quiet(np.ones(99, np.float32), 10, 4, 10) == [0]
