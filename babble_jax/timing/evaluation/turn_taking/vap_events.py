"""Finds the events on which voice activity projection is scored, by times alone.

Axes: T frames of a window, 2 speakers, N events. The rules are those of VAP's `events.py`: silence between two
islands of one speaker is filled; a shift or a hold is a silence that begins at `EARLIEST` seconds or later and lasts
`SILENCE` at least, before which only the previous speaker is active (filled) for `MARGIN` seconds, and after which
only the next.

Different from the original: all backchannels and all stretches of solo speech are used, where theirs takes the number
  of negatives from another list; and shifts and holds are scored in the first moments of the silence, too, since the
  average over all of it tells how long it lasted.

References: Ekstedt & Skantze, Interspeech 2022 (arXiv 2205.09812); Inoue et al. 2024 (arXiv 2403.06487).
"""

import dataclasses

import numpy as np

from babble_jax.timing.evaluation.turn_taking.frames import FramedCalls, speaking
from babble_jax.timing.floor.state import FRAME

EARLIEST, SILENCE, MARGIN = 3.0, 0.25, 1.0
"""Seconds: of the first silence, the least silence, and the stretches before and after it."""
PREDICTION = 0.5
"""Seconds before a silence or a backchannel in which it is to be predicted."""
ONSET = 0.2
"""Seconds of an onset after which short and long IPUs are to be told apart."""
LONGEST_BACKCHANNEL, ISOLATION, SHORTEST_LONG = 1.0, 1.0, 1.0
"""Seconds: of a backchannel, of own silence on both sides of it, and of the IPUs that are long."""


@dataclasses.dataclass(frozen=True, eq=False)
class Silences:
    """Holds shifts and holds, [N] each.

    Attributes:
      window: number of the window.
      previous: the speaker before.
      shift: bool, whether the other speaker is next.
      begin: first frame of the silence.
      end: first frame after it.
    """

    window: np.ndarray
    previous: np.ndarray
    shift: np.ndarray
    begin: np.ndarray
    end: np.ndarray

    def __len__(self) -> int:
        return len(self.window)


@dataclasses.dataclass(frozen=True, eq=False)
class Moments:
    """Holds positive and negative moments of a prediction, [N] each.

    Attributes:
      window: number of the window.
      speaker: whose IPU or backchannel it is, or would be.
      begin: first frame of the region that is scored.
      positive: bool.
    """

    window: np.ndarray
    speaker: np.ndarray
    begin: np.ndarray
    positive: np.ndarray

    def __len__(self) -> int:
        return len(self.window)


def fill_silences(on: np.ndarray) -> np.ndarray:
    """Fills mutual silences between solo speech of one and the same speaker, [T, 2] bool of [T, 2] bool."""
    filled = on.copy()
    for begin, end, before, after in silent_runs(on):
        if before == after:
            filled[begin:end, before] = True
    return filled


def silent_runs(on: np.ndarray) -> list[tuple[int, int, int, int]]:
    """Lists the mutual silences between solo speech: first frame, first frame after, speaker before and after.

    Args:
      on: [T, 2] bool.
    """
    silent = ~np.asarray(on.any(axis=1))
    edges = np.flatnonzero(np.diff(silent.astype(np.int8)))
    begins, ends = edges[silent[edges + 1]] + 1, edges[silent[edges]] + 1
    if len(ends) and len(begins) and ends[0] < begins[0]:
        ends = ends[1:]
    result = []
    for begin, end in zip(begins, ends, strict=False):
        before, after = np.flatnonzero(on[begin - 1]), np.flatnonzero(on[end])
        if len(before) == len(after) == 1:
            result.append((int(begin), int(end), int(before[0]), int(after[0])))
    return result


def find_silences(calls: FramedCalls) -> Silences:
    """Finds shifts and holds in the speech of each window."""
    earliest, least, margin = (round(s / FRAME) for s in (EARLIEST, SILENCE, MARGIN))
    rows = []
    for w in range(len(calls)):
        on = speaking(calls.detected[w, : calls.frames[w]])
        sums = np.concatenate([np.zeros((1, 2), int), np.cumsum(on, axis=0)])
        filled = np.concatenate([np.zeros((1, 2), int), np.cumsum(fill_silences(on), axis=0)])
        for begin, end, before, after in silent_runs(on):
            if begin < max(earliest, margin) or end - begin < least or end + margin > len(on):
                continue
            alone = (
                sums[begin, 1 - before] == sums[begin - margin, 1 - before]
                and filled[begin, before] - filled[begin - margin, before] == margin
                and sums[end + margin, 1 - after] == sums[end, 1 - after]
                and filled[end + margin, after] - filled[end, after] == margin
            )
            if alone:
                rows.append((w, before, before != after, begin, end))
    columns = np.array(rows, int).reshape(-1, 5).T
    return Silences(columns[0], columns[1], columns[2].astype(bool), columns[3], columns[4])


def find_onsets(calls: FramedCalls) -> Moments:
    """Finds the onsets of backchannels (positive) and of IPUs of `SHORTEST_LONG` at least; regions begin with them."""
    longest, isolation, long = (round(s / FRAME) for s in (LONGEST_BACKCHANNEL, ISOLATION, SHORTEST_LONG))
    rows = []
    for w, s, onset, end, before, after in _islands(calls):
        length = end - onset
        if length <= longest and min(before, after) >= isolation:
            rows.append((w, s, onset, True))
        elif length >= long:
            rows.append((w, s, onset, False))
    return _moments(rows)


def find_backchannels(calls: FramedCalls) -> Moments:
    """Finds the stretches before backchannels, and pieces of solo speech of the other that precede no onset.

    A negative is a piece of `PREDICTION` seconds in which only the other speaks, and in the `PREDICTION` seconds
    after which the speaker begins nothing either.
    """
    longest, isolation, piece = (round(s / FRAME) for s in (LONGEST_BACKCHANNEL, ISOLATION, PREDICTION))
    rows = []
    for w, s, onset, end, before, after in _islands(calls):
        if end - onset <= longest and min(before, after) >= isolation and onset >= piece:
            rows.append((w, s, onset - piece, True))
    for w in range(len(calls)):
        on = speaking(calls.codes[w, : calls.frames[w]])
        for s in (0, 1):
            solo = on[:, 1 - s] & ~on[:, s]
            pieces = np.asarray(solo[: len(solo) // piece * piece].reshape(-1, piece).all(axis=1))
            quiet = ~np.asarray(on[: len(solo) // piece * piece, s].reshape(-1, piece).any(axis=1))
            for number in np.flatnonzero(pieces[:-1] & quiet[1:]):
                rows.append((w, s, number * piece, False))
    return _moments(rows)


def _islands(calls: FramedCalls) -> list[tuple[int, int, int, int, int, int]]:
    """Lists IPUs: window, speaker, onset, end, and the frames of own silence before and after; uncut ones only."""
    rows = []
    for w in range(len(calls)):
        for s in (0, 1):
            edges = np.flatnonzero(calls.codes[w, :, s])
            onset, end = edges[::2], edges[1::2]
            onset = onset[: len(end)]
            before = onset - np.append(0, end[:-1])
            after = np.append(onset[1:], calls.frames[w]) - end
            rows += [
                (w, s, int(a), int(b), int(x), int(y))
                for a, b, x, y in zip(onset, end, before, after, strict=True)
            ]
    return rows


def _moments(rows: list[tuple[int, int, int, bool]]) -> Moments:
    columns = np.array(rows, int).reshape(-1, 4).T
    return Moments(columns[0], columns[1], columns[2], columns[3].astype(bool))
