"""Runs of the four states, and the transitions between solos: pauses, gaps, overlaps.

Axes: N IPUs, R runs, M transitions. Times are seconds, float64.
"""

import dataclasses
import enum

import numpy as np

from babble_jax.timing.events.ipu import Ipus


class Kind(enum.IntEnum):
    """A kind of transition between two solos."""

    PAUSE = 0  # silence, the same speaker goes on
    GAP = 1  # silence, another speaker takes over
    OVERLAP_BETWEEN = 2  # overlap, another speaker takes over
    OVERLAP_WITHIN = 3  # overlap, the same speaker goes on
    MIXED = 4  # several runs without a solo among them


@dataclasses.dataclass(frozen=True, eq=False)
class Transitions:
    """The transitions of one conversation, in the order of time.

    Attributes:
      kind: [M] int8, a `Kind`.
      start: [M] seconds, the end of the solo before.
      end: [M] seconds, the start of the solo after.
      before: [M] int32, the speaker of the solo before.
      after: [M] int32, the speaker of the solo after.
    """

    kind: np.ndarray
    start: np.ndarray
    end: np.ndarray
    before: np.ndarray
    after: np.ndarray

    def __len__(self) -> int:
        return len(self.kind)


def transitions(ipus: Ipus) -> Transitions:
    """Cuts the conversation into runs and names what lies between solos (definition 2).

    The states are nobody, one speaker alone (a solo), and several; with two speakers these are the four
    states. A transition is what lies between two solos that follow each other in one observed window. Solos
    that meet without anything between them, a floor transfer of exactly 0 s, are none.
    """
    state, start, window = runs(ipus)
    solo = np.flatnonzero(state > 0)
    first, second = solo[:-1], solo[1:]
    met = (second - first > 1) & (window[first] == window[second])
    first, second = first[met], second[met]
    before, after = state[first] - 1, state[second] - 1
    same, silent = before == after, state[first + 1] == _NOBODY
    kind = np.where(
        silent,
        np.where(same, Kind.PAUSE, Kind.GAP),
        np.where(same, Kind.OVERLAP_WITHIN, Kind.OVERLAP_BETWEEN),
    )
    kind = np.where(second - first > 2, Kind.MIXED, kind)
    return Transitions(
        kind.astype(np.int8), start[first + 1], start[second], before.astype(np.int32), after.astype(np.int32)
    )


_NOBODY, _MANY = 0, -1


def runs(ipus: Ipus) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cuts the conversation into runs: their state [R] (nobody, several, or 1 + the speaker who is alone), start [R]
    (seconds) and window [R].

    A run ends where the next one starts. The last of a window is of nobody and ends with the window.
    """
    n = len(ipus)
    time = np.concatenate([ipus.onset, ipus.end])
    window = np.concatenate([ipus.window, ipus.window])
    step = np.repeat([1, -1], n)
    name = np.concatenate([ipus.speaker, ipus.speaker]) + 1
    order = np.lexsort((time, window))
    time, window, step, name = time[order], window[order], step[order], name[order]
    # Of all edges at one moment only the state after the last counts.
    moment = (
        np.append((time[1:] != time[:-1]) | (window[1:] != window[:-1]), True) if n else np.zeros(0, bool)
    )
    active, who = np.cumsum(step)[moment], np.cumsum(step * name)[moment]
    state = np.where(active == 0, _NOBODY, np.where(active == 1, who, _MANY))
    time, window = time[moment], window[moment]
    change = np.append(True, (state[1:] != state[:-1]) | (window[1:] != window[:-1])) if n else moment
    return state[change], time[change], window[change]
