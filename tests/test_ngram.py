"""N-grams: probabilities, draws, JSON."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.ngram import END, START, NGram, fit_ngram, ngram_from_json

STRINGS = st.lists(st.lists(st.sampled_from("abc")).map(tuple), min_size=1, max_size=8)
ORDERS = st.integers(1, 4)
CONTEXTS = st.lists(st.sampled_from(["a", "b", "c", START, "never"]), max_size=5).map(tuple)


@settings(max_examples=60, deadline=None)
@given(STRINGS, ORDERS, CONTEXTS)
def test_probabilities_after_any_context_are_positive_and_sum_to_one(strings, order, context):
    ngram = fit_ngram(strings, order, symbols="abc")
    table = ngram.log_probs(context)
    assert table.shape == (4,)
    assert np.isfinite(table).all()
    assert math.isclose(np.exp(table).sum(), 1, abs_tol=1e-12)
    assert ngram.log_prob(END, context) == table[3]


@settings(max_examples=40, deadline=None)
@given(STRINGS, ORDERS, st.integers(0, 2**32))
def test_json_and_draws_are_exact(strings, order, seed):
    ngram = fit_ngram(strings, order, symbols="abc")
    again = ngram_from_json(json.loads(json.dumps(ngram.to_json())))
    assert again == ngram
    assert again.to_json() == ngram.to_json()
    draws = [one.sample(np.random.default_rng(seed), 30) for one in (ngram, ngram, again)]
    assert len({*draws}) == 1
    assert {*draws[0]} <= {*"abc"}
    assert len(draws[0]) <= 30


def test_a_bigram_has_the_probabilities_of_the_formula():
    ngram = fit_ngram(["ab", "aa"], 2)
    # five symbols are counted, of which three are a, one b, two ends: types 3, total 6, outcomes 3
    a, b, end = (3 + 3 / 3) / 9, (1 + 3 / 3) / 9, (2 + 3 / 3) / 9
    assert np.allclose(np.exp(ngram.log_probs(())), [a, b, end])
    # after a: one a, one b, one end
    assert np.allclose(np.exp(ngram.log_probs("a")), [(1 + 3 * p) / 6 for p in (a, b, end)])
    assert np.allclose(np.exp(ngram.log_probs(ngram.start)), [(2 + a) / 3, b / 3, end / 3])
    assert math.isclose(ngram.score("b"), math.log(b / 3) + ngram.log_prob(END, "b"))
    assert ngram.cross_entropy(["b"]) == pytest.approx(-ngram.score("b") / math.log(2) / 2)


def test_draws_have_the_probabilities_of_the_table():
    ngram, rng = fit_ngram(["ab", "aa", "b"], 2), np.random.default_rng(0)
    draws = [ngram.draw(ngram.start, rng) for _ in range(4000)]
    shares = [draws.count(symbol) / len(draws) for symbol in ("a", "b", END)]
    assert np.allclose(shares, np.exp(ngram.log_probs(ngram.start)), atol=0.03)
    assert [len(ngram.sample_of_length(rng, length)) for length in (0, 1, 30)] == [0, 1, 30]


def test_text_with_structure_costs_fewer_bits_at_higher_orders():
    strings = ["abcabc", "bcabca", "cabcab"] * 5
    bits = [fit_ngram(strings, order).cross_entropy(strings) for order in (1, 2, 3)]
    assert bits[0] > 1.5
    assert bits[1] < bits[0] - 0.3
    assert bits[2] < bits[1]


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"order": 0, "symbols": ["a"], "counts": []},
        {"order": 1, "symbols": [], "counts": []},
        {"order": 1, "symbols": ["a", "a"], "counts": []},
        {"order": 1, "symbols": [END], "counts": []},
        {"order": 1, "symbols": ["a"], "counts": [[2, 1]]},
        {"order": 1, "symbols": ["a"], "counts": [[0, 0]]},
        {"order": 2, "symbols": ["a"], "counts": [[0, 1]]},
        {"order": 2, "symbols": ["a"], "counts": [[1, 0, 1]]},
        {"order": 2, "symbols": ["a"], "counts": [[0, 0, 1.5]]},
        {"order": 2, "symbols": [1], "counts": []},
    ],
)
def test_other_json_is_refused_in_a_sentence(values):
    with pytest.raises(ValueError, match=r"n-gram|row of counts|counts after"):
        ngram_from_json(values)


def test_a_string_of_other_symbols_and_other_contexts_are_refused():
    with pytest.raises(ValueError, match="counts after"):
        fit_ngram(["ax"], 1, symbols="a")
    with pytest.raises(ValueError, match="no context"):
        NGram(2, ("a",), {("x",): {"a": 1}})
