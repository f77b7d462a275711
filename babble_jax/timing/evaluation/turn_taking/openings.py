"""Finds the openings of recorded calls: pauses that an agent should leave alone, and ends of turns to answer.

Axes: N openings, in frames of a window. The seat of the agent is that of the other speaker.

A pause is a silence of at least `SHORTEST` seconds between two stretches of speech of one speaker within a turn, or
one into which the other cut in (`speaker.events.cut_ins`). The end of a turn counts where the other one takes it, not
in a cut-in.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.evaluation.speaker.events import cut_ins
from babble_jax.timing.evaluation.turn_taking.frames import FramedCalls, speaking
from babble_jax.timing.events import Definitions, Ipus, backchannels, floor_transfers, ipus
from babble_jax.timing.events.turns import turns
from babble_jax.timing.floor.state import FRAME

SHORTEST = 0.1
"""Seconds of the shortest pause that counts."""
LEAD = 1.0
"""Seconds before the end of a turn from which on the agent may begin."""


@dataclasses.dataclass(frozen=True, eq=False)
class Openings:
    """Holds pauses or ends of turns, [N] each.

    Attributes:
      window: number of the window.
      seat: of the agent, the speaker who is silent.
      begin: frame in which the silence begins.
      length: frames of the silence of the one who speaks; of an end of a turn, those until that speaker begins again.
      turn: number of the turn, unique among all calls.
      human: frames from the beginning of the silence to the onset of the person in the agent's seat, negative in
        overlap;
        the largest integer where there is none that counts: of a pause a cut-in, of the end of a turn the next turn.
    """

    window: np.ndarray
    seat: np.ndarray
    begin: np.ndarray
    length: np.ndarray
    turn: np.ndarray
    human: np.ndarray

    def __len__(self) -> int:
        return len(self.window)

    def take(self, rows: np.ndarray) -> "Openings":
        """Selects openings."""
        return Openings(*(getattr(self, field.name)[rows] for field in dataclasses.fields(self)))


NEVER = np.iinfo(np.int32).max


def find_openings(
    conversations: Sequence[Conversation], calls: FramedCalls, definitions: Definitions
) -> tuple[Openings, Openings]:
    """Finds the pauses and the ends of turns of all calls.

    Args:
      conversations: of two speakers each.
      calls: the same in frames.
      definitions: of the events.
    """
    pauses, ends, first_turn = [], [], 0
    for number, conversation in enumerate(conversations):
        units = ipus(conversation, definitions)
        for w in np.flatnonzero(calls.call == number):
            begin = calls.begin[w]
            window = int(np.argmin(np.abs(conversation.windows[:, 0] - begin)))
            own = units.take(units.window == window)
            window_pauses, window_ends, count = _one_window(own, calls, int(w), float(begin), definitions)
            pauses += [(w, *row[:3], row[3] + first_turn, row[4]) for row in window_pauses]
            ends += [(w, *row[:3], row[3] + first_turn, row[4]) for row in window_ends]
            first_turn += count
    return _openings(pauses), _openings(ends)


def _openings(rows: list[tuple]) -> Openings:
    return Openings(*np.array(rows, np.int64).reshape(-1, 6).T)


def _one_window(
    units: Ipus, calls: FramedCalls, w: int, begin: float, definitions: Definitions
) -> tuple[list[tuple], list[tuple], int]:
    """Returns rows of pauses and of ends of turns (seat, begin, length, turn, human), and the number of turns."""
    if not len(units):
        return [], [], 0
    transfers = floor_transfers(units, "turn", definitions)
    whole_turns = turns(units, transfers)
    on = speaking(calls.detected[w, : calls.frames[w]])
    floor_on = speaking(calls.codes[w, : calls.frames[w]])
    shortest = round(SHORTEST / FRAME)

    def frame(seconds: float) -> int:
        return int(np.floor((seconds - begin + 1e-9) / FRAME))

    cuts = cut_ins(units, definitions)
    cut_rows = {int(a): int(b) for a, b in cuts}
    cut_begin = {
        (int(units.speaker[a]), frame(units.end[a])): frame(units.onset[b]) for a, b in cut_rows.items()
    }
    spans = [
        [(frame(t.start), frame(t.end), i) for i, t in enumerate(_rows(whole_turns)) if t.speaker == s]
        for s in (0, 1)
    ]
    pauses = []
    for s in (0, 1):
        edges = np.flatnonzero(calls.detected[w, : calls.frames[w], s])
        ends, onsets = edges[1::2], edges[2::2]
        starts = np.array([span[0] for span in spans[s]])
        for end, onset in zip(ends, onsets, strict=False):
            if onset - end < shortest or floor_on[end, 1 - s]:
                continue
            row = int(np.searchsorted(starts, end, side="right")) - 1
            if row < 0:
                continue
            cut = cut_begin.get((s, int(end)))
            inside = onset <= spans[s][row][1] and not on[end:onset, 1 - s].any()
            if cut is not None and end <= cut < onset:
                pauses.append((1 - s, int(end), int(onset - end), spans[s][row][2], cut - int(end)))
            elif inside:
                pauses.append((1 - s, int(end), int(onset - end), spans[s][row][2], NEVER))
    ends_of_turns = []
    short = backchannels(units, definitions)
    lead = round(LEAD / FRAME)
    for row in np.flatnonzero(transfers.defined & ~short):
        before = int(transfers.previous[row])
        if cut_rows.get(before) == int(row):
            continue
        s, end, onset = int(units.speaker[before]), frame(units.end[before]), frame(units.onset[row])
        if end < lead or floor_on[end - lead, 1 - s] or onset < end - lead:
            continue
        later = np.flatnonzero(calls.codes[w, end + 1 : calls.frames[w], s])
        length = int(later[0]) + 1 if len(later) else int(calls.frames[w]) - end
        ends_of_turns.append((1 - s, end, length, int(whole_turns.of_ipu[before]), onset - end))
    return pauses, ends_of_turns, len(whole_turns)


@dataclasses.dataclass(frozen=True)
class _Turn:
    speaker: int
    start: float
    end: float


def _rows(whole_turns) -> list[_Turn]:
    return [
        _Turn(int(s), float(a), float(b))
        for s, a, b in zip(whole_turns.speaker, whole_turns.start, whole_turns.end, strict=True)
    ]
