"""Bits per sample of a voice on a split, and of the two laws that any voice must beat.

Axes: N recordings, Q levels.
"""

import dataclasses
import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.dataset.source import Recordings
from babble_jax.dataset.tbptt import batches, schedule
from babble_jax.progress import Progress
from babble_jax.train.conditioning import batch_conditioning
from babble_jax.train.config import TrainConfig
from babble_jax.train.devices import Parallel
from babble_jax.train.state import TrainState
from babble_jax.train.step import Batch, Metrics, evaluation_step
from babble_jax.voice.conditioning.units import Units
from babble_jax.voice.config import VoiceConfig


@dataclasses.dataclass(frozen=True)
class Score:
    """Attributes:
    bits: mean -log2 p of a sample.
    accuracy: share of samples that were the most likely ones.
    samples: how many were scored: all of the split, once each.
    """

    bits: float
    accuracy: float
    samples: int


def bits(nats: float, weight: float) -> float:
    """Bits per sample from sums."""
    return nats / max(weight, 1.0) / math.log(2)


def subsample(recordings: Recordings, count: int) -> Recordings:
    """`count` recordings of a split, evenly spaced, so that every speaker has some; all for 0."""
    if not 0 < count < len(recordings):
        return recordings
    return recordings.select(np.linspace(0, len(recordings) - 1, count).round().astype(int).tolist())


class Evaluation:
    """Scores a voice on recordings. Compiles once; every sample counts once, whatever the last batch looks like.

    Args:
      config: of the run.
      parallel: over as many batch_size as `batch_size`.
      recordings: of the split.
      batch_size: recordings read side by side, over all devices and processes; a multiple of their number.
      units: that the voice is told, if it is.
    """

    def __init__(
        self,
        config: TrainConfig,
        parallel: Parallel,
        recordings: Recordings,
        batch_size: int,
        units: Units | None = None,
    ):
        share = {"process_index": jax.process_index(), "process_count": jax.process_count()}
        local = batch_conditioning(config, recordings, units)
        self._batches = batches(recordings, batch_size, config.subsequence, 0, passes=1, local=local, **share)
        visits = schedule(0, recordings.lengths, batch_size, config.subsequence, passes=1)
        self._total = max(
            v.step - int(-recordings.lengths[v.recording] // config.subsequence) for v in visits
        )
        self._voice, self._batch_size, self._parallel = config.voice.sample_model, batch_size, parallel
        self._step: Callable[[TrainState, Batch], tuple[TrainState, Metrics]]
        self._step = parallel.compile(evaluation_step(config))

    def __call__(self, params) -> Score:
        """Scores flat parameters."""
        step, key = jnp.zeros((), jnp.int32), jnp.zeros(2, jnp.uint32)
        batch_size = self._voice.initial_state(params, self._batch_size)  # each begins with a reset
        state = self._parallel.place(TrainState(step, params, (), batch_size, key))
        sums = np.zeros(3)
        with Progress("evaluation", self._total, "batches") as progress:
            for batch in self._batches:
                state, figures = self._step(state, batch)
                sums += [float(figures.nats), float(figures.weight), float(figures.correct)]
                progress.update()
        return Score(bits(sums[0], sums[1]), sums[2] / sums[1], int(sums[1]))


def ngram_baselines(config: VoiceConfig, train: Recordings, test: Recordings) -> dict[str, float]:
    """Bits per sample of the unigram and the first-order Markov law of the codes, counted on `train`.

    Unigram counts start at 1. The Markov law backs off to the unigram one with the weight of Q^(1/2) samples, and a
    recording's first sample follows the code of silence, as it does for a voice.
    """
    levels = config.quantizer.q_levels
    encode = jax.jit(config.encode)

    def pairs(recordings: Recordings) -> np.ndarray:
        counts = np.zeros((levels, levels), np.int64)
        for i in range(len(recordings)):
            codes = np.asarray(encode(recordings.read(i)))
            line = np.concatenate([[config.quantizer.zero], codes]).astype(np.int64)
            counts += np.bincount(line[:-1] * levels + line[1:], minlength=levels**2).reshape(levels, levels)
        return counts

    seen, asked = pairs(train), pairs(test)
    unigram = (seen.sum(axis=0) + 1) / (seen.sum() + levels)
    prior = math.sqrt(levels)
    markov = (seen + prior * unigram[None]) / (seen.sum(axis=1, keepdims=True) + prior)
    return {
        "unigram": float(-(asked.sum(axis=0) * np.log2(unigram)).sum() / asked.sum()),
        "markov": float(-(asked * np.log2(markov)).sum() / asked.sum()),
    }
