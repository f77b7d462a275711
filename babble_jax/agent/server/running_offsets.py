"""Finds the floor-transfer offsets (FTOs) of a conversation while it runs, by the definitions of dialogue events.

Axes: N IPUs of the last minute.
"""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from babble_jax.agent.session.ipu_tracker import AGENT, SPEAKERS, USER, IpuTracker
from babble_jax.timing.events import Definitions
from babble_jax.timing.events.ipu import Ipus
from babble_jax.timing.events.transfers import floor_transfers

_REACH = 60.0  # seconds of the past that are looked at
_SETTLED = 0.02  # seconds beyond what may still change


class Offset(NamedTuple):
    """A floor-transfer offset.

    Attributes:
      who: the side that takes the floor, `SPEAKERS`.
      at: seconds, the onset of its IPU.
      seconds: the offset, below 0 for an overlap.
    """

    who: str
    at: float
    seconds: float


class RunningOffsets:
    """Collects events of both sides and gives each offset once, when nothing that comes can change it.

    Args:
      sample_rate: Hz.
      hop_samples: of the hops in which the user is perceived.
      lag: seconds by which perception is late.
      definitions: of the events.
    """

    def __init__(
        self, sample_rate: int, hop_samples: int, lag: float, definitions: Definitions | None = None
    ):
        self._definitions = definitions or Definitions()
        self._tracker = IpuTracker(sample_rate, hop_samples, lag, self._definitions)
        self._rate = sample_rate
        self._late = hop_samples / sample_rate + lag
        self._last = -math.inf  # onset of the last offset

    def add(self, event: Mapping[str, Any]) -> None:
        """Takes an event of the engine, with the agent's samples on the timeline of what is heard."""
        self._tracker.add(event)

    def settled(self, sample: int) -> list[Offset]:
        """Returns the offsets that are new and will not change.

        Args:
          sample: up to which both sides are known, but for the lag of perception.
        """
        now = sample / self._rate - self._late
        units = self._ipus(now)
        transfers = floor_transfers(units, "ipu", self._definitions)
        result = []
        for row in np.flatnonzero(transfers.defined):
            onset, before = float(units.onset[row]), float(units.end[transfers.previous[row]])
            least = max(onset + self._definitions.min_ipu, before + self._definitions.merge) + _SETTLED
            if onset > self._last and now >= least:
                self._last = onset
                who = SPEAKERS[int(units.speaker[row])]
                result.append(Offset(who, onset, float(transfers.fto[row])))
        return result

    def _ipus(self, now: float) -> Ipus:
        """Returns the IPUs of the last minute up to a time in seconds."""
        rows = []
        for who in (USER, AGENT):
            recent = [*self._tracker.final(who)[-100:], *self._tracker.open(who, round(now * self._rate))]
            for one in recent:
                onset, end = one.onset / self._rate, min(one.end / self._rate, now)
                if end > max(onset, now - _REACH):
                    rows.append((onset, end, who))
        rows.sort()
        onset, end, speaker = (np.array([row[i] for row in rows], float) for i in range(3))
        speaker = speaker.astype(np.int32)
        return Ipus(speaker, onset, end, np.zeros(len(rows), np.int32), SPEAKERS)
