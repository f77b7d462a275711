"""Division of words into syllables."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.tacotron.phonotactics.syllables import (
    clusters_from_json,
    find_clusters,
    initial_clusters,
    syllabify,
)
from tests.tacotron.phonotactics.small_language import PHONES

WORDS = st.lists(st.sampled_from([*PHONES.consonants, *PHONES.vowels]), min_size=1, max_size=9).filter(
    lambda word: any(map(PHONES.is_vowel, word))
)


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("s t aa t", "'s t aa t"),
        ("a s t ii", "a . 's t ii"),
        ("a t s ii", "a t . 's ii"),
        ("a k s t ii p", "a k . 's t ii p"),
        ("p a aa", "p a . 'aa"),
    ],
)
def test_onsets_are_as_long_as_at_the_beginning_of_words(word, shown):
    onsets = initial_clusters([("s", "t", "aa")] * 2 + [("t", "s", "aa")], PHONES)
    assert ("t", "s") not in onsets  # of one word only
    assert str(syllabify(word.split(), PHONES, onsets)) == shown


@settings(max_examples=50, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=6))
def test_syllables_hold_all_phones_and_their_clusters_allow_them(words):
    onsets = initial_clusters(words, PHONES)
    divided = [syllabify(word, PHONES, onsets) for word in words]
    assert [list(one.phones) for one in divided] == words
    for word in divided:
        assert all(one.stressed == (one.nucleus in PHONES.stressed) for one in word.syllables)
    clusters = find_clusters(divided, fewest=1)
    assert all(map(clusters.allow, divided))
    assert clusters_from_json(clusters.to_json(), PHONES) == clusters


def test_clusters_of_another_form_are_refused():
    values = find_clusters([syllabify(("aa",), PHONES, frozenset({()}))]).to_json()
    for wrong in ({}, values | {"final": []}, values | {"final": [1]}, values | {"final": ["aa"]}):
        with pytest.raises(ValueError, match="clusters"):
            clusters_from_json(wrong, PHONES)
