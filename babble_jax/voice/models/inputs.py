"""Maps past samples to the inputs of a network: by a trainable vector for each level, or as real values.

Axes: Q levels, E units, F samples, D units of a layer.

Both are a look-up in a table of the Q levels and cost the same: see `Table`. Where there are more levels than
`TABLE_LEVELS`, as of 16 bits, a table of real values would be larger than the network: it is then a table of one row,
which `look_up` multiplies by the value.
"""

from collections.abc import Mapping
from typing import Any, Literal

import flax.linen as nn
import jax
import jax.numpy as jnp

from babble_jax.voice.contract import array_namespace

Input = Literal["embedding", "real"]
TABLE_LEVELS = 4096
"""Levels at most whose real values are looked up in a table."""


def real(samples: jax.Array, q_levels: int) -> jax.Array:
    """Maps codes of any shape to float32 in [-2, 2], as the SampleRNN authors feed real values."""
    return samples.astype(jnp.float32) * (4 / q_levels) - 2


class Table(nn.Module):
    """Table of the input vectors of Q levels: a vector for each level, or its real value times one common vector."""

    kind: Input
    q_levels: int
    size: int

    @nn.compact
    def __call__(self) -> jax.Array:
        """Computes the table, [Q, E]."""
        if self.kind == "embedding":
            parameters = {
                "embedding": self.param("embedding", nn.initializers.normal(1.0), (self.q_levels, self.size))
            }
        else:
            # Not named "kernel": a direction in one dimension is a sign, which weight normalization cannot learn.
            parameters = {"slope": self.param("slope", nn.initializers.normal(1.0), (self.size,))}
        return input_table(parameters, self.q_levels)


def input_table(parameters: Mapping[str, Any], q_levels: int) -> jax.Array:
    """Computes the table [Q, E] from the parameters of a `Table`, or [1, E]; arrays of numpy by numpy."""
    if "embedding" in parameters:
        return parameters["embedding"]
    slope = parameters["slope"]
    if q_levels > TABLE_LEVELS:
        return slope[None]
    return real(array_namespace(slope).arange(q_levels), q_levels)[:, None] * slope[None]


def sample_tables(kernel: jax.Array, embedding: jax.Array | None, size: int, q_levels: int) -> jax.Array:
    """Computes the contribution of each of the last F samples to a layer, for each of its Q values; numpy's by numpy.

    To embed F samples and multiply the concatenated vectors by a [F E, D] kernel is a sum of F look-ups in these
    tables. So is multiplying F real values by a [F, D] kernel.

    Args:
      kernel: [F E, D]; [F, D] for real values.
      embedding: [Q, E]; None for real values.
      size: F.
      q_levels: Q.

    Returns:
      [F, Q, D]; [F, 1, D] for real values of more than `TABLE_LEVELS` levels.
    """
    arrays = array_namespace(kernel)
    blocks = kernel.reshape(size, -1, kernel.shape[1])
    if embedding is None and q_levels > TABLE_LEVELS:
        return blocks
    if embedding is None:
        return real(arrays.arange(q_levels), q_levels)[None, :, None] * blocks
    return arrays.einsum("qe,fed->fqd", embedding, blocks, optimize=True)


def look_up(table: jax.Array, samples: jax.Array, q_levels: int) -> jax.Array:
    """Looks samples up in a table of their levels.

    Args:
      table: [Q, D], or [1, D], which is multiplied by the real value of the sample.
      samples: [...] int32 in [0, Q).
      q_levels: Q.

    Returns:
      [..., D].
    """
    if table.shape[0] == 1:
        return real(samples, q_levels)[..., None] * table[0].reshape(*[1] * samples.ndim, -1)
    return table[samples]
