"""Finds where a recording speaks: intervals of activity, from phone labels or from the energy.

Axes: K intervals, T samples, F frames of 10 ms.

An interval is an inter-pausal unit with a finer grain than that of dialogue events: silences shorter than 0.1 s belong
to it, so that a voice that learns to fill an interval leaves no pause in it that a detector could call one.
"""

from pathlib import Path

import numpy as np

from babble_jax.audio.level import active_power, frame_power, frame_samples
from babble_jax.errors import BabbleError
from babble_jax.input_files import read_bytes

MIN_PAUSE = 0.1  # seconds
MIN_ACTIVITY = 0.05  # seconds
BELOW_ACTIVE_DB = 30.0
LABEL_SUFFIX = ".lab"
_MOST_BYTES = 64 * 1024**2  # of labels: two million phones
PAUSES = frozenset({"pau", "sil", "sp", "spn", "h#", "#", "#h", "_", ""})
"""Names of silence among phone labels."""


def bridge_pauses(
    intervals: np.ndarray, min_pause: float = MIN_PAUSE, min_activity: float = MIN_ACTIVITY
) -> np.ndarray:
    """Merges intervals across short pauses, then drops the intervals that are still short.

    Args:
      intervals: [K, 2] seconds, in order.
      min_pause: seconds; shorter silences between two intervals are bridged.
      min_activity: seconds; shorter intervals are dropped after that.

    Returns:
      [K', 2] float64 seconds, in order.
    """
    intervals = np.asarray(intervals, np.float64).reshape(-1, 2)
    if not len(intervals):
        return intervals
    parts = np.flatnonzero(intervals[1:, 0] - intervals[:-1, 1] >= min_pause)
    onsets = intervals[np.concatenate([[0], parts + 1]), 0]
    ends = intervals[np.concatenate([parts, [len(intervals) - 1]]), 1]
    long_enough = ends - onsets >= min_activity
    return np.stack([onsets[long_enough], ends[long_enough]], axis=1)


def detect_by_energy(audio: np.ndarray, rate: int, below_active_db: float = BELOW_ACTIVE_DB) -> np.ndarray:
    """Finds the activity of a recording whose background is quiet.

    A frame of 10 ms is active if its power is at most `below_active_db` under the recording's active level
    (`babble_jax.audio.level.active_power`). On festvox-ru (every sixth recording, pauses bridged) 98 % of the frames
    agree with the phone labels; the first onset is 8 ms late and the last end 15 ms early, in the median. Where the
    background noise is louder than the threshold, all of the recording is active.

    Args:
      audio: [T] float.
      rate: Hz.
      below_active_db: dB.

    Returns:
      [K, 2] float64 seconds, after `bridge_pauses`.
    """
    power = frame_power(audio, rate)
    mean = active_power(power)
    if not mean:
        return np.zeros((0, 2))
    active = power >= mean * 10 ** (-below_active_db / 10)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], active, [False]])))
    return bridge_pauses(edges.reshape(-1, 2) * (frame_samples(rate) / rate))


def read_phone_labels(path: Path) -> np.ndarray:
    """Reads activity from the phone labels of a Festival voice (xlabel): lines `END COLOUR PHONE` after one `#`.

    Each phone begins where the one before ends. Pauses are `pau`, `sil`, `sp`, `spn`, `h#`, `#h`, `#` and `_`.

    Returns:
      [K, 2] float64 seconds, after `bridge_pauses`.

    Raises:
      BabbleError: a line that is not of this form, or ends that go back; names the line.
    """
    intervals, previous_end, in_labels = [], 0.0, False
    for number, line in enumerate(
        read_bytes(path, _MOST_BYTES).decode("utf-8", errors="replace").splitlines(), 1
    ):
        parts = line.split()
        if not in_labels:
            in_labels = parts == ["#"]
            continue
        if not parts:
            continue
        try:
            end = float(parts[0])
            if len(parts) < 2 or not previous_end <= end < float("inf"):
                raise ValueError
        except ValueError:
            raise BabbleError(
                f"{path}: line {number} is no label (END COLOUR PHONE, ends that rise); correct it, or remove the file."
            ) from None
        if (parts[2] if len(parts) > 2 else "") not in PAUSES:
            intervals.append((previous_end, end))
        previous_end = end
    if not in_labels:
        raise BabbleError(f"{path}: there are no labels after a line `#`; correct it, or remove the file.")
    return bridge_pauses(np.array(intervals))
