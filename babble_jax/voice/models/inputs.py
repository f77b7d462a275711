"""Maps past samples to the inputs of a network: by a trainable vector for each level, or as real values.

Axes: Q levels, E units, F samples, D units of a layer.

Both are a look-up in a table of the Q levels and cost the same: see `Table`.
"""

from collections.abc import Mapping
from typing import Any, Literal

import flax.linen as nn
import jax
import jax.numpy as jnp

from babble_jax.voice.contract import array_namespace

Input = Literal["embedding", "real"]


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
    """Computes the table [Q, E] from the parameters of a `Table`; arrays of numpy by numpy."""
    if "embedding" in parameters:
        return parameters["embedding"]
    slope = parameters["slope"]
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
      [F, Q, D].
    """
    arrays = array_namespace(kernel)
    blocks = kernel.reshape(size, -1, kernel.shape[1])
    if embedding is None:
        return real(arrays.arange(q_levels), q_levels)[None, :, None] * blocks
    return arrays.einsum("qe,fed->fqd", embedding, blocks, optimize=True)
