"""Strings of units drawn anew: only what was recorded follows what was, and lengths are as asked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from babble_jax.audio.units import HOP
from babble_jax.errors import BabbleError
from babble_jax.voice.units import grammar

LINE = np.repeat([9, 1, 2, 3, 9, 1, 2, 4, 9, 3, 1, 2, 9], [20, 3, 4, 5, 30, 2, 6, 7, 25, 8, 1, 2, 20])
ACTIVE = np.array([(0.2, 0.32), (0.62, 0.77), (1.02, 1.13)])
RECORDED = grammar([LINE, LINE], [ACTIVE, ACTIVE], [1.33, 1.33])


def test_a_grammar_by_hand():
    np.testing.assert_array_equal(RECORDED.units, [1, 2, 3, 1, 2, 4, 3, 1, 2] * 2)
    np.testing.assert_array_equal(RECORDED.frames, [3, 4, 5, 2, 6, 7, 8, 1, 2] * 2)
    np.testing.assert_array_equal(RECORDED.last, [False, False, True] * 6)
    np.testing.assert_allclose(RECORDED.pauses, [0.3, 0.25, 0.4, 0.3, 0.25])  # 0.2 + 0.2 between the two
    assert RECORDED.silence == 9


def spoken(runs):
    return tuple(unit for unit, _ in runs)


def test_walks_are_what_pairs_allow_and_reach_all_of_it():
    draws = np.random.default_rng(0)
    heard = {spoken(RECORDED.walk(draws)) for _ in range(300)}
    # 1 2 may go on to 3, to 4, or end; 3 1 is only ever followed by 2.
    assert heard == {(1, 2), (1, 2, 3), (1, 2, 4), (3, 1, 2), (3, 1, 2, 3), (3, 1, 2, 4)}


def test_a_walk_without_end_goes_on():
    draws = np.random.default_rng(0)
    walk = RECORDED.walk(draws, endless=True)
    runs = [next(walk) for _ in range(500)]
    recorded = set(zip(RECORDED.units.tolist(), RECORDED.frames.tolist(), strict=True))
    assert set(runs) == recorded


@given(st.integers(1, 400), st.integers(0, 2**31))
def test_a_phrase_is_as_long_as_asked(frames, seed):
    line = RECORDED.phrase(np.random.default_rng(seed), frames)
    assert line.shape == (frames,)
    assert set(line.tolist()) <= {1, 2, 3, 4}
    if frames >= 8:  # begins as phrases begin
        assert line[0] in (1, 3)


@given(st.floats(0.01, 20), st.integers(0, 2**31))
def test_a_pattern_speaks_and_pauses_as_recorded(seconds, seed):
    found = RECORDED.pattern(np.random.default_rng(seed), seconds)
    assert np.all(found >= 0)
    assert np.all(found <= seconds)
    assert np.all(np.diff(found.ravel()) > 0)
    lengths, pauses = np.diff(found, axis=1)[:, 0], found[1:, 0] - found[:-1, 1]
    phrases = np.array([12, 15, 11]) * HOP
    assert np.all(np.abs(lengths[:-1, None] - phrases).min(axis=1, initial=1) < 1e-9)
    assert np.all(np.abs(pauses[:, None] - RECORDED.pauses).min(axis=1, initial=1) < 1e-9)


def test_recordings_without_speech_are_refused():
    with pytest.raises(BabbleError, match="no speech to learn units from"):
        grammar([LINE], [np.zeros((0, 2))], [1.33])
