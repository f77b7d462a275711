"""The automaton of an n-gram scores strings as the n-gram does."""

import itertools

import numpy as np
import pytest

from babble_jax.ear.decoding.automaton import make_automaton
from babble_jax.ngram import fit_ngram


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_it_scores_every_string_as_the_ngram(order):
    ngram = fit_ngram(["abca", "abb", "c", "bca"], order)
    symbols = ("c", "a", "b")
    automaton = make_automaton(ngram, symbols)
    np.testing.assert_allclose(np.exp(automaton.log_probs).sum(1), 1)
    for length in range(5):
        for string in itertools.product(range(3), repeat=length):
            state, total = automaton.start, 0.0
            for symbol in string:
                total += automaton.log_probs[state, symbol]
                state = automaton.following[state, symbol]
            total += automaton.log_probs[state, 3]
            assert total == pytest.approx(ngram.score([symbols[i] for i in string]))


def test_without_an_ngram_all_is_free():
    automaton = make_automaton(None, ("a", "b"))
    assert not automaton.log_probs.any()
    assert not automaton.following.any()


def test_other_symbols_are_refused():
    with pytest.raises(ValueError, match="different symbols"):
        make_automaton(fit_ngram(["ab"], 2), ("a", "c"))
