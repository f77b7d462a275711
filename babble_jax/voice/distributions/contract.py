"""The contract of a distribution of a sample: log-probability, and a sample from one uniform.

Axes: P numbers that describe a distribution, Q quantization levels, `...` any shape.
"""

import dataclasses
from typing import Protocol

import jax


@dataclasses.dataclass(frozen=True)
class Sampling:
    """Settings of the draw of a sample from its distribution.

    Attributes:
      temperature: from 1e-6 to 1e6; below 1 narrows the distribution, above 1 widens it, 0 takes its mode. Each
        distribution says how.
      top_k: number of most likely levels to draw from; 0 for all.
    """

    temperature: float = 1.0
    top_k: int = 0

    def __post_init__(self):
        # a smaller one rounds to 0 in float32, a larger one to infinity
        if not (self.temperature == 0 or 1e-6 <= self.temperature <= 1e6):
            raise ValueError(f"temperature must be 0, or from 1e-6 to 1e6, not {self.temperature}")
        if self.top_k < 0:
            raise ValueError(f"top_k must be 0 (all levels) or more, not {self.top_k}")


class Distribution(Protocol):
    """A family of distributions over quantization levels, one for each row of P numbers that a model computes."""

    @property
    def q_levels(self) -> int:
        """Number of quantization levels, Q."""
        ...

    @property
    def size(self) -> int:
        """Numbers that describe a distribution, P."""
        ...

    def log_prob(self, outputs: jax.Array, samples: jax.Array) -> jax.Array:
        """Computes the log-probability of samples at temperature 1.

        Args:
          outputs: [..., P] float32, of a model.
          samples: [...] int32 in [0, Q).

        Returns:
          [...] float32 nats.
        """
        ...

    def is_mode(self, outputs: jax.Array, samples: jax.Array) -> jax.Array:
        """Tells whether samples are the mode of their distribution.

        Args:
          outputs: [..., P] float32, of a model.
          samples: [...] int32 in [0, Q).

        Returns:
          [...] bool.
        """
        ...

    def sample(self, outputs: jax.Array, uniform: jax.Array, sampling: Sampling = Sampling()) -> jax.Array:
        """Draws samples by the inverse cdf: the number of levels whose cumulative probability is at most the uniform.

        Args:
          outputs: [..., P] float32, of a model.
          uniform: [...] float32 in [0, 1), one for each sample.
          sampling: temperature and top k.

        Returns:
          [...] int32 in [0, Q).
        """
        ...

    def check(self, sampling: Sampling) -> None:
        """Checks settings of a draw.

        Raises:
          ValueError: the distribution cannot follow them.
        """
        ...
