"""Metrics by which dialogues are compared, call by call: `comparison.compare_floor` sums and resamples them.

Axes: D dialogues, H bins of a histogram. Times are seconds.

Everything is a sum over calls wherever it can be, so that a bootstrap over calls is a product of matrices.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
import scipy.stats

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.events import Definitions, Ipus, Kind, backchannels, floor_transfers, ipus, transitions
from babble_jax.timing.events.runs import runs

KINDS = ("ipu", *(kind.name.lower() for kind in Kind if kind != Kind.MIXED), "backchannel")
STATES = ("nobody", "one", "several")
DISTRIBUTIONS = (*KINDS, "offset", *STATES)
"""Durations whose distributions are compared; a floor-transfer offset may be negative."""

BIN = 0.01
REACH = 30.0
"""Histograms are 10 ms fine and end at 30 s; what is longer counts as 30 s."""
ZERO = round(REACH / BIN)
"""The first bin at or above 0."""

MEDIANS = ("ipu", "pause", "gap", "offset")
"""Durations whose median in each call is taken, for the spread between calls."""

_MARGIN = 1e-6


@dataclasses.dataclass(frozen=True, eq=False)
class FloorMetrics:
    """Holds the metrics of D calls.

    Attributes:
      minutes: [D] observed.
      count: [D, 6] events of each of `KINDS` that begin in the window and not with it.
      seconds: [D, 6] of each within the window.
      state: [D, 3] seconds of each of `STATES`.
      histogram: for each of `DISTRIBUTIONS`, [D, H] counts of durations uncut by the edges of the window.
      median: [D, 4] of `MEDIANS`, NaN where a call has none.
      fto: the floor-transfer offsets of each call, in order of time.
    """

    minutes: np.ndarray
    count: np.ndarray
    seconds: np.ndarray
    state: np.ndarray
    histogram: dict[str, np.ndarray]
    median: np.ndarray
    fto: list[np.ndarray]

    def lag_sums(self, lag: int, within: bool) -> np.ndarray:
        """Returns sums of 1, x, y, x^2, y^2, xy over the pairs of offsets `lag` apart, [D, 6].

        x and y are ranks among all offsets; for `within`, less their mean in the call.
        """
        rank = scipy.stats.rankdata(np.concatenate(self.fto)) if self.fto else np.zeros(0)
        rank = rank / max(len(rank), 1) - 0.5
        parts = np.split(rank, np.cumsum([len(v) for v in self.fto])[:-1])
        rows = []
        for part in parts:
            part = part - part.mean() if within and len(part) else part
            x, y = part[:-lag], part[lag:]
            rows.append([len(x), x.sum(), y.sum(), x @ x, y @ y, x @ y])
        return np.array(rows, float)


def measure_floor(conversations: Sequence[Conversation], definitions: Definitions) -> FloorMetrics:
    """Measures every conversation."""
    rows = [_one(conversation, definitions) for conversation in conversations]
    lengths = [row["lengths"] for row in rows]
    return FloorMetrics(
        minutes=np.array([c.seconds for c in conversations]) / 60,
        count=np.array([row["count"] for row in rows], float),
        seconds=np.array([row["seconds"] for row in rows]),
        state=np.array([row["state"] for row in rows]),
        histogram={name: np.stack([_histogram(one[name]) for one in lengths]) for name in DISTRIBUTIONS},
        median=np.array([[np.median(one[n]) if len(one[n]) else np.nan for n in MEDIANS] for one in lengths]),
        fto=[one["offset"] for one in lengths],
    )


def _histogram(values: np.ndarray) -> np.ndarray:
    bins = np.floor((values + REACH) / BIN + 1e-6).astype(int)
    return np.bincount(np.clip(bins, 0, 2 * ZERO - 1), minlength=2 * ZERO).astype(np.float32)


def _one(conversation: Conversation, definitions: Definitions) -> dict:
    units = ipus(conversation, definitions)
    begin, finish = (conversation.windows[units.window, i] for i in (0, 1))
    enters, leaves = units.onset <= begin + _MARGIN, units.end >= finish - _MARGIN
    short = backchannels(units, definitions)
    runs_between = transitions(units)
    length = runs_between.end - runs_between.start
    lengths = {
        "ipu": units.duration[~enters & ~leaves],
        "backchannel": units.duration[short & ~enters & ~leaves],
    }
    count = {"ipu": int(np.sum(~enters)), "backchannel": int(np.sum(short & ~enters))}
    seconds = {"ipu": float(units.duration.sum()), "backchannel": float(units.duration[short].sum())}
    for kind in Kind:
        if kind != Kind.MIXED:
            lengths[kind.name.lower()] = length[runs_between.kind == kind]
            count[kind.name.lower()] = int(np.sum(runs_between.kind == kind))
            seconds[kind.name.lower()] = float(lengths[kind.name.lower()].sum())
    transfers = floor_transfers(units, "ipu", definitions)
    lengths["offset"] = transfers.fto[transfers.defined]
    dwell, state = _states(units, conversation.windows)
    lengths |= dwell
    return {
        "lengths": lengths,
        "count": [count[kind] for kind in KINDS],
        "seconds": [seconds[kind] for kind in KINDS],
        "state": state,
    }


def _states(units: Ipus, windows: np.ndarray) -> tuple[dict[str, np.ndarray], list[float]]:
    """Returns the durations of the uncut runs of each of `STATES`, and the seconds of all runs of each."""
    state, start, window = runs(units)
    state = np.where(state < 0, 2, np.minimum(state, 1))
    last = np.append(window[1:] != window[:-1], True) if len(window) else np.zeros(0, bool)
    end = np.where(last, windows[window, 1], np.append(start[1:], 0.0)) if len(window) else start
    first = np.append(True, window[1:] != window[:-1]) if len(window) else last
    length = np.maximum(end - start, 0)
    dwell = {name: length[(state == i) & ~first & ~last] for i, name in enumerate(STATES)}
    seconds = [float(length[state == i].sum()) for i in range(len(STATES))]
    seconds[0] = float(np.sum(windows[:, 1] - windows[:, 0])) - sum(seconds[1:])
    return dwell, seconds
