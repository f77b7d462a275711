"""Cuts labelled recordings in their silences."""

import math

import numpy as np

from babble_jax.dataset.labelled.recording import SILENCE

_LEAST_SILENCE = 0.08  # seconds of a silence in which a recording may be cut
_EDGE = 0.5  # seconds of a piece at least


def find_cuts(
    symbols: tuple[str, ...], onset: np.ndarray, end: np.ndarray, seconds: float, longest: float
) -> list[float]:
    """Finds the times of cuts, each in the middle of a silence, so that pieces have about the same length.

    A piece is longer than `longest` only where no silence is within reach.

    Args:
      symbols: N symbols.
      onset: [N] seconds.
      end: [N] seconds.
      seconds: duration of the recording.
      longest: seconds of a piece.

    Returns:
      Seconds, rising.
    """
    middles = [
        float(onset[i] + end[i]) / 2
        for i, symbol in enumerate(symbols)
        if symbol == SILENCE and end[i] - onset[i] >= _LEAST_SILENCE and onset[i] > 0 and end[i] < seconds
    ]
    share = seconds / max(1, math.ceil(seconds / longest - 1e-9))
    cuts: list[float] = []
    begin = 0.0
    while seconds - begin > longest:
        ahead = [cut for cut in middles if cut > begin + _EDGE and seconds - cut > _EDGE]
        if not ahead:
            break
        wanted = begin + share
        within = [cut for cut in ahead if cut - begin <= longest] or ahead[:1]
        begin = min(within, key=lambda cut, wanted=wanted: abs(cut - wanted))
        cuts.append(begin)
    return cuts
