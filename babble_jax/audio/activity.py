"""Where a recording speaks: intervals of activity, from phone labels or from the energy.

Axes: K intervals, T samples, F frames of 10 ms.

An interval is an inter-pausal unit with a finer grain than that of dialogue events: silences shorter than 0.1 s belong
to it, so that a voice that learns to fill an interval leaves no pause in it that a detector could call one.
"""

from pathlib import Path

import numpy as np

from babble_jax.errors import BabbleError

GAP = 0.1  # seconds
SHORTEST = 0.05  # seconds
BELOW_ACTIVE = 30.0  # dB
LABELS = ".lab"
_PAUSES = frozenset({"pau", "sil", "sp", "spn", "h#", "#", "#h", "_", ""})
_FRAME = 0.010  # seconds
_MARGIN = 15.9  # dB; ITU-T P.56, method B


def bridged(intervals: np.ndarray, gap: float = GAP, shortest: float = SHORTEST) -> np.ndarray:
    """Intervals [K, 2] in order, across silences shorter than `gap`, without what is then shorter than `shortest`."""
    intervals = np.asarray(intervals, np.float64).reshape(-1, 2)
    if not len(intervals):
        return intervals
    parts = np.flatnonzero(intervals[1:, 0] - intervals[:-1, 1] >= gap)
    starts = intervals[np.concatenate([[0], parts + 1]), 0]
    stops = intervals[np.concatenate([parts, [len(intervals) - 1]]), 1]
    kept = stops - starts >= shortest
    return np.stack([starts[kept], stops[kept]], axis=1)


def by_energy(audio: np.ndarray, rate: int, below: float = BELOW_ACTIVE) -> np.ndarray:
    """Activity of a recording [T] whose background is quiet.

    A frame of 10 ms is active if its power is at most `below` dB under the recording's active level: the mean power
    of the largest set of frames that lie no more than 15.9 dB under it (after ITU-T P.56). On festvox-ru (every sixth
    recording, intervals bridged) 98 % of the frames agree with the phone labels; the first onset is 8 ms late and
    the last offset 15 ms early, in the median. With a noise floor above the threshold all is active.

    Returns:
      [K, 2] float64 seconds, `bridged`.
    """
    size = round(_FRAME * rate)
    whole = np.asarray(audio[: len(audio) // size * size], np.float64).reshape(-1, size)
    power = np.mean(np.square(whole), axis=1)
    active = power[power > 0]
    while len(active):
        louder = active[active >= np.mean(active) * 10 ** (-_MARGIN / 10)]
        if len(louder) == len(active):
            break
        active = louder
    if not len(active):
        return np.zeros((0, 2))
    sounding = power >= np.mean(active) * 10 ** (-below / 10)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], sounding, [False]])))
    return bridged(edges.reshape(-1, 2) * (size / rate))


def read_labels(path: Path) -> np.ndarray:
    """Activity from phone labels as Festival's voices keep them (xlabel): lines `END COLOUR PHONE` after one `#`.

    Each phone begins where the one before ends. Pauses are `pau`, `sil`, `sp`, `spn`, `h#`, `#h`, `#` and `_`.

    Returns:
      [K, 2] float64 seconds, `bridged`.

    Raises:
      BabbleError: a line that is not of this form, or ends that go back; names the line.
    """
    intervals, before, begun = [], 0.0, False
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        parts = line.split()
        if not begun:
            begun = parts == ["#"]
            continue
        if not parts:
            continue
        try:
            end = float(parts[0])
            if len(parts) < 2 or not before <= end < float("inf"):
                raise ValueError
        except ValueError:
            raise BabbleError(
                f"{path}: line {number} is no label (END COLOUR PHONE, ends that rise); correct it, or remove the file."
            ) from None
        if (parts[2] if len(parts) > 2 else "") not in _PAUSES:
            intervals.append((before, end))
        before = end
    if not begun:
        raise BabbleError(f"{path}: there are no labels after a line `#`; correct it, or remove the file.")
    return bridged(np.array(intervals))
