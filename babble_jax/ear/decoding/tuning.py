"""Chooses the settings of the prefix beam search by the errors that they leave.

Axes: S steps, P symbols.
"""

import dataclasses
import itertools
from collections.abc import Collection, Sequence

import numpy as np

from babble_jax.ear.decoding.automaton import NGramAutomaton
from babble_jax.ear.decoding.beam import BeamConfig, decode_beam
from babble_jax.ear.scoring import count_errors

WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5)
BONUSES = (0.0, 0.5, 1.0)
_BEAM_SIZE = 8


def tune_beam(
    recordings: Sequence[tuple[np.ndarray, Sequence[str]]],
    automaton: NGramAutomaton,
    symbols: Sequence[str],
    uncounted: Collection[str] = (),
) -> BeamConfig:
    """Finds the weight of the n-gram and the bonus of a symbol with the fewest errors, on a grid of 18.

    Args:
      recordings: held out; of each the log-probabilities [S, P + 1] of connectionist temporal classification and the
        right string.
      automaton: of the n-gram.
      symbols: the P symbols of the ear.
      uncounted: symbols that are no errors, silence for example.

    Returns:
      The settings; the smallest weight of several that are equally good, and the defaults without a recording.
    """
    best, fewest = BeamConfig(), None
    strings = [[symbol for symbol in string if symbol not in uncounted] for _, string in recordings]
    for weight, bonus in itertools.product(WEIGHTS, BONUSES) if recordings else ():
        config = BeamConfig(_BEAM_SIZE, weight, bonus)
        errors = 0
        for (ctc, _), string in zip(recordings, strings, strict=True):
            ids, _ = decode_beam(ctc, automaton, config)
            hypothesis = [symbols[int(i)] for i in ids]
            errors += count_errors(string, [symbol for symbol in hypothesis if symbol not in uncounted])
        if fewest is None or errors < fewest:
            best, fewest = dataclasses.replace(best, ngram_weight=weight, symbol_bonus=bonus), errors
    return best
