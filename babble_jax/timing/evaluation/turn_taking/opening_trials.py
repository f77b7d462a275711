"""Rolls hazards out in each opening of recorded calls: when would the seat begin?

Axes: N openings, F frames, M interruptions.
"""

import dataclasses

import numpy as np

from babble_jax.timing.evaluation.turn_taking.agent_seat import AgentSeat
from babble_jax.timing.evaluation.turn_taking.cut_offs import (
    HORIZON,
    StartTimes,
    edges_of_speech,
    first_starts,
)
from babble_jax.timing.evaluation.turn_taking.frames import FramedCalls
from babble_jax.timing.evaluation.turn_taking.openings import LEAD, Openings
from babble_jax.timing.evaluation.turn_taking.traces import (
    Moments,
    SeatModel,
    Trace,
    moments_of,
    roll_out,
    take_snapshots,
)
from babble_jax.timing.floor.state import FRAME

CHUNK = 4096
"""Openings that are rolled out at once."""
LONGEST_PAUSE = 3.0
"""Seconds of a pause after which the agent's hazards no longer count."""
END_FRAMES, PAUSE_FRAMES = round((LEAD + HORIZON) / FRAME), round(LONGEST_PAUSE / FRAME)
_LEAD = round(LEAD / FRAME)


@dataclasses.dataclass(frozen=True, eq=False)
class OpeningHazards:
    """Holds the hazards of a seat in each opening, had it done nothing there.

    Attributes:
      pauses: N of them.
      ends: of turns, M of them.
      pause: [F, N, 2] float32 per frame from the beginning of each pause on.
      end: [F, M, 2] from `LEAD` before the end of each turn on.
    """

    pauses: Openings
    ends: Openings
    pause: np.ndarray
    end: np.ndarray

    @classmethod
    def empty(cls, pauses: Openings, ends: Openings) -> "OpeningHazards":
        """Makes room for them.

        Args:
          pauses: N of them.
          ends: of turns, M of them.
        """
        shapes = (PAUSE_FRAMES, len(pauses), 2), (END_FRAMES, len(ends), 2)
        return cls(pauses, ends, *(np.zeros(shape, np.float32) for shape in shapes))

    @property
    def moments(self) -> Moments:
        """Window, seat and frame of each view that is needed: those of the pauses, then those of the ends."""
        return (
            np.concatenate([self.pauses.window, self.ends.window]),
            np.concatenate([self.pauses.seat, self.ends.seat]),
            np.concatenate([self.pauses.begin, self.ends.begin - _LEAD]),
        )

    def starts(self, patience: float = 1.0, backchannels: float = 1.0) -> StartTimes:
        """Returns when the seat begins a turn.

        Args:
          patience: divides the hazards of beginning a turn.
          backchannels: multiplies those of beginning a backchannel.
        """
        factor = np.array([1 / patience, backchannels], np.float32)
        pause = np.cumsum(first_starts(self.pause * factor), axis=0)
        last = np.minimum(self.pauses.length, len(pause)) - 1
        cut = pause[last, np.arange(len(self.pauses))] if len(self.pauses) else np.zeros(0)
        return StartTimes(cut, first_starts(self.end * factor).T.astype(np.float32))


def add_openings(hazards: OpeningHazards, trace: Trace, calls: FramedCalls, model: SeatModel) -> None:
    """Rolls out the openings in the windows of a trace whose snapshots are those of `OpeningHazards.moments`.

    Args:
      hazards: to be filled.
      trace: of some windows.
      calls: all of them in frames.
      model: of the seat.
    """
    which = moments_of(trace.rows, hazards.moments[0])
    if trace.snapshots is None or trace.snapshot_people is None:
        return
    n = len(hazards.pauses)
    for rows, openings, target, first in (
        (np.flatnonzero(which < n), hazards.pauses, hazards.pause, 0),
        (np.flatnonzero(which >= n), hazards.ends, hazards.end, n),
    ):
        for begin in range(0, len(rows), CHUNK):
            part = rows[begin : begin + CHUNK]
            number = which[part] - first
            edges = _edges(calls, openings.take(number), openings is hazards.pauses, len(target))
            padded = np.zeros((len(target), CHUNK), bool)  # one shape is compiled once
            padded[:, : len(part)] = edges
            index = np.append(part, np.full(CHUNK - len(part), part[0]))
            value, _ = roll_out(
                take_snapshots(trace.snapshots, index), trace.snapshot_people[index], padded, model
            )
            target[:, number] = value[:, : len(part)]


def play_openings(
    pauses: Openings, ends: Openings, calls: FramedCalls, agent: AgentSeat, own_effects: np.ndarray
) -> OpeningHazards:
    """Rolls an agent out in each opening.

    Args:
      pauses: N of them.
      ends: of turns, M of them.
      calls: in frames.
      agent: at its delay.
      own_effects: [K] of the agent.
    """
    hazards = OpeningHazards.empty(pauses, ends)
    for openings, target in ((pauses, hazards.pause), (ends, hazards.end)):
        if not len(openings):
            continue
        edges = _edges(calls, openings, openings is pauses, len(target))
        begin = openings.begin if openings is pauses else openings.begin - _LEAD
        for i in range(len(openings)):
            window, seat = int(openings.window[i]), int(openings.seat[i])
            target[:, i] = agent.roll_out(calls, window, seat, int(begin[i]), edges[:, i], own_effects)
    return hazards


def _edges(calls: FramedCalls, openings: Openings, are_pauses: bool, frames: int) -> np.ndarray:
    """Returns the edges of the speech that is heard in each opening, [F, N]; after the end of a turn there are none."""
    if are_pauses:
        return edges_of_speech(calls, openings, openings.begin, frames, openings.begin + openings.length)
    return edges_of_speech(calls, openings, openings.begin - _LEAD, frames, openings.begin)
