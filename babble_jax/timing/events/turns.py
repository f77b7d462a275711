"""Turns: what one speaker says until the floor passes, as the sweep of the floor transfers finds it.

Axes: N IPUs of one conversation, T turns. Times are seconds, float64.
"""

import dataclasses

import numpy as np

from babble_jax.timing.events.ipu import Ipus
from babble_jax.timing.events.transfers import FloorTransfers, Reason


@dataclasses.dataclass(frozen=True, eq=False)
class Turns:
    """The turns of one conversation at one level, in the order of time.

    Attributes:
      speaker: [T] int32.
      start: [T] seconds, the onset of its first IPU.
      end: [T] seconds, the end of its last IPU.
      fto: [T] seconds, from the end of the turn before, the row above; NaN for the first of a window.
      first: [T] int32, the row of its first IPU.
      of_ipu: [N] int32, the turn of each IPU; -1 for one that is contained in another's turn, or left out.
    """

    speaker: np.ndarray
    start: np.ndarray
    end: np.ndarray
    fto: np.ndarray
    first: np.ndarray
    of_ipu: np.ndarray

    def __len__(self) -> int:
        return len(self.start)


def turns(ipus: Ipus, transfers: FloorTransfers) -> Turns:
    """Collects the IPUs of one conversation into turns (definition 4), by their floor transfers."""
    begins = np.isin(transfers.reason, (Reason.FIRST, Reason.DEFINED))
    holds = begins | (transfers.reason == Reason.SAME_SPEAKER)
    first = np.flatnonzero(begins)
    of_ipu = np.where(holds, np.cumsum(begins) - 1, -1).astype(np.int32)
    end = np.full(len(first), -np.inf)
    np.maximum.at(end, of_ipu[holds], ipus.end[holds])
    return Turns(
        ipus.speaker[first], ipus.onset[first], end, transfers.fto[first], first.astype(np.int32), of_ipu
    )
