"""Joins the words of segments into those of IPUs and turns.

Axes: S segments of one conversation, N IPUs, T turns.
"""

from collections.abc import Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.events.ipu import DECIMALS, Definitions, Ipus, sort_segments
from babble_jax.timing.events.turns import Turns


def ipu_words(conversation: Conversation, units: Ipus, definitions: Definitions) -> list[str]:
    """Joins the labels of the segments that each IPU was merged from, in the order of their onsets.

    Args:
      conversation: with labels; without them the words are empty.
      units: [N] its IPUs.
      definitions: those of `units`.

    Returns:
      The words of each IPU, [N]. A segment across the edge of two windows has its words in both.
    """
    words: list[list[str]] = [[] for _ in range(len(units))]
    if conversation.labels is None:
        return [""] * len(units)
    order, onset, end = sort_segments(conversation, definitions)
    speaker = conversation.speaker[order]
    for window, (first, last) in enumerate(np.round(conversation.windows, DECIMALS)):
        for s in range(len(conversation.speakers)):
            rows = np.flatnonzero((units.speaker == s) & (units.window == window))
            inside = np.flatnonzero((speaker == s) & (end > first) & (onset < last))
            if not len(rows) or not len(inside):
                continue
            start = np.maximum(onset[inside], first)
            nearest = np.searchsorted(units.onset[rows], start, side="right") - 1
            within = (nearest >= 0) & (start < units.end[rows][nearest])
            for segment, row in zip(order[inside[within]], rows[nearest[within]], strict=True):
                words[row].append(conversation.labels[segment])
    return [" ".join(filter(None, parts)) for parts in words]


def turn_words(words: Sequence[str], turns: Turns) -> list[str]:
    """Joins the words of IPUs, [N], into those of turns, [T]; those of contained IPUs are in none."""
    parts: list[list[str]] = [[] for _ in range(len(turns))]
    for turn, text in zip(turns.of_ipu, words, strict=True):
        if turn >= 0 and text:
            parts[turn].append(text)
    return [" ".join(one) for one in parts]
