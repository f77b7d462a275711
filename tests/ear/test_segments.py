"""Segments of symbols."""

import numpy as np

from babble_jax.ear.segments import PhoneSegments, join_segments

SEGMENTS = PhoneSegments(
    ("pau", "a", "n"), np.array([0.0, 0.1, 0.3]), np.array([0.1, 0.3, 0.4]), np.array([0.5, 0.6, 0.7])
)


def test_they_are_chosen_shifted_and_joined():
    assert len(SEGMENTS) == 3
    spoken = SEGMENTS.without({"pau"})
    assert spoken.symbols == ("a", "n")
    np.testing.assert_allclose(spoken.duration, [0.2, 0.1])
    later = join_segments([SEGMENTS, spoken.shift(1.0)])
    assert later.symbols == ("pau", "a", "n", "a", "n")
    np.testing.assert_allclose(later.onset, [0.0, 0.1, 0.3, 1.1, 1.3])
    assert len(join_segments([])) == 0
    assert len(SEGMENTS.select(np.array([2]))) == 1


def test_json_has_an_object_for_each():
    assert SEGMENTS.to_json()[1] == {"symbol": "a", "onset": 0.1, "end": 0.3, "confidence": 0.6}
