"""Sets the rate of backchannels. Nothing else moves: backchannels are taken out, or put in where there is room.

Axes: N IPUs. Times are int64 nanoseconds.
"""

from collections.abc import Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.timing.events import Definitions, backchannels
from babble_jax.timing.manipulation.dialogue import Edit, check_ipus, sort_ipus, to_nanoseconds


def set_backchannels(
    dialogue: Conversation, per_minute: float, seed: int | Sequence[int], definitions: Definitions
) -> Edit:
    """Sets the number of backchannels per minute, of all speakers together, rounded to an integer number of them.

    Surplus ones are taken out at random. New ones have the durations of the dialogue's own and fall, evenly
    over all free time, within an IPU of the other speaker, as far from their own speaker's speech as the
    definition wants. Where there is no room left, there are fewer than requested.

    Args:
      dialogue: of IPUs.
      per_minute: of observed time.
      seed: of the choice of surplus backchannels, and of the times and durations of new ones.
      definitions: of the events.

    Raises:
      BabbleError: new ones are requested, and there is none to take the duration from.
    """
    units = check_ipus(dialogue, definitions)
    rng = np.random.default_rng(seed)
    target = round(per_minute * dialogue.seconds / 60)
    columns = [
        np.array(dialogue.speaker, np.int64),
        to_nanoseconds(dialogue.onset),
        to_nanoseconds(dialogue.end),
        np.arange(len(units)),
    ]
    rows = np.flatnonzero(backchannels(units, definitions))
    durations = (columns[2] - columns[1])[rows]
    while len(rows) > target:  # one by one: a backchannel may be one only by lying inside another
        surplus = rng.choice(rows)
        columns = [np.delete(column, surplus) for column in columns]
        edit = Edit(*sort_ipus(dialogue, *columns))
        rows = np.flatnonzero(backchannels(check_ipus(edit.dialogue, definitions), definitions))
    missing = target - len(rows)
    if missing > 0 and not len(durations):
        raise BabbleError(
            f"{dialogue.id}: there is no backchannel whose duration new ones could have; take a longer dialogue."
        )
    for _ in range(missing):
        duration = int(rng.choice(durations))
        if (new := _draw_backchannel(dialogue, columns, duration, definitions, rng)) is None:
            duration = int(durations.min())  # the shortest may still fit
            new = _draw_backchannel(dialogue, columns, duration, definitions, rng)
        if new is None:
            break
        speaker, start = new
        columns = [
            np.append(column, value)
            for column, value in zip(columns, (speaker, start, start + duration, -1), strict=True)
        ]
    return Edit(*sort_ipus(dialogue, *columns))


def _draw_backchannel(
    dialogue: Conversation,
    columns: list[np.ndarray],
    duration: int,
    definitions: Definitions,
    rng: np.random.Generator,
) -> tuple[int, int] | None:
    """Draws a new backchannel evenly from all that are possible.

    Args:
      dialogue: for its speakers.
      columns: speaker, onset, end and source of the IPUs, each [N]; times in nanoseconds.
      duration: of the backchannel, nanoseconds.
      definitions: of the events.
      rng: advanced.

    Returns:
      Its speaker and its onset, nanoseconds; None where none is possible.
    """
    speaker, onset, end, _ = columns
    isolation = int(to_nanoseconds(max(definitions.backchannel_isolation, definitions.merge)))
    free: list[tuple[int, int, int]] = []  # speaker, first and last onset
    for who in range(len(dialogue.speakers)):
        own = np.flatnonzero(speaker == who)
        own = own[np.argsort(onset[own])]
        silence_start = np.append(np.iinfo(np.int64).min // 2, end[own] + isolation)
        silence_end = np.append(onset[own] - isolation, np.iinfo(np.int64).max // 2) - duration
        for host in np.flatnonzero(speaker != who):
            first = np.maximum(silence_start, onset[host] + 1)
            last = np.minimum(silence_end, end[host] - 1 - duration)
            free += [(who, a, b) for a, b in zip(first.tolist(), last.tolist(), strict=True) if a <= b]
    if not free:
        return None
    room = np.cumsum([b - a + 1 for _, a, b in free])
    position = int(rng.integers(room[-1]))
    which = int(np.searchsorted(room, position, "right"))
    who, first, last = free[which]
    return who, last - (int(room[which]) - 1 - position)
