"""Moves IPUs: changes the offsets (FTOs) of floor transfers, as far as that is possible.

Axes: N IPUs in the order of the sweep, M floor transfers, P own silences. Times are int64 nanoseconds here.

The sweep (`events.transfers`, level "ipu") cuts a dialogue into chunks: a chunk begins with the IPU that takes
the floor and holds all that the sweep meets until the next such IPU. A move keeps every chunk as it is and
changes the distances between them. Whatever lies within a chunk, pauses and contained IPUs, so keeps its
relative timing, and where only gaps change, all overlaps do too: the move is then a map of time.

Two rules limit a move: the sweep still finds every transfer, and no silence between two IPUs of one speaker
falls below `merge`, or they would become one IPU. The second rule binds more than a single transfer. In A, B, A
with a short B both gaps lie in the same silence of A, and closing both can bring A's two IPUs together although
neither gap is closed alone. Such room is used by the transfers in the order of time.
"""

import dataclasses
from collections.abc import Callable, Iterator

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.timing.events import Definitions, Ipus, floor_transfers
from babble_jax.timing.manipulation.dialogue import (
    NANOSECONDS,
    Clip,
    Edit,
    check_ipus,
    sort_ipus,
    to_nanoseconds,
    to_seconds,
)


@dataclasses.dataclass(frozen=True, eq=False)
class TransferChain:
    """The floor transfers of a dialogue, in the order of time.

    Attributes:
      row: [M] the incoming IPU.
      fto: [M] its floor-transfer offset.
      min_change: [M] the least change of the FTO after which the sweep still finds this transfer.
      units: the IPUs.
    """

    row: np.ndarray
    fto: np.ndarray
    min_change: np.ndarray
    units: Ipus

    @property
    def gap(self) -> np.ndarray:
        """[M] bool: transfers without overlap, those of exactly 0 s among them."""
        return self.fto >= 0


def find_transfers(
    dialogue: Conversation, definitions: Definitions, speakers: int | None = None
) -> TransferChain:
    """Finds the floor transfers of a dialogue.

    Args:
      dialogue: of IPUs, as `make_ipu_dialogue` returns it.
      definitions: of the events.
      speakers: their required number; None for any number.

    Raises:
      BabbleError: no such dialogue.
    """
    if speakers is not None and len(dialogue.speakers) != speakers:
        raise BabbleError(
            f"{dialogue.id} has {len(dialogue.speakers)} speakers; only a dialogue of {speakers} can be changed so."
        )
    units = check_ipus(dialogue, definitions)
    transfers = floor_transfers(units, "ipu", definitions)
    row = np.flatnonzero(transfers.defined)
    holder = transfers.previous[row]
    onset, end = to_nanoseconds(units.onset), to_nanoseconds(units.end)
    begin_limit = onset[holder] - onset[row]  # not before the one it follows begins
    end_limit = end[holder] + 1 - end[row]  # nor ends by its end: it would be contained
    return TransferChain(row, onset[row] - end[holder], np.maximum(begin_limit, end_limit), units)


def move_transfers(
    dialogue: Conversation,
    definitions: Definitions,
    transfers: TransferChain,
    requested: np.ndarray,
    min_change: np.ndarray | None = None,
    choose_change: Callable[[int, int], int] | None = None,
) -> Edit:
    """Changes the FTOs of floor transfers and moves the chunks with them.

    Args:
      dialogue: of IPUs.
      definitions: of the events.
      transfers: of the dialogue.
      requested: [M] nanoseconds, changes of the FTOs; 0 where a transfer stays.
      min_change: [M] nanoseconds, limits of the manipulation's own below which no change goes.
      choose_change: from the index of a transfer and the least possible change, nanoseconds, to the requested
        change, for manipulations that depend on what is possible; `requested` is then 0.

    Returns:
      The dialogue, its last window ended as much later or earlier; clips where a change was not possible.
    """
    own = transfers.min_change
    min_change = own if min_change is None else np.maximum(own, min_change)
    chunk = np.zeros(len(dialogue.onset), np.int64)
    chunk[transfers.row] = 1
    chunk = np.cumsum(chunk)  # [N]: IPUs of chunk c follow c transfers
    onset, end = to_nanoseconds(dialogue.onset), to_nanoseconds(dialogue.end)

    # Own silences, [P]: what is left of each above `merge`, and the transfers that lie in it. Room that a later
    # transfer is going to add is there from the start.
    room: list[int] = []
    across: list[list[int]] = [[] for _ in transfers.row]
    lengthening = np.append(0, np.cumsum(np.maximum(requested, 0)))
    merge = int(to_nanoseconds(definitions.merge))
    for i, j in _own_neighbours(transfers.units):
        if chunk[i] < chunk[j]:
            for transfer in range(chunk[i], chunk[j]):
                across[transfer].append(len(room))
            room.append(int(onset[j] - end[i] - merge + lengthening[chunk[j]] - lengthening[chunk[i]]))

    change = np.zeros(len(transfers.row), np.int64)
    clips = []
    for k, wish in enumerate(requested.tolist()):
        expected = max(wish, 0)
        bounds = {"order": int(own[k]), "closed": int(min_change[k])}
        if across[k]:
            bounds["own silence"] = expected - min(room[p] for p in across[k])
        least = max(bounds.values())
        wish = wish if choose_change is None else choose_change(k, least)
        change[k] = max(wish, least)
        if wish < least:
            reason = next(name for name, bound in bounds.items() if bound == least)
            time = float(dialogue.onset[transfers.row[k]])
            clips.append(Clip(time, wish / NANOSECONDS, least / NANOSECONDS, reason))
        for p in across[k]:
            room[p] += int(change[k]) - expected

    shift = np.append(0, np.cumsum(change))  # [M + 1] of each chunk
    changed, source = sort_ipus(
        dialogue,
        dialogue.speaker,
        onset + shift[chunk],
        end + shift[chunk],
        np.arange(len(onset), dtype=np.int32),
    )
    window = transfers.units.window[transfers.row]
    before = np.searchsorted(window, np.arange(len(dialogue.windows)), "left")
    after = np.searchsorted(window, np.arange(len(dialogue.windows)), "right")
    windows = to_nanoseconds(dialogue.windows) + np.stack([shift[before], shift[after]], axis=1)
    changed = dataclasses.replace(changed, windows=to_seconds(windows))
    return Edit(changed, source, int(np.count_nonzero(requested)), tuple(clips))


def _own_neighbours(units: Ipus) -> Iterator[tuple[int, int]]:
    """Yields the rows of each two IPUs of one speaker that follow each other in a window."""
    last: dict[tuple[int, int], int] = {}
    for row, key in enumerate(zip(units.window.tolist(), units.speaker.tolist(), strict=True)):
        if key in last:
            yield last[key], row
        last[key] = row
