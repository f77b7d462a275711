"""Greedy decoding by hand."""

import numpy as np

from babble_jax.ear.decoding.greedy import decode_greedy


def test_repetitions_are_merged_and_blanks_removed():
    best = [0, 2, 2, 0, 2, 1, 1, 3, 0]
    symbols, steps = decode_greedy(np.eye(4)[best])
    assert symbols.tolist() == [1, 1, 0, 2]
    assert steps.tolist() == [1, 4, 5, 7]


def test_no_steps_hold_no_symbols():
    symbols, steps = decode_greedy(np.zeros((0, 3)))
    assert len(symbols) == len(steps) == 0
