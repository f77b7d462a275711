"""Cuts labelled recordings into the pieces of which batches are made.

Axes: N symbols.
"""

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from babble_jax.dataset.labelled.cutting import find_cuts

EDGE = 1e-9
"""Seconds by which a symbol must reach into a piece."""
Piece = TypeVar("Piece")


class Stretch(NamedTuple):
    """Stretch of a recording between two cuts.

    Attributes:
      first: frame at which it begins.
      stop: frame at which it ends.
      inside: [N] bool, symbols of the recording that sound in it.
    """

    first: int
    stop: int
    inside: np.ndarray


def cut_stretches(
    symbols: tuple[str, ...], onset: np.ndarray, end: np.ndarray, frames: int, hop: float, longest: float
) -> Iterator[Stretch]:
    """Cuts a recording in its silences into stretches of at most some seconds, as near as its silences allow.

    A silence in which it is cut belongs to both stretches.

    Args:
      symbols: N symbols.
      onset: [N] seconds.
      end: [N] seconds.
      frames: of the recording.
      hop: seconds of a frame.
      longest: seconds of a stretch; 0 cuts nothing.
    """
    cuts = find_cuts(symbols, onset, end, frames * hop, longest) if longest else []
    edges = [0, *(round(cut / hop) for cut in cuts), frames]
    for first, stop in itertools.pairwise(edges):
        yield Stretch(first, stop, (end > first * hop + EDGE) & (onset < stop * hop - EDGE))


def spread_over(pieces: Sequence[Piece], count: int) -> list[Piece]:
    """Chooses so many pieces, evenly spread over all; all where `count` is 0 or more than there are."""
    if not 0 < count < len(pieces):
        return list(pieces)
    return [pieces[i] for i in np.linspace(0, len(pieces) - 1, count).round().astype(int)]
