"""The rate of backchannels, set. Nothing else moves: backchannels are taken out, or put in where there is room.

Axes: N IPUs, F stretches of free time. Times are int64 nanoseconds.
"""

from collections.abc import Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.timing.events import Definitions, backchannels
from babble_jax.timing.manipulation.dialogue import Edit, checked, in_order, nanoseconds


def set_backchannels(
    dialogue: Conversation, per_minute: float, seed: int | Sequence[int], definitions: Definitions
) -> Edit:
    """The dialogue with `per_minute` backchannels of all speakers together, rounded to a whole number of them.

    Surplus ones are taken out at random. New ones have the durations of the dialogue's own and fall, evenly
    over all free time, within an IPU of the other speaker, as far from their own speaker's speech as the
    definition wants. Where there is no room left, there are fewer than asked for.

    Args:
      dialogue: of IPUs.
      per_minute: of observed time.
      seed: which go, and where new ones come.
      definitions: of the events.

    Raises:
      BabbleError: new ones are asked for, and there is none to take the duration from.
    """
    units = checked(dialogue, definitions)
    rng = np.random.default_rng(seed)
    target = round(per_minute * dialogue.seconds / 60)
    rows = [
        np.array(dialogue.speaker, np.int64),
        nanoseconds(dialogue.onset),
        nanoseconds(dialogue.end),
        np.arange(len(units)),
    ]
    found = np.flatnonzero(backchannels(units, definitions))
    length = (rows[2] - rows[1])[found]
    while len(found) > target:  # one by one: a backchannel may be one only by lying inside another
        gone = rng.choice(found)
        rows = [np.delete(column, gone) for column in rows]
        edit = Edit(*in_order(dialogue, *rows))
        found = np.flatnonzero(backchannels(checked(edit.dialogue, definitions), definitions))
    missing = target - len(found)
    if missing > 0 and not len(length):
        raise BabbleError(
            f"{dialogue.id}: there is no backchannel whose duration new ones could have; take a longer dialogue."
        )
    for _ in range(missing):
        duration = int(rng.choice(length))
        if (new := _place(dialogue, rows, duration, definitions, rng)) is None:
            duration = int(length.min())  # the shortest may still fit
            new = _place(dialogue, rows, duration, definitions, rng)
        if new is None:
            break
        speaker, start = new
        rows = [
            np.append(column, value)
            for column, value in zip(rows, (speaker, start, start + duration, -1), strict=True)
        ]
    return Edit(*in_order(dialogue, *rows))


def _place(
    dialogue: Conversation,
    rows: list[np.ndarray],
    duration: int,
    definitions: Definitions,
    rng: np.random.Generator,
) -> tuple[int, int] | None:
    """Speaker and onset of a new backchannel, drawn evenly from all that are possible; None where none is."""
    speaker, onset, offset, _ = rows
    apart = int(nanoseconds(np.array(max(definitions.backchannel_isolation, definitions.merge))))
    free: list[tuple[int, int, int]] = []  # speaker, first and last onset
    for who in range(len(dialogue.speakers)):
        own = np.flatnonzero(speaker == who)
        own = own[np.argsort(onset[own])]
        begin = np.append(np.iinfo(np.int64).min // 2, offset[own] + apart)
        end = np.append(onset[own] - apart, np.iinfo(np.int64).max // 2) - duration
        for host in np.flatnonzero(speaker != who):
            first = np.maximum(begin, onset[host] + 1)
            last = np.minimum(end, offset[host] - 1 - duration)
            free += [(who, a, b) for a, b in zip(first.tolist(), last.tolist(), strict=True) if a <= b]
    if not free:
        return None
    room = np.cumsum([b - a + 1 for _, a, b in free])
    at = int(rng.integers(room[-1]))
    which = int(np.searchsorted(room, at, side="right"))
    who, first, last = free[which]
    return who, last - (int(room[which]) - 1 - at)
