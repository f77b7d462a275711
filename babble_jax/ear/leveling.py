"""Brings sound to the level of the recordings that an ear was trained on.

An ear that was trained at one level loses phones at others: features are not relative to the loudness.

Axes: T samples, F frames of 10 ms.
"""

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from babble_jax.audio import wave
from babble_jax.audio.level import active_level_db, active_power, frame_power, frame_samples

LEVEL_KEY = "active_level_db"
"""Entry of a card: median active level of the training recordings, dB of full scale."""
_MEASURED = 40  # recordings
MOST_GAIN_DB = 30.0
"""Largest change of the level, in both directions; what is softer still is hardly speech."""


def find_gain(power: np.ndarray, card: Mapping[str, Any]) -> float:
    """Finds the factor on the amplitude that brings a sound to the level of an ear's training.

    Args:
      power: [F] mean squares of the sound (`measure_power`).
      card: of the ear; without a level there, the factor is 1.
    """
    target, active = card.get(LEVEL_KEY), active_power(power)
    if not isinstance(target, int | float) or not math.isfinite(target) or active <= 0:
        return 1.0
    change = float(target) - 10 * math.log10(active)
    return 10 ** (min(max(change, -MOST_GAIN_DB), MOST_GAIN_DB) / 20)


def measure_level(paths: Sequence[str | os.PathLike]) -> float | None:
    """Measures the median active level of recordings in dB, by 40 of them at most; None where all are silent."""
    every = -(-len(paths) // _MEASURED)
    sounds = (wave.read(path) for path in paths[:: max(1, every)])
    levels = [level for audio, rate in sounds if math.isfinite(level := active_level_db(audio, rate))]
    return round(float(np.median(levels)), 2) if levels else None


def measure_power(blocks: Iterable[np.ndarray], rate: int) -> np.ndarray:
    """Measures the mean squares of the frames of a sound that comes in blocks.

    Args:
      blocks: [T] float each.
      rate: Hz.

    Returns:
      [F] float64; samples behind the last complete frame are left out.
    """
    size, rest, powers = frame_samples(rate), np.zeros(0, np.float32), [np.zeros(0)]
    for block in blocks:
        rest = np.concatenate([rest, block])
        count = len(rest) // size * size
        powers.append(frame_power(rest[:count], rate))
        rest = rest[count:]
    return np.concatenate(powers)
