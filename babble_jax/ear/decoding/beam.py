"""Prefix beam search: the string that connectionist temporal classification and an n-gram together find most probable.

Axes: S steps, P symbols, K prefixes of the beam, V prefixes that were ever in it, C contexts of the n-gram.
"""

import dataclasses
import math
from pathlib import Path

import numpy as np

from babble_jax.compilation import compile_native
from babble_jax.ear.decoding.automaton import NGramAutomaton

_MOST_PREFIXES = 10_000


@dataclasses.dataclass(frozen=True)
class BeamConfig:
    """Settings of the search.

    Attributes:
      beam_size: prefixes K that are followed at a time.
      ngram_weight: weight of the n-gram's log-probability beside that of the sound, 0 or more.
      symbol_bonus: nats for each symbol, against the n-gram's preference for short strings.
      min_log_prob: nats; a symbol less probable than this in a step extends no prefix there.
    """

    beam_size: int = 16
    ngram_weight: float = 0.5
    symbol_bonus: float = 0.0
    min_log_prob: float = -10.0

    def __post_init__(self):
        if not 1 <= self.beam_size <= _MOST_PREFIXES:
            raise ValueError(f"beam_size is {self.beam_size}; it must be from 1 to {_MOST_PREFIXES}")
        if not self.ngram_weight >= 0:
            raise ValueError(f"ngram_weight is {self.ngram_weight}; it must not be negative")
        for name in ("ngram_weight", "symbol_bonus", "min_log_prob"):
            if not math.isfinite(getattr(self, name)):
                raise ValueError(f"{name} is {getattr(self, name)}; it must be finite")


def decode_beam(
    ctc: np.ndarray, automaton: NGramAutomaton, config: BeamConfig | None = None
) -> tuple[np.ndarray, float]:
    """Decodes the string l that maximizes log P(l | sound) + weight log P(l) + bonus |l| (arXiv 1408.2873, 1412.5567).

    P(l | sound) sums over the paths of l within the beam. The end of the string counts in the n-gram.

    Args:
      ctc: [S, P + 1] log-probabilities, the blank at 0.
      automaton: of the n-gram.
      config: of the search; its defaults if None.

    Returns:
      Symbols [N] int64 in [0, P), and what they score in nats.
    """
    config = config or BeamConfig()
    symbols, score = _search(
        np.ascontiguousarray(ctc, np.float64),
        automaton.log_probs,
        automaton.following,
        automaton.start,
        config.beam_size,
        config.ngram_weight,
        config.symbol_bonus,
        config.min_log_prob,
    )
    return symbols, float(score)


@compile_native(Path(__file__), nogil=True, error_model="numpy")
def _search(ctc, ngram, following, start, beam_size, weight, bonus, min_log_prob):
    steps, count = ctc.shape[0], ctc.shape[1] - 1
    # Prefixes are nodes of a tree; one that leaves the beam and comes back is the same node.
    size = 1 + steps * beam_size
    parent, symbol = np.full(size, -1, np.int64), np.full(size, -1, np.int64)
    first_child, sibling = np.full(size, -1, np.int64), np.full(size, -1, np.int64)
    context, prior = np.zeros(size, np.int64), np.zeros(size)
    place = np.full(size, -1, np.int64)  # in the beam
    context[0], place[0] = start, 0
    nodes = 1
    beam = np.zeros(1, np.int64)
    # logarithms of the sums over paths that end in a blank, and in the prefix's last symbol
    blank, last = np.zeros(1), np.full(1, -np.inf)
    for t in range(steps):
        row = ctc[t]
        width = len(beam)
        total = np.logaddexp(blank, last)
        stay_blank, stay_last = total + row[0], np.full(width, -np.inf)
        extended = np.full((width, count), -np.inf)
        for k in range(width):
            end = symbol[beam[k]]
            if end >= 0:
                stay_last[k] = last[k] + row[end + 1]
            for c in range(count):
                if row[c + 1] >= min_log_prob:
                    # after the same symbol only a blank lets it come again
                    extended[k, c] = (blank[k] if c == end else total[k]) + row[c + 1]
        for k in range(width):  # an extension that is in the beam already adds to it there
            node = beam[k]
            if node > 0 and place[parent[node]] >= 0:
                at = place[parent[node]]
                stay_last[k] = np.logaddexp(stay_last[k], extended[at, symbol[node]])
                extended[at, symbol[node]] = -np.inf
        scores = np.empty(width * (count + 1))
        for k in range(width):
            node = beam[k]
            scores[k] = np.logaddexp(stay_blank[k], stay_last[k]) + prior[node]
            for c in range(count):
                gain = weight * ngram[context[node], c] + bonus
                scores[width + k * count + c] = extended[k, c] + prior[node] + gain
        order = np.argsort(-scores)
        for k in range(width):
            place[beam[k]] = -1
        new_width = 0
        new_beam = np.empty(beam_size, np.int64)
        new_blank, new_last = np.empty(beam_size), np.empty(beam_size)
        for i in range(min(beam_size, len(order))):
            at = order[i]
            if scores[at] == -np.inf:
                break
            if at < width:
                node = beam[at]
                new_blank[new_width], new_last[new_width] = stay_blank[at], stay_last[at]
            else:
                k, c = (at - width) // count, (at - width) % count
                above = beam[k]
                node = first_child[above]
                while node >= 0 and symbol[node] != c:
                    node = sibling[node]
                if node < 0:
                    node = nodes
                    nodes += 1
                    parent[node], symbol[node] = above, c
                    sibling[node], first_child[above] = first_child[above], node
                    context[node] = following[context[above], c]
                    prior[node] = prior[above] + weight * ngram[context[above], c] + bonus
                new_blank[new_width], new_last[new_width] = -np.inf, extended[k, c]
            new_beam[new_width] = node
            new_width += 1
        beam, blank, last = new_beam[:new_width], new_blank[:new_width], new_last[:new_width]
        for k in range(new_width):
            place[beam[k]] = k
    best, best_score = 0, -np.inf
    for k in range(len(beam)):
        node = beam[k]
        score = np.logaddexp(blank[k], last[k]) + prior[node] + weight * ngram[context[node], count]
        if score > best_score:
            best, best_score = node, score
    length, node = 0, best
    while node > 0:
        length, node = length + 1, parent[node]
    string = np.empty(length, np.int64)
    node = best
    for i in range(length - 1, -1, -1):
        string[i], node = symbol[node], parent[node]
    return string, best_score
