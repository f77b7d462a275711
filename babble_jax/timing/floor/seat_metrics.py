"""Metrics of each seat of dialogues of two, dialogue by dialogue, by which a closed loop is compared with no delay.

Axes: D dialogues, 2 seats, C points of a distribution function. Times are seconds.
"""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.events import Definitions, Kind, backchannels, floor_transfers, ipus, transitions

KINDS = ("pause", "gap", "overlap_between", "overlap_within")
RATES = ("ipu", "backchannel", "fto", *KINDS)
"""Events that are counted by seat: transitions go to whose turn follows or, within a turn, whose it is."""


@dataclasses.dataclass(frozen=True, eq=False)
class SeatMetrics:
    """Holds what each seat of D dialogues did.

    Attributes:
      minutes: [D] observed.
      count: [D, 2, 7] of each of `RATES`.
      seconds: [D, 2, 4] in each of `KINDS`.
      fto: for each dialogue the floor-transfer offsets of both seats.
      ipu: for each dialogue the durations of both seats' IPUs.
      features: [D, F] of values that are computed besides; F may be 0.
    """

    minutes: np.ndarray
    count: np.ndarray
    seconds: np.ndarray
    fto: list[tuple[np.ndarray, np.ndarray]]
    ipu: list[tuple[np.ndarray, np.ndarray]]
    features: np.ndarray

    def pooled_fto(self, seat: int, dialogues: Sequence[int] | np.ndarray | None = None) -> np.ndarray:
        """Returns the offsets of a seat in all dialogues, or in some (with repetitions).

        Args:
          seat: 0 or 1.
          dialogues: their places.
        """
        rows = range(len(self.fto)) if dialogues is None else dialogues
        return np.concatenate([self.fto[d][seat] for d in rows])

    def rates(self) -> np.ndarray:
        """Returns events per minute, [2, 7]."""
        return self.count.sum(axis=0) / self.minutes.sum()


def measure_seats(
    conversations: Sequence[Conversation],
    definitions: Definitions,
    features: Callable[[Sequence[Conversation], Definitions], np.ndarray] | None = None,
) -> SeatMetrics:
    """Measures both seats of every dialogue.

    Args:
      conversations: of two speakers each.
      definitions: of the events.
      features: computes values of each dialogue, [D, F]; none where absent.
    """
    counts, seconds, ftos, lengths = [], [], [], []
    for conversation in conversations:
        units = ipus(conversation, definitions)
        short = backchannels(units, definitions)
        transfers = floor_transfers(units, "ipu", definitions)
        runs = transitions(units)
        length = runs.end - runs.start
        count, second, fto, ipu = np.zeros((2, len(RATES))), np.zeros((2, len(KINDS))), [], []
        for seat in (0, 1):
            own = units.speaker == seat
            fto.append(transfers.fto[transfers.defined & (transfers.speaker == seat)])
            ipu.append(units.duration[own])
            count[seat, :3] = own.sum(), (short & own).sum(), len(fto[-1])
            for i, kind in enumerate(KINDS):
                which = (runs.kind == Kind[kind.upper()]) & (runs.after == seat)
                count[seat, 3 + i] = which.sum()
                second[seat, i] = length[which].sum()
        counts.append(count)
        seconds.append(second)
        ftos.append((fto[0], fto[1]))
        lengths.append((ipu[0], ipu[1]))
    return SeatMetrics(
        np.array([c.seconds for c in conversations]) / 60,
        np.array(counts),
        np.array(seconds),
        ftos,
        lengths,
        features(conversations, definitions) if features else np.zeros((len(counts), 0)),
    )
