"""Floor transfers: the sweep that gives each turn its offset (FTO) from the turn before it.

Axes: N IPUs of one conversation. Times are seconds, float64.
"""

import dataclasses
import enum
from typing import Literal

import numpy as np

from babble_jax.timing.events.ipu import Definitions, Ipus, backchannels, duration

FtoLevel = Literal["ipu", "turn"]


class Reason(enum.IntEnum):
    """The reason for which an IPU has an FTO or none."""

    DEFINED = 0
    FIRST = 1  # the first of its window
    SAME_SPEAKER = 2  # extends the turn of its own speaker
    CONTAINED = 3  # ends by the end of another speaker's turn
    BACKCHANNEL = 4  # left out at level "turn"


@dataclasses.dataclass(frozen=True, eq=False)
class FloorTransfers:
    """The sweep's verdict on each IPU; the rows are those of the IPUs.

    Attributes:
      fto: [N] seconds, the floor-transfer offset: below 0 for an overlap, NaN where undefined.
      reason: [N] int8, a `Reason`.
      speaker: [N] int32, the incoming speaker.
      time: [N] seconds, the onset of the incoming IPU.
      window: [N] int32.
      previous: [N] int32, the row of the IPU at whose end the floor was before; -1 where there was none or
        the IPU was left out.
    """

    fto: np.ndarray
    reason: np.ndarray
    speaker: np.ndarray
    time: np.ndarray
    window: np.ndarray
    previous: np.ndarray

    @property
    def defined(self) -> np.ndarray:
        """[N] bool: true where there is an FTO."""
        return self.reason == Reason.DEFINED


def floor_transfers(ipus: Ipus, fto_level: FtoLevel, definitions: Definitions) -> FloorTransfers:
    """Finds turns and their FTOs (definition 4), for any number of speakers.

    The sweep goes through the IPUs by (onset, end, speaker), at level "turn" without backchannels. The
    same speaker as the current turn extends it; another one who ends by its end is contained; any other
    begins a new turn, at its onset minus the current end.

    The sweep needs no loop: IPUs of one speaker are disjoint, so that each one either ends later than the
    current turn and takes or keeps the floor, or is contained. The current end is thus the running maximum of
    the ends.

    Args:
      ipus: of one conversation, in the order of the sweep.
      fto_level: "ipu" for all of them, "turn" for those that are no backchannels.
      definitions: of the events.
    """
    reason = np.full(len(ipus), Reason.BACKCHANNEL, np.int8)
    fto = np.full(len(ipus), np.nan)
    previous = np.full(len(ipus), -1, np.int32)
    swept = np.ones(len(ipus), bool) if fto_level == "ipu" else ~backchannels(ipus, definitions)
    row = np.flatnonzero(swept)
    if len(row):
        end = np.maximum.accumulate(ipus.end[row])
        later = np.append(True, ipus.end[row][1:] > end[:-1])
        first = np.append(True, ipus.window[row][1:] != ipus.window[row][:-1])
        later |= first
        holder = np.maximum.accumulate(np.where(later, np.arange(len(row)), 0))
        holder = row[np.append(0, holder[:-1])]  # who had the floor when the IPU began
        same = ipus.speaker[row] == ipus.speaker[holder]
        reason[row] = np.select(
            [first, ~later, same], [Reason.FIRST, Reason.CONTAINED, Reason.SAME_SPEAKER], Reason.DEFINED
        )
        previous[row] = np.where(first, -1, holder)
        fto[row] = np.where(
            reason[row] == Reason.DEFINED, duration(ipus.end[holder], ipus.onset[row]), np.nan
        )
    return FloorTransfers(fto, reason, ipus.speaker, ipus.onset, ipus.window, previous)
