"""Finds the silences on which a cue is calibrated and trained: a speaker stops, and one of the two goes on.

Axes: N silences.
"""

from typing import NamedTuple

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.events.ipu import Definitions, backchannels, ipus


class Silences(NamedTuple):
    """The silences of both speakers of a conversation.

    Attributes:
      speaker: [N] int, who stopped.
      onset: [N] seconds at which their speech ended.
      end: [N] seconds at which somebody spoke again, a backchannel included.
      over: [N] bool, whether the other speaker took the turn; else the same one went on.
    """

    speaker: np.ndarray
    onset: np.ndarray
    end: np.ndarray
    over: np.ndarray

    def __len__(self) -> int:
        return len(self.onset)


def find_silences(conversation: Conversation, definitions: Definitions = Definitions()) -> Silences:
    """Finds the silences of a conversation: after each IPU that is no backchannel, where nobody speaks at its end.

    Who goes on is the speaker of the next IPU that is no backchannel. Overlaps are left out: there a listener has
    answered before any silence.

    Args:
      conversation: of two speakers.
      definitions: of IPUs and backchannels.
    """
    units = ipus(conversation, definitions)
    listens = backchannels(units, definitions)
    rows = []
    for i in np.flatnonzero(~listens):
        speaker, end = int(units.speaker[i]), float(units.end[i])
        same_window = units.window == units.window[i]
        others = same_window & (units.speaker != speaker)
        if np.any(others & (units.onset <= end) & (units.end > end)):
            continue
        later = same_window & (units.onset > end)
        turns = later & ~listens
        if not np.any(turns):
            continue
        following = np.flatnonzero(turns)[np.argmin(units.onset[turns])]
        rows.append(
            (speaker, end, float(np.min(units.onset[later])), bool(units.speaker[following] != speaker))
        )
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    return Silences(
        np.array(columns[0], np.int64), np.array(columns[1], np.float64), np.array(columns[2], np.float64),
        np.array(columns[3], bool),
    )  # fmt: skip
