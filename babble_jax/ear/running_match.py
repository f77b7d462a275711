"""Brings the spectrum of sound that comes in blocks to that of the recordings that an ear was trained on.

Axes: F mel frames, M bands.
"""

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np

from babble_jax.ear.config import EarConfig
from babble_jax.ear.leveling import MOST_GAIN_DB
from babble_jax.ear.matching import LEAST_DISTANCE, LEAST_SECONDS, SpectrumMeter, smooth, target_spectrum

_EVERY_SECONDS = 0.5  # between two measurements, which change the curve
_FEW_SECONDS = 1.2
"""By it over the active seconds the distance from which on there is a curve is larger: 3.2 dB after two seconds, 2.4
after six. Of 41 passages like those of the training 95 of 100 lay nearer than 3.1 and 2.5 dB then."""


class RunningMatch:
    """Brings features to the spectrum of an ear's training, by what has come before.

    Twice a second it measures the mean over the active frames of all that has come, as `find_match` does of a whole
    sound. From two active seconds on, if that lies off, the frames of the next half second get the curve by which it
    does. What lies off is farther at first, since the phones of a few seconds are not all phones. The curves depend on
    the frames alone, never on the blocks that they come in. A shallow copy goes its own way.

    Args:
      config: of the ear.
      card: of the ear; without a spectrum there, the features stay as they are.
    """

    def __init__(self, config: EarConfig, card: Mapping[str, Any]):
        self._target = target_spectrum(card, config.bands)
        self._hop, self._every = config.hop, round(_EVERY_SECONDS / config.hop)
        self._meter = SpectrumMeter(config.bands)
        self._part = np.zeros((0, config.bands), np.float32)  # what has come since the last measurement
        self.curve: np.ndarray | None = None

    def apply(self, frames: np.ndarray) -> np.ndarray:
        """Returns the next features, [F, M] dB at the level of the training, at its spectrum, too."""
        if self._target is None:
            return frames
        parts = [frames[:0]]
        while len(frames):
            some, frames = np.split(frames, [self._every - len(self._part)])
            parts.append(some if self.curve is None else some + self.curve)
            self._part = np.concatenate([self._part, some])
            if len(self._part) == self._every:
                self._measure(self._target)
        return np.concatenate(parts)

    def _measure(self, target: np.ndarray) -> None:
        """Takes what has come since the last time into account."""
        self._meter = copy.deepcopy(self._meter)
        self._meter.push(self._part)
        self._part = self._part[:0]
        mean = self._meter.mean(LEAST_SECONDS / self._hop)
        if mean is None:
            return
        distance = LEAST_DISTANCE * (1 + _FEW_SECONDS / (self._meter.active * self._hop))
        curve = np.minimum(smooth(target - mean), MOST_GAIN_DB).astype(np.float32)
        self.curve = curve if np.std(curve) > distance else None
