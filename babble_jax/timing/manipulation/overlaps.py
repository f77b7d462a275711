"""Manipulations in which gaps and overlaps turn into each other, for dialogues of two.

Axes: M floor transfers. No map of time can do this: the two speakers move against each other, chunk by chunk.
What a chunk holds keeps its relative timing (see `moves`).
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.timing.events import Definitions, Reason, floor_transfers
from babble_jax.timing.manipulation.dialogue import Edit, checked, in_order, nanoseconds
from babble_jax.timing.manipulation.moves import chain, move


def shift_offsets(dialogue: Conversation, seconds: float, definitions: Definitions) -> Edit:
    """Every floor-transfer offset, of gaps and overlaps, greater by `seconds`; gaps may become overlaps.

    Where a turn would collide with its speaker's own speech, or begin or end before the turn it follows, it
    moves only as far as it can; `clipped` reports each such collision. Shifts to later never collide.
    """
    links = chain(dialogue, definitions, speakers=2)
    return move(dialogue, definitions, links, np.full(len(links.row), nanoseconds(np.array(seconds))))


def remove_overlaps(dialogue: Conversation, definitions: Definitions) -> Edit:
    """No two speak at once: transfers in overlap get an offset of 0 s, contained IPUs are left out."""
    units = checked(dialogue, definitions)
    kept = floor_transfers(units, "ipu", definitions).reason != Reason.CONTAINED
    rows = np.flatnonzero(kept)
    alone, source = in_order(
        dialogue,
        dialogue.speaker[rows],
        nanoseconds(dialogue.onset)[rows],
        nanoseconds(dialogue.end)[rows],
        rows,
    )
    links = chain(alone, definitions, speakers=2)
    edit = move(alone, definitions, links, np.where(links.gap, 0, -links.fto))
    return dataclasses.replace(edit, source=source[edit.source])


def add_overlaps(
    dialogue: Conversation, share: float, seed: int | Sequence[int], definitions: Definitions
) -> Edit:
    """A share of the gaps, chosen at random, become overlaps as deep as the dialogue's own ones.

    Args:
      dialogue: of two.
      share: of the gaps, from 0 to 1; their number is rounded.
      seed: which gaps, and which of the dialogue's overlaps each one takes after, of those that are possible
        there; where none is, the gap is shortened as far as it goes, and reported.
      definitions: of the events.

    Raises:
      BabbleError: there is no overlap to take after.
    """
    links = chain(dialogue, definitions, speakers=2)
    gaps, depths = np.flatnonzero(links.gap), np.sort(links.fto[~links.gap])
    rng = np.random.default_rng(seed)
    chosen = set(rng.permutation(gaps)[: round(share * len(gaps))].tolist())
    if chosen and not len(depths):
        raise BabbleError(
            f"{dialogue.id}: the floor never passes in overlap, so that there is no overlap to take after; "
            "take a longer dialogue, or shift the offsets."
        )
    rank = rng.random(len(links.row))

    def choose(transfer: int, least: int) -> int:
        if transfer not in chosen:
            return 0
        changes = depths - links.fto[transfer]
        possible = changes[np.searchsorted(changes, least) :]
        return int(possible[int(rank[transfer] * len(possible))] if len(possible) else changes[-1])

    edit = move(dialogue, definitions, links, np.zeros(len(links.row), np.int64), choose=choose)
    return dataclasses.replace(edit, transfers=len(chosen))
