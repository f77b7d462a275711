"""The name that was perhaps meant by a word: it is misspelled, or a part, and not only alike."""

import pytest

from babble_jax.nearest_name import is_part, nearest_name

NAMES = ["out", "control", "seconds", "temperature", "audio-seconds", "by-speaker"]


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("temprature", "temperature"),
        ("secs", "seconds"),
        ("second", "seconds"),
        ("temp", "temperature"),
        ("output", "out"),
        ("audio", "audio-seconds"),
        ("speaker", "by-speaker"),
        ("contour", None),
        ("ou", "out"),
        ("o", None),
        ("", None),
        ("zebra", None),
    ],
)
def test_the_nearest_name(word, name):
    assert nearest_name(word, NAMES) == name
    assert nearest_name(word, []) is None


def test_a_part_is_a_beginning_or_whole_words():
    assert is_part("speaker", "speakers")
    assert is_part("conversation-id", "conversation")
    assert is_part("by-speaker", "speaker")
    assert not is_part("timeout", "out")
    assert not is_part("ou", "out")
    assert not is_part("sampler", "samples")
