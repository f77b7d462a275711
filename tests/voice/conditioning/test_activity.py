"""Features of utterance control: by hand, and the same in any excerpt."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from babble_jax.voice.conditioning.activity import FEATURES, features

FRAME = 0.004
EDGES = st.lists(st.floats(0, 3), min_size=0, max_size=8, unique=True)


def test_by_hand():
    rows = features(np.array([(0.1, 0.2), (0.25, 9.0)]), np.arange(0.025, 0.3, 0.05))
    assert rows.dtype == np.float32
    assert rows.shape == (6, len(FEATURES))
    np.testing.assert_array_equal(rows[:, 0], [0, 0, 1, 1, 0, 1])
    np.testing.assert_allclose(rows[2], [1, np.exp(-0.25), np.exp(-0.75)], rtol=1e-6)
    np.testing.assert_allclose(rows[3], [1, np.exp(-0.75), np.exp(-0.25)], rtol=1e-6)
    np.testing.assert_allclose(rows[5], [1, np.exp(-0.25), np.exp(-87.25)], rtol=1e-5)
    np.testing.assert_array_equal(rows[[0, 1, 4]], 0)
    assert not features(np.zeros((0, 2)), np.arange(3.0)).any()


@given(EDGES, st.integers(0, 400))
def test_features_of_a_stretch_are_those_of_the_complete_recording(edges, first):
    intervals = np.sort(edges)[: len(edges) // 2 * 2].reshape(-1, 2)
    middles = (np.arange(500) + 0.5) * FRAME
    rows = features(intervals, middles)
    part = features(intervals - first * FRAME, middles[first:] - first * FRAME)
    # A middle on an edge may fall to either side of it.
    off = np.all(np.abs(middles[:, None] - intervals.reshape(1, -1)) > 1e-9, axis=1)[first:]
    np.testing.assert_allclose(part[off], rows[first:][off], atol=1e-6)


@given(EDGES)
def test_active_is_the_time_inside_and_what_is_near_peaks_at_the_edges(edges):
    intervals = np.sort(edges)[: len(edges) // 2 * 2].reshape(-1, 2)
    rows = features(intervals, (np.arange(1000) + 0.5) * FRAME)
    inside = np.sum(intervals[:, 1] - intervals[:, 0])
    assert abs(rows[:, 0].sum() * FRAME - inside) <= FRAME * (1 + len(intervals))
    assert np.all((rows >= 0) & (rows <= 1))
    assert np.all(rows[:, 1:] <= rows[:, :1])
    steady = (rows[1:, 0] > 0) & (rows[:-1, 0] > 0) & (rows[1:, 1] <= rows[:-1, 1])
    np.testing.assert_allclose(rows[1:, 1][steady], np.exp(-FRAME / 0.1) * rows[:-1, 1][steady], rtol=1e-5)
