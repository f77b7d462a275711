"""The settings of the beam are those with the fewest errors."""

import numpy as np

from babble_jax.ear.decoding.automaton import make_automaton
from babble_jax.ear.decoding.beam import BeamConfig
from babble_jax.ear.decoding.tuning import tune_beam
from babble_jax.ngram import fit_ngram

SYMBOLS = ("a", "b", "_")
AUTOMATON = make_automaton(fit_ngram([["a", "b", "_"]] * 20, 2, SYMBOLS), SYMBOLS)


def of_path(path, certainty):
    """Makes log-probabilities [S, 4] in which one outcome of each step has a probability."""
    ctc = np.full((len(path), 4), (1 - certainty) / 3)
    ctc[np.arange(len(path)), path] = certainty
    return np.log(ctc)


def test_the_ngram_weighs_where_it_helps():
    # The sound says a a, the n-gram knows that b follows.
    ctc = of_path([1, 0, 1, 3], 0.9)
    ctc[2] = np.log([0.01, 0.55, 0.43, 0.01])
    assert tune_beam([(ctc, "ab_")], AUTOMATON, SYMBOLS, {"_"}).ngram_weight > 0
    assert tune_beam([(ctc, "aa")], AUTOMATON, SYMBOLS, {"_"}).ngram_weight == 0


def test_without_recordings_it_is_the_default():
    assert tune_beam([], AUTOMATON, SYMBOLS) == BeamConfig()
