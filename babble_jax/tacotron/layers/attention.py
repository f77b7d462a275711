"""Attention over the phones: by content (tanh), or also by its own earlier weights.

Axes: B streams, N phones, E numbers of a phone's encoding, A units of the comparison, W width of the location filters.

By content (Bahdanau et al. 2015, arXiv 1409.0473; in arXiv 1703.10135, section 3.2): e_n = v . tanh(q + k_n). Location
sensitive (Chorowski et al. 2015, arXiv 1506.07503, eq. 8 and 9; in arXiv 1712.05884, section 2.2): to q + k_n comes a
linear map of filters over the weights of the last step and over the sum of the weights of all steps before.
"""

from typing import NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp

from babble_jax.voice.models import cells

_NEVER = -1e9  # energy of padding; its weight is exactly 0 in float32


class Memory(NamedTuple):
    """All that the attention needs of an utterance.

    Attributes:
      encoding: [B, N, E].
      mask: [B, N] bool, phones that are no padding.
      keys: [B, N, A], what queries are compared with.
      scores: [A], v.
      location: [2 W, A], filters and linear map as one kernel; None for attention by content.
    """

    encoding: jax.Array
    mask: jax.Array
    keys: jax.Array
    scores: jax.Array
    location: jax.Array | None


def windows(x: jax.Array, width: int) -> jax.Array:
    """Collects the neighbours of each position, zeros beyond the ends.

    Args:
      x: [B, N, C].
      width: W; position n sees n - (W - 1) // 2 to n + W // 2.

    Returns:
      [B, N, W C].
    """
    before = (width - 1) // 2
    padded = jnp.pad(x, ((0, 0), (before, width - 1 - before), (0, 0)))
    return jnp.concatenate([padded[:, i : i + x.shape[1]] for i in range(width)], axis=-1)


def attend(memory: Memory, query: jax.Array, weights: jax.Array, total: jax.Array) -> jax.Array:
    """Computes where a query attends to: weights [B, N], which sum to 1 over the phones that are no padding.

    Args:
      memory: of the utterances.
      query: [B, A].
      weights: [B, N] of the last step.
      total: [B, N] sum of the weights of all steps before.
    """
    compared = memory.keys + query[:, None]
    if memory.location is not None:
        width = memory.location.shape[0] // 2
        rows = windows(jnp.stack([weights, total], axis=-1), width)
        compared = compared + cells.product(rows, memory.location)
    energies = cells.product(jnp.tanh(compared), memory.scores[:, None])[..., 0]
    return jax.nn.softmax(jnp.where(memory.mask, energies, _NEVER), axis=-1)


def read(memory: Memory, weights: jax.Array) -> jax.Array:
    """Computes the context [B, E], the mean of the encodings by weights [B, N]."""
    return jnp.einsum("bn,bne->be", weights, memory.encoding)


class Attention(nn.Module):
    """Parameters of an attention.

    Attributes:
      dim: A.
      query: units of the layer that asks.
      filters: location filters; 0 for attention by content.
      width: W.
    """

    dim: int
    query: int
    filters: int
    width: int

    def setup(self):
        """Makes the parts."""
        self.keys = cells.Linear(self.dim, initializer=cells.lecun)
        self.queries = cells.Kernel(self.query, self.dim, cells.lecun)
        self.scores = cells.Kernel(self.dim, 1, cells.lecun)
        if self.filters:
            self.convolution = cells.Kernel(2 * self.width, self.filters, cells.lecun)
            self.location = cells.Kernel(self.filters, self.dim, cells.lecun)

    def remember(self, encoding: jax.Array, mask: jax.Array) -> Memory:
        """Computes what is the same in all steps.

        Args:
          encoding: [B, N, E].
          mask: [B, N] bool.
        """
        location = cells.product(self.convolution(), self.location()) if self.filters else None
        return Memory(encoding, mask, self.keys(encoding), self.scores()[:, 0], location)

    def query_kernel(self) -> jax.Array:
        """Returns the kernel [query, A] of the queries."""
        return self.queries()
