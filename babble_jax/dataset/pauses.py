"""Shortens the pauses of a recording, of which a voice that is not told when to speak learns to be silent.

Axes: T samples, K intervals of activity.
"""

import itertools

import numpy as np

SHORTEST = 0.1
"""Seconds; shorter silences belong to the activity around them (`babble_jax.audio.activity`)."""
LONGEST = 60.0
"""Seconds that a pause may be asked to last at most."""
_RAMP_SECONDS = 0.005


def shorten_pauses(
    samples: np.ndarray, active: np.ndarray, rate: int, longest: float
) -> tuple[np.ndarray, np.ndarray]:
    """Cuts the middle out of pauses; what is left on both sides is cross-faded within 5 ms.

    Speech stays as it is, to the sample, and so does the silence at both ends of the recording.

    Args:
      samples: [T] int16.
      active: [K, 2] int64 samples, in order.
      rate: Hz.
      longest: seconds of a pause at most; longer ones last exactly that.

    Returns:
      The samples, [T'] int16 with T' <= T, and the activity in them, [K, 2] int64.
    """
    most, ramp = round(longest * rate), round(_RAMP_SECONDS * rate)
    head = most // 2
    rising = (np.arange(ramp) + 1) / (ramp + 1)
    parts, moved, begin, removed = [], [active[:1]], 0, 0
    for (_, end), (onset, stop) in itertools.pairwise(active.tolist()):
        if onset - end > most + ramp:
            left = samples[begin : end + head].copy()
            begin = onset - (most - head)
            before = samples[begin - ramp : begin]
            left[len(left) - ramp :] = np.rint(left[len(left) - ramp :] * rising[::-1] + before * rising)
            parts.append(left)
            removed += onset - end - most
        moved.append(np.array([[onset - removed, stop - removed]]))
    return np.concatenate([*parts, samples[begin:]]), np.concatenate(moved).astype(np.int64)


def count_silent(active: np.ndarray, count: int) -> int:
    """Counts the samples of a recording in which it does not speak.

    Args:
      active: [K, 2] int64 samples.
      count: samples of the recording.
    """
    return count - int(np.sum(active[:, 1] - active[:, 0]))
