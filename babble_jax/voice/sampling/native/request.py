"""The arrays that a native sampler reads and writes for one block of samples.

Axes: B streams, T samples, N rows of features, C features, Q levels, K components of a mixture.
"""

from typing import NamedTuple

import numpy as np

from babble_jax.voice.contract import SampleModel
from babble_jax.voice.distributions.contract import Sampling
from babble_jax.voice.distributions.logistic_mixture import (
    INITIAL_LOG_SCALE,
    LARGEST_LOG_SCALE,
    MEAN_UNIT,
    DiscretizedLogisticMixture,
)


class DrawSettings(NamedTuple):
    """Settings of the draw of a sample.

    Attributes:
      q_levels: Q.
      components: K; 0 for classes.
      top_k: number of levels that may be drawn; Q for all.
      temperature: of the draw, as the distribution follows it; 0 takes the mode.
      mean_unit: mean of a component where a model computes 1.
      initial_log_scale: log of the scale of a component where a model computes 0.
      least_log_scale: lower bound of that logarithm.
      largest_log_scale: upper bound of it.
    """

    q_levels: int
    components: int
    top_k: int
    temperature: float
    mean_unit: float
    initial_log_scale: float
    least_log_scale: float
    largest_log_scale: float


def draw_settings(voice: SampleModel, sampling: Sampling) -> DrawSettings:
    """Collects the settings of the draw of a voice's samples.

    Args:
      voice: the sample model.
      sampling: temperature and top k.
    """
    levels, distribution = voice.q_levels, voice.distribution
    mixture = distribution if isinstance(distribution, DiscretizedLogisticMixture) else None
    return DrawSettings(
        levels,
        0 if mixture is None else mixture.components,
        min(sampling.top_k or levels, levels),
        float(sampling.temperature),
        MEAN_UNIT,
        INITIAL_LOG_SCALE,
        0.0 if mixture is None else mixture.least_log_scale,
        LARGEST_LOG_SCALE,
    )


class SampleRequest(NamedTuple):
    """Inputs and outputs of one block.

    Attributes:
      uniform: [B, T] float32 in [0, 1), one per sample.
      forced: [B, T] int32, samples that replace the free ones; or [B, 0].
      draw: settings of the draw of a sample.
      speaker: [B] int64; 0 for a voice without speakers.
      local: [B, N, C] float32, features.
      free_samples: [B, T] int32, written: the samples that the uniforms select.
      log_probs: [B, T] float32, written: nats of the samples, at temperature 1; or [B, 0], where none are asked for.
    """

    uniform: np.ndarray
    forced: np.ndarray
    draw: DrawSettings
    speaker: np.ndarray
    local: np.ndarray
    free_samples: np.ndarray
    log_probs: np.ndarray
