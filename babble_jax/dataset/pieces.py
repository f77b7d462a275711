"""Cuts long recordings at their pauses, so that one of them makes a data set.

Axes: T samples, C cuts.
"""

import numpy as np

from babble_jax.audio import pcm

PIECE_SECONDS = 30.0
"""Longest piece, unless the caller says another; utterances of read speech are shorter."""
MIN_PIECE_SECONDS = 1.0
PIECES = 10
"""Pieces that a recording is cut into at least where it is divided in time among the splits."""
DIVISIBLE_PIECES = 3
"""Pieces from which on a recording can be divided in time: one for each split."""
_HOP = 0.010  # seconds
_PAUSE = 0.200  # seconds over which the power is averaged
_PAUSE_SHARE = 0.1
"""Share of the mean power below which a place counts as a pause."""


def find_longest(seconds: float, piece: float, few: bool) -> float:
    """Returns the length in seconds that a piece of a recording may have at most.

    Args:
      seconds: length of the recording.
      piece: seconds that the caller allows; 0 for any.
      few: whether its pieces are divided among three splits: then one of 10 s or more is cut into ten pieces or more.
    """
    if piece == 0:
        return np.inf
    share = seconds / PIECES
    return min(piece, share) if few and share >= MIN_PIECE_SECONDS else piece


def find_cuts(samples: np.ndarray, rate: int, longest: float) -> tuple[np.ndarray, int]:
    """Finds where to cut a recording: each piece ends at the quietest 0.2 s of its second half.

    Args:
      samples: [T] int16.
      rate: Hz.
      longest: seconds of a piece at most.

    Returns:
      (cuts, loud): [C] int64 samples, 0 < cut < T; and how many of the cuts fall into no pause, having a tenth of the
      recording's mean power or more.
    """
    hop = max(1, round(_HOP * rate))
    limit = max(2, int(longest * rate) // hop) if np.isfinite(longest) else len(samples) + 1
    frames = len(samples) // hop
    if len(samples) <= limit * hop:
        return np.zeros(0, np.int64), 0
    power = np.empty(frames)
    for start in range(0, frames, 100_000):  # bounds the memory
        stop = min(frames, start + 100_000)
        block = pcm.from_int16(samples[start * hop : stop * hop])
        power[start:stop] = np.square(block, dtype=np.float64).reshape(stop - start, hop).mean(axis=1)
    width = min(max(1, round(_PAUSE / _HOP)), limit // 2)
    smooth = np.convolve(power, np.full(width, 1 / width), "same")
    cuts, begin, loud = [], 0, 0
    while frames - begin > limit:
        rest = frames - begin
        first, last = begin + limit // 2, begin + min(limit, rest - limit // 4)  # leaves no crumb
        quietest = np.flatnonzero(smooth[first:last] == smooth[first:last].min())
        begin = first + int(quietest[len(quietest) // 2])  # the middle of a digital silence
        loud += bool(smooth[begin] >= _PAUSE_SHARE * power.mean())
        cuts.append(begin * hop)
    return np.array(cuts, np.int64), loud
