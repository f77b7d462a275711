"""The engine of all manipulations that move IPUs: new offsets for floor transfers, under what is possible.

Axes: N IPUs in the order of the sweep, M floor transfers, P own silences. Times are int64 nanoseconds here.

The sweep (`events.transfers`, level "ipu") cuts a dialogue into chunks: a chunk begins with the IPU that takes
the floor and holds all that the sweep meets until the next such IPU. A move keeps every chunk as it is and
changes the distances between them. Whatever lies within a chunk, pauses and contained IPUs, so keeps its
relative timing, and where only gaps change, all overlaps do too: the move is then a map of time.

What is possible: every transfer stays one in the eyes of the sweep, and no silence between two IPUs of one
speaker falls below `merge`, or they would become one IPU. The second rule binds more than a single transfer.
In A, B, A with a short B both gaps lie in the same silence of A, and closing both can bring A's two IPUs
together although neither gap is closed alone. Such room is given to the transfers in the order of time.
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
    checked,
    in_order,
    nanoseconds,
    seconds_of,
)


@dataclasses.dataclass(frozen=True, eq=False)
class Chain:
    """The floor transfers of a dialogue, in the order of time.

    Attributes:
      row: [M] the incoming IPU.
      fto: [M] its floor-transfer offset.
      lowest: [M] the least change of the offset with which the sweep still sees this transfer.
      units: the IPUs.
    """

    row: np.ndarray
    fto: np.ndarray
    lowest: np.ndarray
    units: Ipus

    @property
    def gap(self) -> np.ndarray:
        """[M] bool: transfers without overlap, those of exactly 0 s among them."""
        return self.fto >= 0


def chain(dialogue: Conversation, definitions: Definitions, speakers: int | None = None) -> Chain:
    """The transfers of a dialogue.

    Args:
      dialogue: of IPUs, as `dialogue_of` gives it.
      definitions: of the events.
      speakers: how many there must be; None for any number.

    Raises:
      BabbleError: no such dialogue.
    """
    if speakers is not None and len(dialogue.speakers) != speakers:
        raise BabbleError(
            f"{dialogue.id} has {len(dialogue.speakers)} speakers; only a dialogue of {speakers} can be changed so."
        )
    units = checked(dialogue, definitions)
    found = floor_transfers(units, "ipu", definitions)
    row = np.flatnonzero(found.defined)
    holder = found.previous[row]
    onset, offset = nanoseconds(units.onset), nanoseconds(units.end)
    begins = onset[holder] - onset[row]  # not before the one it follows begins
    ends = offset[holder] + 1 - offset[row]  # nor ends by its end: it would be contained
    return Chain(row, onset[row] - offset[holder], np.maximum(begins, ends), units)


def move(
    dialogue: Conversation,
    definitions: Definitions,
    links: Chain,
    asked: np.ndarray,
    lowest: np.ndarray | None = None,
    choose: Callable[[int, int], int] | None = None,
) -> Edit:
    """Changes the offsets of the transfers and moves the chunks with them.

    Args:
      dialogue: of IPUs.
      definitions: of the events.
      links: its transfers.
      asked: [M] changes wished for; 0 where a transfer stays.
      lowest: [M] changes not to go below, where the wish has limits of its own.
      choose: from a transfer and the least change possible there to the wish, for wishes that depend on what
        is possible; `asked` is then 0.

    Returns:
      The dialogue with the last window ended as much later or earlier; clips where the wish was not granted.
    """
    lowest = links.lowest if lowest is None else np.maximum(links.lowest, lowest)
    chunk = np.zeros(len(dialogue.onset), np.int64)
    chunk[links.row] = 1
    chunk = np.cumsum(chunk)  # [N]: IPUs of chunk c follow c transfers
    onset, offset = nanoseconds(dialogue.onset), nanoseconds(dialogue.end)

    # Own silences, [P]: what is left of each above `merge`, and the transfers that lie in it. Room that a later
    # transfer is going to add is there from the start.
    room: list[int] = []
    across: list[list[int]] = [[] for _ in links.row]
    added = np.append(0, np.cumsum(np.maximum(asked, 0)))
    merge = int(nanoseconds(np.array(definitions.merge)))
    for i, j in _own_neighbours(links.units):
        if chunk[i] < chunk[j]:
            for transfer in range(chunk[i], chunk[j]):
                across[transfer].append(len(room))
            room.append(int(onset[j] - offset[i] - merge + added[chunk[j]] - added[chunk[i]]))

    change = np.zeros(len(links.row), np.int64)
    clipped = []
    for k, wish in enumerate(asked.tolist()):
        expected = max(wish, 0)
        bounds = {"order": int(links.lowest[k]), "closed": int(lowest[k])}
        if across[k]:
            bounds["own silence"] = expected - min(room[p] for p in across[k])
        least = max(bounds.values())
        wish = wish if choose is None else choose(k, least)
        change[k] = max(wish, least)
        if wish < least:
            reason = next(name for name, bound in bounds.items() if bound == least)
            time = float(dialogue.onset[links.row[k]])
            clipped.append(Clip(time, wish / NANOSECONDS, least / NANOSECONDS, reason))
        for p in across[k]:
            room[p] += int(change[k]) - expected

    moved = np.append(0, np.cumsum(change))  # [M + 1] of each chunk
    changed, source = in_order(
        dialogue,
        dialogue.speaker,
        onset + moved[chunk],
        offset + moved[chunk],
        np.arange(len(onset), dtype=np.int32),
    )
    window = links.units.window[links.row]
    before = np.searchsorted(window, np.arange(len(dialogue.windows)), side="left")
    after = np.searchsorted(window, np.arange(len(dialogue.windows)), side="right")
    windows = nanoseconds(dialogue.windows) + np.stack([moved[before], moved[after]], axis=1)
    changed = dataclasses.replace(changed, windows=seconds_of(windows))
    return Edit(changed, source, int(np.count_nonzero(asked)), tuple(clipped))


def _own_neighbours(units: Ipus) -> Iterator[tuple[int, int]]:
    """Rows of each two IPUs of one speaker that follow each other in a window."""
    last: dict[tuple[int, int], int] = {}
    for row, who in enumerate(zip(units.window.tolist(), units.speaker.tolist(), strict=True)):
        if who in last:
            yield last[who], row
        last[who] = row
