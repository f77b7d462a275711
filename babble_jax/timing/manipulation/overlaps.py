"""Manipulates dialogues of two so that gaps and overlaps turn into each other.

Axes: M floor transfers. No map of time can do this: the two speakers move against each other, chunk by chunk.
Each chunk keeps its relative timing (see `moves`).
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.timing.events import Definitions, Reason, floor_transfers
from babble_jax.timing.manipulation.dialogue import Edit, check_ipus, sort_ipus, to_nanoseconds
from babble_jax.timing.manipulation.moves import find_transfers, move_transfers


def shift_offsets(dialogue: Conversation, seconds: float, definitions: Definitions) -> Edit:
    """Adds `seconds` to every floor-transfer offset, of gaps and overlaps; gaps may become overlaps.

    Where a turn would collide with its speaker's own speech, or begin or end before the turn it follows, it
    moves only as far as it can; `clips` reports each such collision. Shifts to later never collide.

    Args:
      dialogue: of two.
      seconds: added to each FTO.
      definitions: of the events.
    """
    transfers = find_transfers(dialogue, definitions, speakers=2)
    return move_transfers(
        dialogue, definitions, transfers, np.full(len(transfers.row), to_nanoseconds(seconds))
    )


def remove_overlaps(dialogue: Conversation, definitions: Definitions) -> Edit:
    """Removes all overlap: transfers in overlap get an FTO of 0 s, contained IPUs are left out."""
    units = check_ipus(dialogue, definitions)
    rows = np.flatnonzero(floor_transfers(units, "ipu", definitions).reason != Reason.CONTAINED)
    alone, source = sort_ipus(
        dialogue,
        dialogue.speaker[rows],
        to_nanoseconds(dialogue.onset)[rows],
        to_nanoseconds(dialogue.end)[rows],
        rows,
    )
    transfers = find_transfers(alone, definitions, speakers=2)
    edit = move_transfers(alone, definitions, transfers, np.where(transfers.gap, 0, -transfers.fto))
    return dataclasses.replace(edit, source=source[edit.source])


def add_overlaps(
    dialogue: Conversation, share: float, seed: int | Sequence[int], definitions: Definitions
) -> Edit:
    """Turns a random share of the gaps into overlaps as deep as the dialogue's own ones.

    Args:
      dialogue: of two.
      share: of the gaps, from 0 to 1; their number is rounded.
      seed: of the choice of gaps, and of the dialogue's own overlap that each one takes after, among those that
        are possible there; where none is, the gap is shortened as far as it goes, and reported.
      definitions: of the events.

    Raises:
      BabbleError: there is no overlap to take after.
    """
    transfers = find_transfers(dialogue, definitions, speakers=2)
    gaps, depths = np.flatnonzero(transfers.gap), np.sort(transfers.fto[~transfers.gap])
    rng = np.random.default_rng(seed)
    selection = set(rng.permutation(gaps)[: round(share * len(gaps))].tolist())
    if selection and not len(depths):
        raise BabbleError(
            f"{dialogue.id}: the floor never passes in overlap, so that there is no overlap to take after; "
            "take a longer dialogue, or shift the offsets."
        )
    rank = rng.random(len(transfers.row))

    def choose_change(transfer: int, least: int) -> int:
        if transfer not in selection:
            return 0
        changes = depths - transfers.fto[transfer]
        possible = changes[np.searchsorted(changes, least) :]
        return int(possible[int(rank[transfer] * len(possible))] if len(possible) else changes[-1])

    unchanged = np.zeros(len(transfers.row), np.int64)
    edit = move_transfers(dialogue, definitions, transfers, unchanged, choose_change=choose_change)
    return dataclasses.replace(edit, transfers=len(selection))
