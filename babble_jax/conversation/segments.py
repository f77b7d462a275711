"""Segments of a conversation in the order in which the writers of annotation need them.

Times are seconds, float64.
"""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.printable import escape_unprintable


def sort_segments(conversation: Conversation) -> list[tuple[int, float, float]]:
    """Returns (index of the speaker, onset, end) of every segment, by onset, then speaker."""
    rows = zip(
        conversation.speaker.tolist(), conversation.onset.tolist(), conversation.end.tolist(), strict=True
    )
    return sorted(rows, key=lambda row: (row[1], row[0]))


def plain_names(names: Sequence[str], spaces: bool = True) -> tuple[str, ...]:
    """Returns names as a file of lines can hold them: what is not printable is escaped; different ones stay different.

    Args:
      names: of speakers or conversations.
      spaces: whether a name may hold spaces; else it gets _ for them.
    """
    plain: dict[str, None] = {}
    for name in names:
        one = escape_unprintable(name)
        if not spaces:
            one = re.sub(r"\s", "_", one) or "_"
        unique, count = one, 2
        while unique in plain:
            unique, count = f"{one}_{count}", count + 1
        plain[unique] = None
    return tuple(plain)


def label_segments(
    conversation: Conversation, speaker: int, number: np.ndarray | None
) -> Iterator[tuple[float, float, str]]:
    """Yields (onset, end, label) of one speaker's segments by time; the labels are `A1`, `A2` ... for speaker A.

    Args:
      conversation: of N segments.
      speaker: index of the speaker.
      number: [N] int of each segment among its speaker's, from 0; by time where absent.
    """
    own = np.flatnonzero(conversation.speaker == speaker)
    own = own[np.argsort(conversation.onset[own], kind="stable")]
    numbers = np.arange(len(own)) if number is None else number[own]
    for row, n in zip(own.tolist(), numbers.tolist(), strict=True):
        label = f"{plain_names(conversation.speakers)[speaker]}{n + 1}"
        yield float(conversation.onset[row]), float(conversation.end[row]), label
