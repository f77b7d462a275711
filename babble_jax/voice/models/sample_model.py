"""Parts that models have alike: the fields that the contract asks for, and an input of one sample at a time.

Axes: B streams, T samples, N rows of features, Q quantization levels, C features.
"""

import dataclasses
from typing import Any

import jax

from babble_jax.voice.contract import Cond, Params
from babble_jax.voice.distributions.contract import Distribution
from babble_jax.voice.distributions.kinds import build_distribution
from babble_jax.voice.models import weightnorm
from babble_jax.voice.models.inputs import input_table


@dataclasses.dataclass(frozen=True)
class ModelFields:
    """Fields of every model under the contract of `contract.SampleModel`.

    Attributes:
      config: shape of the network.
      q_levels: Q.
      speakers: number of speakers that `Cond.speaker` indexes (global conditioning); 0 for a voice without speakers.
      local: C of `Cond.local` (local conditioning); 0 for a voice without features.
      mixture: components of a mixture of logistics over the levels; 0 for classes.
    """

    config: Any
    q_levels: int = 256
    speakers: int = 0
    local: int = 0
    mixture: int = 0

    @property
    def distribution(self) -> Distribution:
        """See `contract.SampleModel`."""
        return build_distribution(self.q_levels, self.mixture)

    @property
    def frame(self) -> int:
        """Samples per row of features; 1 without features."""
        return self.config.hop if self.local else 1

    def count_samples(self, samples: jax.Array) -> int:
        """Counts the samples T of `apply`.

        Raises:
          ValueError: no multiple of `frame`.
        """
        length = samples.shape[1]
        if length % self.frame:
            raise ValueError(f"apply takes a multiple of {self.frame} samples, not {length}; push the rest")
        return length


@dataclasses.dataclass(frozen=True)
class OneSampleModel(ModelFields):
    """Fields of a model whose input is the sample before, by a table."""

    def weights(self, params: Params) -> Params:
        """Folds the weights and computes the table of the input."""
        if "table" in params:
            return params
        table = input_table(params["input"], self.q_levels)
        return weightnorm.fold_in_dtype(params, self.config.dtype) | {"table": table}


def as_one_row(cond: Cond | None) -> Cond | None:
    """Makes features [B, C] of a step one row of features, [B, 1, C]."""
    return cond if cond is None or cond.local is None else cond._replace(local=cond.local[:, None])
