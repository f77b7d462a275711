"""Rolls the floor's hazards out in each opening of recorded calls: when would the seat begin?

Axes: N openings, F frames.
"""

import dataclasses

import numpy as np

from babble_jax.timing.evaluation.turn_taking.cut_offs import (
    HORIZON,
    StartTimes,
    edges_of_speech,
    first_starts,
)
from babble_jax.timing.evaluation.turn_taking.frames import FramedCalls
from babble_jax.timing.evaluation.turn_taking.openings import LEAD, NEVER, Openings
from babble_jax.timing.evaluation.turn_taking.traces import SeatModel, Trace, moments_of, roll_out, take_snapshots
from babble_jax.timing.floor.state import FRAME

CHUNK = 4096
"""Openings that are rolled out at once."""
LONGEST_PAUSE = 3.0
"""Seconds of a pause after which the agent's hazards no longer count."""


@dataclasses.dataclass(eq=False)
class OpeningTrials:
    """Collects the hazards of the seat in each opening, trace by trace, and what follows from them.

    Attributes:
      pauses: N of them.
      ends: of turns, M of them.
      calls: in frames.
      model: of the seat.
    """

    pauses: Openings
    ends: Openings
    calls: FramedCalls
    model: SeatModel

    def __post_init__(self):
        frames = round((LEAD + HORIZON) / FRAME), round(LONGEST_PAUSE / FRAME)
        self._ends = np.zeros((frames[0], len(self.ends), 2), np.float32)
        self._pauses = np.zeros((frames[1], len(self.pauses), 2), np.float32)

    @property
    def moments(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Window, seat and frame of each view that is needed: those of the pauses, then those of the ends."""
        return (
            np.concatenate([self.pauses.window, self.ends.window]),
            np.concatenate([self.pauses.seat, self.ends.seat]),
            np.concatenate([self.pauses.begin, self.ends.begin - round(LEAD / FRAME)]),
        )

    def add(self, trace: Trace) -> None:
        """Rolls out the openings in the windows of a trace, whose views are those of `moments`."""
        which = moments_of(trace.rows, self.moments[0])
        if trace.snapshots is None or trace.snapshot_people is None:
            return
        n = len(self.pauses)
        for rows, openings, target, first in (
            (np.flatnonzero(which < n), self.pauses, self._pauses, 0),
            (np.flatnonzero(which >= n), self.ends, self._ends, n),
        ):
            for begin in range(0, len(rows), CHUNK):
                part = rows[begin : begin + CHUNK]
                number = which[part] - first
                some = openings.take(number)
                if openings is self.pauses:
                    start, end = some.begin, some.begin + np.minimum(some.length, NEVER)
                else:
                    start, end = some.begin - round(LEAD / FRAME), some.begin
                toggles = edges_of_speech(self.calls, some, start, len(target), end)
                padded = np.zeros((len(target), CHUNK), bool)  # one shape is compiled once
                padded[:, : len(part)] = toggles
                index = np.append(part, np.full(CHUNK - len(part), part[0]))
                hazard, _ = roll_out(
                    take_snapshots(trace.snapshots, index), trace.snapshot_people[index], padded, self.model
                )
                target[:, number] = hazard[:, : len(part)]

    def starts(self, patience: float = 1.0, backchannels: float = 1.0) -> StartTimes:
        """Returns when the seat begins a turn.

        Args:
          patience: divides the hazards of beginning a turn.
          backchannels: multiplies those of beginning a backchannel.
        """
        factor = np.array([1 / patience, backchannels], np.float32)
        pause = np.cumsum(first_starts(self._pauses * factor), axis=0)
        last = np.minimum(self.pauses.length, len(pause)) - 1
        cut = pause[last, np.arange(len(self.pauses))] if len(self.pauses) else np.zeros(0)
        return StartTimes(cut, first_starts(self._ends * factor).T.astype(np.float32))
