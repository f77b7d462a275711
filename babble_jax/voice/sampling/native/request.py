"""The arrays that a native sampler reads and writes for one block of samples.

Axes: B streams, T samples, N rows of features, C features, Q levels.
"""

from typing import NamedTuple

import numpy as np


class SampleRequest(NamedTuple):
    """Inputs and outputs of one block.

    Attributes:
      uniform: [B, T] float32 in [0, 1), one per sample.
      forced: [B, T] int32, samples that replace the free ones; or [B, 0].
      top_k: number of levels that may be drawn; Q for all.
      temperature: divides the logits; 0 takes the most likely level.
      speaker: [B] int64; 0 for a voice without speakers.
      local: [B, N, C] float32, features.
      free_samples: [B, T] int32, written: the samples that the uniforms select.
      log_probs: [B, T] float32, written: nats of the samples, at temperature 1; or [B, 0], where none are asked for.
    """

    uniform: np.ndarray
    forced: np.ndarray
    top_k: int
    temperature: float
    speaker: np.ndarray
    local: np.ndarray
    free_samples: np.ndarray
    log_probs: np.ndarray
