"""Errors of an ear in recordings that are noisy or coarsely quantized.

Axes: T samples.
"""

from collections.abc import Sequence

import numpy as np

from babble_jax.audio import wave
from babble_jax.audio.level import active_level_db
from babble_jax.audio.quantize import Quantizer
from babble_jax.dataset.labelled.recording import LabelledRecording
from babble_jax.ear.ear import Ear
from babble_jax.progress import Progress
from experiments.pipelines.ear_scores import UNCOUNTED, score_strings, spell

RATIOS_DB = (30, 20, 10)
"""Of speech over white noise."""
_QUANTIZER = Quantizer("mu_law")


def degrade(audio: np.ndarray, rate: int, ratio: float | None, seed: int) -> np.ndarray:
    """Adds white noise to a sound, or quantizes it by mu-law with 256 levels.

    Args:
      audio: [T] float amplitudes.
      rate: Hz.
      ratio: active level of the sound over that of the noise, dB; None quantizes.
      seed: of the noise.
    """
    if ratio is None:
        return np.asarray(_QUANTIZER.decode(_QUANTIZER.encode(audio)), np.float32)
    scale = 10 ** ((active_level_db(audio, rate) - ratio) / 20)
    return (audio + scale * np.random.default_rng(seed).normal(size=len(audio))).astype(np.float32)


def score_noise(ear: Ear, recordings: Sequence[LabelledRecording]) -> dict[str, dict[str, float]]:
    """Scores what an ear hears, by its best path, in recordings with and without noise.

    Args:
      ear: of phones.
      recordings: with labels.

    Returns:
      By the name of the condition (`clean`, `quantized`, and the ratio in dB) the share of errors with its interval, as
      `score_strings` gives it.
    """
    rate, reference = ear.config.sample_rate, [spell(one) for one in recordings]
    conditions = {"quantized": None, **{f"{ratio} dB": ratio for ratio in RATIOS_DB}}
    strings: dict[str, list[list[str]]] = {name: [] for name in ("clean", *conditions)}
    with Progress("hearing noise", len(recordings), "recordings") as progress:
        for seed, one in enumerate(recordings):
            audio, _ = wave.read(one.path, rate)
            sounds = {"clean": audio} | {
                name: degrade(audio, rate, ratio, seed) for name, ratio in conditions.items()
            }
            for name, sound in sounds.items():
                symbols = ear.hear(sound, rate, None).symbols
                strings[name].append([symbol for symbol in symbols if symbol not in UNCOUNTED])
            progress.update()
    return score_strings(reference, strings)
