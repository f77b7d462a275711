"""An n-gram as an automaton of arrays: states are contexts, which a decoder walks through without strings.

Axes: C contexts, P symbols.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from babble_jax.ngram import Context, NGram


class NGramAutomaton(NamedTuple):
    """Contexts of an n-gram, each a state.

    Attributes:
      log_probs: [C, P + 1] float64 in nats, of each symbol after each context and, last, of the end of the string.
      following: [C, P] int32, the state after a symbol.
      start: state before the first symbol.
    """

    log_probs: np.ndarray
    following: np.ndarray
    start: int


def make_automaton(ngram: NGram | None, symbols: Sequence[str]) -> NGramAutomaton:
    """Makes the automaton of an n-gram.

    A context that the n-gram has not counted has the distribution of its longest end that it has, so that only counted
    contexts, and their ends, are states.

    Args:
      ngram: over these symbols, in any order; None for one state in which all is free.
      symbols: the P symbols of the ear.

    Raises:
      ValueError: the n-gram has other symbols.
    """
    if ngram is None:
        return NGramAutomaton(np.zeros((1, len(symbols) + 1)), np.zeros((1, len(symbols)), np.int32), 0)
    if {*ngram.symbols} != {*symbols}:
        raise ValueError("the n-gram and the ear have different symbols")
    ends = {context[i:] for context in ngram.counts for i in range(ngram.order)}
    contexts = sorted({(), ngram.start, *ends})
    index = {context: i for i, context in enumerate(contexts)}

    def state(context: Context) -> int:
        while context not in index:
            context = context[1:]
        return index[context]

    columns = [*(ngram.index[symbol] for symbol in symbols), len(symbols)]
    log_probs = np.stack([ngram.log_probs(context)[columns] for context in contexts])
    following = [[state(ngram.advance(context, symbol)) for symbol in symbols] for context in contexts]
    return NGramAutomaton(log_probs, np.array(following, np.int32), index[ngram.start])
