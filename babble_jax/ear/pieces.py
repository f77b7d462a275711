"""Cuts long recordings into pieces, at their quietest places.

Axes: T samples.
"""

import numpy as np

_LEAST, _MOST = 1500, 3000  # steps of a piece: 30 s and 60 s
_WIDTH = 10  # steps over which the level is averaged


def cut_at_quiet(audio: np.ndarray, samples: int, least: int = _LEAST, most: int = _MOST) -> list[int]:
    """Finds the first step of each piece of a recording.

    Args:
      audio: [T] float amplitudes.
      samples: of a step.
      least: steps of a piece, but the last.
      most: steps of a piece.

    Returns:
      Ascending, the first 0; each cut is where the mean power is least from `least` to `most` steps after the last.
    """
    steps = len(audio) // samples
    cuts = [0]
    if steps <= most:
        return cuts
    power = np.square(audio[: steps * samples].reshape(steps, samples)).mean(1, dtype=np.float64)
    level = np.convolve(power, np.full(_WIDTH, 1 / _WIDTH), mode="same")
    while steps - cuts[-1] > most:
        window = level[cuts[-1] + least : cuts[-1] + most]
        cuts.append(cuts[-1] + least + int(window.argmin()))
    return cuts
