"""Adds noise to log-mel features, as though the recordings were noisy or coarsely quantized.

The features of white noise are added as powers. What is left out is the product of speech and noise, which is zero in
the mean, and as large as the noise where both are as loud.

Axes: F mel frames, M bands.
"""

import functools

import librosa
import numpy as np

from babble_jax.ear.config import EarConfig
from babble_jax.ear.features import features

RANGE_DB = 40.0
"""Ratios of speech to noise are drawn from the least one to so much above it."""
_SECONDS = 30.0  # of noise, of which pieces take parts
_LOUD = 0.5  # share of the frames, the loudest ones, whose mean power is that of the speech


def add_noise(values: np.ndarray, ratio: float, even: bool, first: float, config: EarConfig) -> np.ndarray:
    """Adds white noise to log-mel features.

    Args:
      values: [F, M] dB, as `babble_jax.ear.features.features` computes them.
      ratio: of speech to noise in dB; of the louder half of the frames if the noise is even, else of each frame.
      even: the noise has the same level throughout, as in a room; else its level follows that of the speech, as the
        error of logarithmic quantization does.
      first: [0, 1), which part of the noise is added.
      config: of the ear.

    Returns:
      [F, M] of the same type.
    """
    noise, weights = _white_noise(config)
    start = int(first * len(noise))
    noise_power = noise.take(np.arange(start, start + len(values)), axis=0, mode="wrap")
    power = 10 ** (values.astype(np.float32) / 10)
    level = power @ weights
    if even:
        level = np.sort(level)[-max(1, round(_LOUD * len(level))) :].mean(keepdims=True)
    gain = 10 ** (-ratio / 10) * level[:, None]
    return (10 * np.log10(power + gain * noise_power)).astype(values.dtype)


@functools.cache
def _white_noise(config: EarConfig) -> tuple[np.ndarray, np.ndarray]:
    """Makes white noise: its powers [F, M] at a power of 1, and the weights [M] of bands by which they sum to it.

    Slaney's bands have the same area, so that a band counts by the half of its width.
    """
    rng = np.random.default_rng(0)
    audio = rng.normal(size=round(_SECONDS * config.sample_rate)).astype(np.float32)
    power = 10 ** (features(audio, config) / 10)
    edges = librosa.mel_frequencies(config.bands + 2, fmax=config.sample_rate / 2)
    weights = ((edges[2:] - edges[:-2]) / 2).astype(np.float32)
    return power / (power @ weights).mean(), weights
