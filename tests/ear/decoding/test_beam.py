"""Prefix beam search against the sum over every path."""

import itertools

import numpy as np
import optax
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.ear.decoding.automaton import make_automaton
from babble_jax.ear.decoding.beam import BeamConfig, decode_beam
from babble_jax.ear.decoding.greedy import decode_greedy
from babble_jax.ngram import fit_ngram

NGRAM = make_automaton(fit_ngram(["abab", "abcb", "bb", ""], 3), ("a", "b", "c"))


def draw_log_probs(seed, steps, count, sharpness):
    logits = np.random.default_rng(seed).normal(0, sharpness, (steps, count + 1))
    return logits - np.log(np.exp(logits).sum(1, keepdims=True))


def sum_over_paths(ctc):
    """Returns the log-probability of each string, from all paths."""
    totals = {}
    for path in itertools.product(range(ctc.shape[1]), repeat=len(ctc)):
        string = tuple(label - 1 for label, _ in itertools.groupby(path) if label)
        score = sum(row[label] for row, label in zip(ctc, path, strict=True))
        totals[string] = np.logaddexp(totals.get(string, -np.inf), score)
    return totals


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 1000), st.integers(0, 5), st.floats(0.1, 3), st.sampled_from([0.0, 1.0]), st.floats(-1, 1)
)
def test_a_wide_beam_finds_the_best_string(seed, steps, sharpness, weight, bonus):
    ctc = draw_log_probs(seed, steps, 3, sharpness)
    scores = {}
    for string, score in sum_over_paths(ctc).items():
        state = NGRAM.start
        for symbol in string:
            score += weight * NGRAM.log_probs[state, symbol] + bonus
            state = NGRAM.following[state, symbol]
        scores[string] = score + weight * NGRAM.log_probs[state, 3]
    string, score = decode_beam(ctc, NGRAM, BeamConfig(400, weight, bonus, -1e9))
    assert score == pytest.approx(max(scores.values()))
    assert score == pytest.approx(scores[tuple(string.tolist())])


def test_a_prefix_that_comes_back_into_the_beam_is_the_same():
    # With a narrow beam no string may score more than the sum over its paths.
    for seed in range(40):
        ctc = draw_log_probs(seed, 6, 2, 2.0)
        string, score = decode_beam(ctc, make_automaton(None, ("a", "b")), BeamConfig(3, min_log_prob=-1e9))
        assert score <= sum_over_paths(ctc)[tuple(string.tolist())] + 1e-9


def test_a_beam_without_ngram_agrees_with_greedy_where_all_is_clear():
    best = [0, 2, 2, 0, 2, 1, 1, 3, 0]
    ctc = np.log(np.eye(4)[best] * 0.96 + 0.01)
    string, _ = decode_beam(ctc, make_automaton(None, ("a", "b", "c")))
    assert string.tolist() == decode_greedy(ctc)[0].tolist()


@pytest.mark.parametrize("values", [{"beam_size": 0}, {"ngram_weight": -1.0}, {"symbol_bonus": np.nan}])
def test_settings_that_make_no_sense_are_refused(values):
    with pytest.raises(ValueError, match="must"):
        BeamConfig(**values)


@pytest.mark.slow
def test_the_score_is_that_of_the_loss_of_training():
    ctc = draw_log_probs(0, 8, 3, 2.0)
    string, score = decode_beam(
        ctc, make_automaton(None, ("a", "b", "c")), BeamConfig(2000, min_log_prob=-1e9)
    )
    loss = optax.ctc_loss(ctc[None], np.zeros((1, 8)), string[None] + 1, np.zeros((1, len(string))))
    assert score == pytest.approx(-float(loss[0]), abs=1e-4)
