"""Readings of letters: alignment of texts and phones."""

import numpy as np
import pytest

from babble_jax.tacotron.phonotactics.readings import GAP, align, letters_of, split_words
from tests.tacotron.phonotactics.small_language import READINGS, WORDS, make_utterances, pronounce


def test_words_are_split_from_signs():
    words = split_words("Дым-ли, л+ыжи: it's 3 - end.")
    assert [(word.spelling, word.mark) for word in words] == [
        ("дымли", ","),
        ("лыжи", ":"),
        ("its", "3-"),
        ("end", "."),
    ]
    assert letters_of(words[-2:]) == (GAP, *"its", GAP, *"end", GAP)


def test_readings_and_words_of_a_small_language_are_those_it_was_made_with():
    utterances = make_utterances()
    texts = [split_words(one.text) for one in utterances]
    alignments, readings = align(
        [letters_of(one) for one in texts], [one.symbols for one in utterances], "pau"
    )
    best = {letter: max(some, key=some.__getitem__) for letter, some in readings.items()}
    assert {letter: best[letter] for letter in READINGS} == READINGS
    for words, alignment, one in zip(texts, alignments, utterances, strict=True):
        assert alignment is not None
        shown = [one.symbols[start:stop] for start, stop in alignment.words()]
        assert shown == [pronounce(word.spelling) for word in words]
    assert {word.spelling for words in texts for word in words} == {*WORDS}
    assert all(np.isclose(sum(some.values()), 1) for some in readings.values())


def test_what_cannot_be_aligned_is_none():
    texts = [letters_of(split_words(text)) for text in ("ab ab", "a")]
    alignments, _ = align(texts, [["a", "b", "pau", "a", "b"], ["a", "b", "a", "b"]], "pau")
    assert alignments[1] is None
    assert alignments[0] is not None
    assert alignments[0].words() == [(0, 2), (3, 5)]


@pytest.mark.parametrize("text", ["", "...", "123"])
def test_a_text_without_words_has_none(text):
    assert split_words(text) == []
