"""The phonotactic model: every drawn word has one stress and legal syllables, and is not in the lexicon."""

import dataclasses
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.errors import BabbleError
from babble_jax.tacotron.phonotactics import model
from babble_jax.tacotron.phonotactics.lexicon import Lexicon
from babble_jax.tacotron.phonotactics.positions import tokens
from tests.tacotron.phonotactics.small_language import (
    PHONES,
    WORDS,
    fit_small,
    load_russian,
    load_shipped,
    pronounce,
)

SEEDS = st.integers(0, 2**32)


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_a_drawn_word_has_one_stress_and_legal_syllables_and_is_no_word(seed):
    for one in (fit_small().model, *(load_shipped(name).model for name in ("ru", "en", "de", "nl"))):
        word = one.draw_word(np.random.default_rng(seed))
        assert sum(part.stressed for part in word.syllables) == 1
        assert (len(word.syllables), word.stress) in one.shapes
        assert one.clusters.allow(word)
        assert all(one.phones.is_stressed(part.nucleus) == part.stressed for part in word.syllables)
        assert one.lexicon is not None
        assert not one.lexicon.holds(word.phones)


@settings(max_examples=12, deadline=None)
@given(SEEDS, st.integers(1, 4), st.sampled_from([None, False, True]))
def test_the_same_seed_gives_the_same_phrases(seed, count, final):
    small = fit_small().model
    phrases, again = (small.sample(np.random.default_rng(seed), count, final) for _ in range(2))
    assert phrases == again
    assert len(phrases) == count
    assert all(len(one.words) in small.lengths[one.final] for one in phrases)
    if final is not None:
        assert [one.final for one in phrases] == [False] * (count - 1) + [final]


@pytest.mark.parametrize("phonotactics", [fit_small, load_russian])
def test_the_ngram_sums_to_one_after_any_context(phonotactics):
    ngram = phonotactics().model.ngram
    rng, context = np.random.default_rng(0), ngram.start
    for _ in range(20):
        assert np.isclose(np.exp(ngram.log_probs(context)).sum(), 1, atol=1e-9)
        context = ngram.advance(context, ngram.symbols[rng.integers(len(ngram.symbols))])


def test_words_of_the_texts_are_drawn_without_a_lexicon_only():
    small = fit_small().model
    spoken = {pronounce(word) for word in WORDS}
    rng = np.random.default_rng(0)
    free = dataclasses.replace(small, lexicon=None)
    assert any(free.draw_word(rng).phones in spoken for _ in range(200))
    assert not any(small.draw_word(rng).phones in spoken for _ in range(200))


@pytest.mark.parametrize("language", ["und", "ru", "en"])
def test_at_temperature_0_one_word_of_each_shape_comes_back_and_it_is_no_word_of_the_lexicon(language):
    one = (fit_small() if language == "und" else load_shipped(language)).model
    words = {}
    for seed in range(40):
        word = one.draw_word(np.random.default_rng(seed), 0.0)
        words.setdefault((len(word.syllables), word.stress), set()).add(word)
        assert one.clusters.allow(word)
        assert one.lexicon is not None
        assert not one.lexicon.holds(word.phones)
    assert all(len(some) == 1 for some in words.values())
    free = dataclasses.replace(one, lexicon=None)
    word = free.draw_word(np.random.default_rng(0), 0.0)
    near = free.draw_word(np.random.default_rng(0), 1e-6)
    assert near == word, "the limit of low temperatures"
    assert one.lexicon is not None
    for seed in range(5):  # where the most probable words are in the lexicon, others come
        assert not one.lexicon.holds(one.draw_word(np.random.default_rng(seed), 0.01).phones)


def test_temperature_flattens_the_ngram():
    free = dataclasses.replace(load_russian().model, lexicon=None)
    words = {t: [free.draw_word(np.random.default_rng(i), t) for i in range(150)] for t in (0.5, 1.0, 4.0)}
    assert words[1.0] == [free.draw_word(np.random.default_rng(i)) for i in range(150)]
    different = {t: len({*some}) for t, some in words.items()}
    assert different[0.5] < different[1.0] <= different[4.0]
    bits = {
        t: -np.mean([free.ngram.score(tokens(word)) / len(word.phones) for word in some])
        for t, some in words.items()
    }
    assert bits[0.5] < 0.9 * bits[1.0]
    assert bits[4.0] > 1.1 * bits[1.0]


def test_drawn_words_are_as_long_as_those_of_the_texts():
    free, rng = dataclasses.replace(load_russian().model, lexicon=None), np.random.default_rng(0)
    words = [free.draw_word(rng) for _ in range(300)]
    syllables = np.mean([len(word.syllables) for word in words])
    assert syllables == pytest.approx(2.70, abs=0.15)
    assert np.mean([len(word.phones) for word in words]) / syllables == pytest.approx(2.38, abs=0.07)
    shares = Counter(len(word.syllables) for word in words)
    assert shares[2] > shares[3] > shares[4] > shares[5]


def test_a_lexicon_of_everything_is_an_error(monkeypatch):
    monkeypatch.setattr(model, "_MOST_TRIES", 5)

    class Everything(Lexicon):
        def find(self, phones):
            return "word"

    small = fit_small().model
    full = dataclasses.replace(small, lexicon=Everything((), {}, (), small.phones))
    with pytest.raises(BabbleError, match="smaller lexicon"):
        full.draw_word(np.random.default_rng(0))


def test_impossible_requests_are_refused():
    small, rng = fit_small().model, np.random.default_rng(0)
    with pytest.raises(BabbleError, match="one word at least"):
        small.draw_phrase(rng, words=0)
    with pytest.raises(BabbleError, match="one phrase at least"):
        small.sample(rng, 0)


def test_the_parts_of_a_model_fit_together():
    for change in (
        {"shapes": {(1, 1): 1}},
        {"shapes": {}},
        {"lengths": {True: {1: 1}}},
        {"lengths": {True: {0: 1}, False: {1: 1}}},
        {"phones": dataclasses.replace(PHONES, consonants=("p", "t", "k"))},
        {"phones": dataclasses.replace(PHONES, stressed=("a", "ii"))},
    ):
        with pytest.raises(ValueError, match=r"shapes|lengths|n-gram"):
            dataclasses.replace(fit_small().model, **change)
