"""How past samples enter a network: by a learned vector for each level, or as the real values that they are.

Axes: Q levels, E units.

Both are a look-up in a table of the Q levels, so that either costs the same: see `Table`.
"""

from typing import Literal

import flax.linen as nn
import jax
import jax.numpy as jnp

Input = Literal["embedding", "real"]


def real(samples: jax.Array, levels: int) -> jax.Array:
    """Codes of any shape as float32 in [-2, 2], as the SampleRNN authors feed real values."""
    return samples.astype(jnp.float32) * (4 / levels) - 2


class Table(nn.Module):
    """What each of Q levels is to a network: a vector of its own, or its value times one vector for all."""

    kind: Input
    q_levels: int
    size: int

    @nn.compact
    def __call__(self) -> jax.Array:
        """[Q, E]."""
        if self.kind == "embedding":
            return self.param("embedding", nn.initializers.normal(1.0), (self.q_levels, self.size))
        # Not named "kernel": a direction in one dimension is a sign, which weight normalization cannot learn.
        slope = self.param("slope", nn.initializers.normal(1.0), (self.size,))
        return real(jnp.arange(self.q_levels), self.q_levels)[:, None] * slope[None]
