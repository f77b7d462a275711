"""Bits per sample of a voice on a split, and of two n-gram baselines.

Axes: N recordings, Q levels.
"""

import dataclasses
import math
from pathlib import Path

import jax
import numpy as np

from babble_jax.dataset.source import Recordings
from babble_jax.dataset.tbptt import prefetch_batches, schedule_visits
from babble_jax.train.devices import DeviceMesh
from babble_jax.train.evaluate import Evaluator
from babble_jax.train.task import Evaluation, Task
from babble_jax.train.tasks.voice.conditioning import batch_conditioning
from babble_jax.voice.conditioning.unit_models import UnitModels
from babble_jax.voice.config import VoiceConfig

BIGRAM_LEVELS = 4096
"""Levels at most of which bigrams are counted, in a table of their square."""


@dataclasses.dataclass(frozen=True)
class VoiceMetrics:
    """Metrics of a voice on recordings.

    Attributes:
      bits: bits per sample, the mean of -log2 p.
      accuracy: share of samples that were the most likely level.
      samples: number of samples, each counted once.
    """

    bits: float
    accuracy: float
    samples: int

    @classmethod
    def of(cls, evaluation: Evaluation) -> "VoiceMetrics":
        """Takes them from an evaluation."""
        return cls(**evaluation.metrics, samples=int(evaluation.weight))


def subsample(recordings: Recordings, count: int) -> Recordings:
    """Selects `count` evenly spaced recordings of a split, so that every speaker has some; all for 0."""
    if not 0 < count < len(recordings):
        return recordings
    return recordings.select(np.linspace(0, len(recordings) - 1, count).round().astype(int).tolist())


def voice_evaluator(
    task: Task,
    voice: VoiceConfig,
    mesh: DeviceMesh,
    recordings: Recordings,
    batch_size: int,
    unit_models: UnitModels | None,
    workdir: Path | None = None,
) -> Evaluator:
    """Makes the evaluator of a voice on recordings, which counts every sample once.

    Args:
      task: task of the voice, with a `VoiceTrainConfig`.
      voice: config of the voice.
      mesh: devices for `batch_size` streams.
      recordings: recordings of the split.
      batch_size: streams read side by side, over all devices and processes; a multiple of the number of devices.
      unit_models: units that the voice is conditioned on, for a voice with units.
      workdir: folder of the run, where features are stored if the data set's may not be written.
    """
    share = {"process_index": jax.process_index(), "process_count": jax.process_count()}
    local, subsequence = (
        batch_conditioning(task.config, voice, recordings, unit_models, workdir),
        task.config.subsequence,
    )
    batches = prefetch_batches(recordings, batch_size, subsequence, 0, passes=1, local=local, **share)
    visits = schedule_visits(0, recordings.lengths, batch_size, subsequence, passes=1)
    total = max(v.step - int(-recordings.lengths[v.recording] // subsequence) for v in visits)
    return Evaluator(task, mesh, batches, batch_size, total)


def ngram_baselines(config: VoiceConfig, train: Recordings, test: Recordings) -> dict[str, float]:
    """Computes bits per sample of a unigram and a bigram (first-order Markov) model of the codes.

    Unigram counts start at 1. The bigram model backs off to the unigram model with the weight of Q^(1/2) samples, and
    a recording's first sample follows the code of silence, as it does for a voice.

    Args:
      config: config of the voice, whose quantizer makes the codes.
      train: recordings on which the models are counted.
      test: recordings that are scored.

    Returns:
      Bits per sample on `test`: "unigram", and "markov" for the bigram model.

    Raises:
      ValueError: there are more than `BIGRAM_LEVELS` levels.
    """
    q_levels = config.quantizer.q_levels
    if q_levels > BIGRAM_LEVELS:
        raise ValueError(f"bigrams are counted of {BIGRAM_LEVELS} levels at most, not {q_levels}")
    encode = jax.jit(config.encode)

    def count_bigrams(recordings: Recordings) -> np.ndarray:
        counts = np.zeros((q_levels, q_levels), np.int64)
        for i in range(len(recordings)):
            codes = np.asarray(encode(recordings.read(i)))
            codes = np.concatenate([[config.quantizer.zero], codes]).astype(np.int64)
            bigrams = codes[:-1] * q_levels + codes[1:]
            counts += np.bincount(bigrams, minlength=q_levels**2).reshape(q_levels, q_levels)
        return counts

    counts, test_counts = count_bigrams(train), count_bigrams(test)
    unigram = (counts.sum(axis=0) + 1) / (counts.sum() + q_levels)
    prior = math.sqrt(q_levels)
    markov = (counts + prior * unigram[None]) / (counts.sum(axis=1, keepdims=True) + prior)
    return {
        "unigram": float(-(test_counts.sum(axis=0) * np.log2(unigram)).sum() / test_counts.sum()),
        "markov": float(-(test_counts * np.log2(markov)).sum() / test_counts.sum()),
    }
