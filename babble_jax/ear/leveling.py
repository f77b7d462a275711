"""Brings sound to the level of the recordings that an ear was trained on.

An ear that was trained at one level loses phones at others: features are not relative to the loudness.

Axes: T samples, F frames of 10 ms.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax.audio import wave
from babble_jax.audio.level import active_level_db, active_power, frame_power, frame_samples

LEVEL_KEY = "active_level_db"
"""Entry of a card: median active level of the training recordings, dB of full scale."""
_MEASURED = 40  # recordings
MOST_GAIN_DB = 30.0
"""Largest change of the level, in both directions; what is softer still is hardly speech."""
RUNNING_SECONDS = 10.0
"""Seconds of the past that the running level is measured in: so long after a change of the level the old one counts."""
_ASSUMED_SECONDS = 1.0
"""At the level of the training before the first sound, so that a noise there is not made loud at once."""
_EVERY_FRAMES = 10  # between two measurements, which change the factor


def find_gain(power: np.ndarray, card: Mapping[str, Any]) -> float:
    """Finds the factor on the amplitude that brings a sound to the level of an ear's training.

    Args:
      power: [F] mean squares of the sound (`measure_power`).
      card: of the ear; without a level there, the factor is 1.
    """
    active = active_power(power)
    return gain_from(10 * math.log10(active), card) if active > 0 else 1.0


def gain_from(level: float, card: Mapping[str, Any]) -> float:
    """Computes the factor on the amplitude that brings an active level to that of an ear's training.

    Args:
      level: active level of the sound, dB of full scale.
      card: of the ear; without a level there, the factor is 1.
    """
    target = target_level(card)
    if target is None:
        return 1.0
    return 10 ** (min(max(target - level, -MOST_GAIN_DB), MOST_GAIN_DB) / 20)


def target_level(card: Mapping[str, Any]) -> float | None:
    """Returns the active level of an ear's training, dB of full scale; None where its card has none."""
    target = card.get(LEVEL_KEY)
    return float(target) if isinstance(target, int | float) and math.isfinite(target) else None


class RunningGain:
    """Brings sound that comes in blocks to the level of an ear's training, by the level of what has come before.

    Every tenth of a second it measures the active level of the last `RUNNING_SECONDS`, as `find_gain` does of a whole
    sound, and takes the factor of that for the next tenth. Frames that are softer than the level of the training by
    more than `MOST_GAIN_DB` are left out. Before the first sound lies a second at the level of the training. The
    factors depend on the sound alone, never on the blocks that it comes in.

    Args:
      card: of the ear; without a level there, the sound stays as it is.
      rate: Hz.
    """

    def __init__(self, card: Mapping[str, Any], rate: int):
        self._card, self._rate, self._gain = card, rate, 1.0
        self._tenth = np.zeros(0, np.float32)  # what has come of it
        target = target_level(card)
        if target is not None:
            level = 10 ** (target / 10)
            self._least = level * 10 ** (-MOST_GAIN_DB / 10)
            self._power = np.full(self._frames(_ASSUMED_SECONDS), level)

    def _frames(self, seconds: float) -> int:
        return round(seconds * self._rate / frame_samples(self._rate))

    def apply(self, block: np.ndarray) -> np.ndarray:
        """Returns the next sound, [T] float32 of any length, at the level."""
        if target_level(self._card) is None:
            return block
        size, parts = _EVERY_FRAMES * frame_samples(self._rate), [np.zeros(0, np.float32)]
        while len(block):
            part, block = np.split(block, [size - len(self._tenth)])
            parts.append(np.float32(self._gain) * part)
            self._tenth = np.concatenate([self._tenth, part])
            if len(self._tenth) == size:
                power = np.concatenate([self._power, frame_power(self._tenth, self._rate)])
                self._power, self._tenth = power[-self._frames(RUNNING_SECONDS) :], self._tenth[:0]
                self._gain = find_gain(self._power[self._power >= self._least], self._card)
        return np.concatenate(parts)


def choose_some(paths: Sequence[Path]) -> Sequence[Path]:
    """Chooses 40 recordings at most, spread over all."""
    return paths[:: max(1, -(-len(paths) // _MEASURED))]


def measure_level(paths: Sequence[Path]) -> float | None:
    """Measures the median active level of recordings in dB, by 40 of them at most; None where all are silent."""
    sounds = (wave.read(path) for path in choose_some(paths))
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
