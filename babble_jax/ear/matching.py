"""Brings sound to the level and the spectrum of the recordings that an ear was trained on.

An ear takes for the spectrum of a phone what the microphone made of it, too, so that it hears little through another
one. The mean spectrum of the frames in which there is speech is compared with that of the training: a little difference
is what was said, a larger one the microphone, the room or the voice, and is taken away.

Axes: T samples, F mel frames, M bands.
"""

import dataclasses
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax.audio import wave
from babble_jax.audio.mel import LOWEST_POWER
from babble_jax.ear.config import EarConfig
from babble_jax.ear.features import FeatureStream, features
from babble_jax.ear.leveling import MOST_GAIN_DB, choose_some, find_gain, measure_power

SPECTRUM_KEY = "active_spectrum_db"
"""Entry of a card: mean over the active frames of the training recordings, a number for each band."""
LEAST_DISTANCE = 2.0
"""dB from which on a spectrum is matched; 95 of 100 recordings like those of the training lie nearer."""
LEAST_SECONDS = 2.0
"""Active seconds without which the spectrum of a sound is not known well enough."""
_ACTIVE_DB = 30.0  # below the loudest frames
_LOUDEST = 0.01  # share of the frames
_AT_ONCE = 640_000  # samples whose features are in memory at once
_SMOOTH = 9  # bands over which a difference is averaged
_FLOOR = 10 * math.log10(LOWEST_POWER)
_LOWEST, _LEVELS = -110, 160  # dB; levels of 1 dB


@dataclasses.dataclass(frozen=True, eq=False)
class SoundMatch:
    """What brings a sound to that of an ear's training.

    Attributes:
      gain: factor on the amplitudes.
      curve: [M] dB that are added to the features; None for none.
      distance: root mean square over the bands in dB, by which the shape of the spectrum lies off; None where it is not
        known.
    """

    gain: float = 1.0
    curve: np.ndarray | None = None
    distance: float | None = None

    @property
    def lies_off(self) -> bool:
        """Says if the spectrum lies so far off that it is to be matched."""
        return self.distance is not None and self.distance > LEAST_DISTANCE


def find_match(
    blocks: Iterable[np.ndarray], config: EarConfig, card: Mapping[str, Any], spectrum: bool = True
) -> SoundMatch:
    """Finds what brings a sound to that of an ear's training, by all of it.

    Args:
      blocks: [T] float each, at the rate of the ear.
      config: of the ear.
      card: of the ear; what is not on it is not matched.
      spectrum: whether the spectrum is matched, too, or the level alone; how far it lies off is measured in any case.
    """
    target = target_spectrum(card, config.bands)
    if target is None:
        return SoundMatch(find_gain(measure_power(blocks, config.sample_rate), card))
    stream, meter = FeatureStream(config), SpectrumMeter(config.bands)

    def pass_through_meter() -> Iterator[np.ndarray]:
        for block in blocks:
            for first in range(0, len(block), _AT_ONCE):
                meter.push(stream.push(block[first : first + _AT_ONCE]))
            yield block

    gain = find_gain(measure_power(pass_through_meter(), config.sample_rate), card)
    meter.push(stream.finish())
    mean = meter.mean(LEAST_SECONDS / config.hop)
    if mean is None:
        return SoundMatch(gain)
    curve = np.minimum(smooth(target - mean - 20 * math.log10(gain)), MOST_GAIN_DB)
    distance = float(np.std(curve))
    match = SoundMatch(gain, None, distance)
    if not spectrum or not match.lies_off:
        return match
    return dataclasses.replace(match, curve=curve.astype(np.float32))


def smooth(curve: np.ndarray) -> np.ndarray:
    """Averages a curve [M] over nine bands around each."""
    padded = np.pad(curve, _SMOOTH // 2, mode="edge")
    return np.convolve(padded, np.full(_SMOOTH, 1 / _SMOOTH), "valid")


def target_spectrum(card: Mapping[str, Any], bands: int) -> np.ndarray | None:
    """Returns the mean spectrum [M] of an ear's training in dB; None where its card has none."""
    values = card.get(SPECTRUM_KEY)
    if not isinstance(values, list) or len(values) != bands:
        return None
    numbers = all(isinstance(value, int | float) and math.isfinite(value) for value in values)
    return np.array(values, float) if numbers else None


class SpectrumMeter:
    """Averages the features of the active frames of a sound that comes in blocks.

    Which frames are active is known at the end only: those within 30 dB of the loudest hundredth. So sums are kept by
    the level of the frame, in steps of 1 dB.

    Args:
      bands: M.
    """

    def __init__(self, bands: int):
        self._sums, self._counts = np.zeros((_LEVELS, bands)), np.zeros(_LEVELS, np.int64)

    def push(self, values: np.ndarray) -> None:
        """Takes the next features, [F, M] dB; frames of digital silence do not count."""
        values = values[values.max(axis=1, initial=_FLOOR) > _FLOOR]
        level = 10 * np.log10(np.sum(10 ** (values.astype(np.float64) / 10), axis=1))
        at = np.clip(np.floor(level).astype(int) - _LOWEST, 0, _LEVELS - 1)
        np.add.at(self._sums, at, values)
        self._counts += np.bincount(at, minlength=_LEVELS)

    def mean(self, least: float) -> np.ndarray | None:
        """Computes the mean [M] over the active frames; None of fewer than `least` frames.

        Args:
          least: number of frames.
        """
        count = self.active
        return None if count < max(1.0, least) else self._sums[self._levels()].sum(axis=0) / count

    @property
    def active(self) -> int:
        """Number of active frames."""
        return int(self._counts[self._levels()].sum())

    def _levels(self) -> slice:
        """Finds the levels of active frames."""
        above = np.cumsum(self._counts[::-1])[::-1]  # frames at a level or louder
        loudest = np.flatnonzero(above > _LOUDEST * self._counts.sum())
        return slice(max(0, int(loudest[-1] - _ACTIVE_DB)), None) if len(loudest) else slice(0)


def measure_spectrum(paths: Sequence[Path], config: EarConfig) -> list[float] | None:
    """Measures the mean spectrum of recordings, by 40 of them at most, [M] dB; None where all are silent.

    Args:
      paths: of the recordings.
      config: of the ear.
    """
    means = []
    for path in choose_some(paths):
        meter = SpectrumMeter(config.bands)
        audio = wave.read_sound(path, config.sample_rate).audio
        if np.any(audio):
            meter.push(features(audio, config))
            means.append(meter.mean(1))
    means = [mean for mean in means if mean is not None]
    return np.mean(means, axis=0).round(1).tolist() if means else None
