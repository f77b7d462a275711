"""Dropout that is the same whatever the length of a batch: its numbers are those of a stream's key and a position.

Axes: B streams, N positions, C channels.

A decoder that makes one step at a time then leaves out the same units as one that makes all of them at once, and
padding changes nothing.
"""

import jax
import jax.numpy as jnp

RESOLUTION = 2**16


def subkeys(keys: jax.Array, number: int) -> jax.Array:
    """Derives the keys [B] of a layer from those of its network.

    Args:
      keys: [B] PRNG keys.
      number: of the layer.
    """
    return jax.vmap(lambda key: jax.random.fold_in(key, number))(keys)


def draw_mask(
    keys: jax.Array, rate: float, positions: int, channels: int, first: jax.Array | int = 0
) -> jax.Array:
    """Draws which units are left out: each with a probability of `rate`, to 16 bits.

    Args:
      keys: [B] PRNG keys.
      rate: probability.
      positions: N.
      channels: C.
      first: number of the first position.

    Returns:
      [B, N, C] bool.
    """

    def draw(key, position):
        return jax.random.bits(jax.random.fold_in(key, position), (channels,), jnp.uint16)

    numbers = first + jnp.arange(positions)
    bits = jax.vmap(lambda key: jax.vmap(lambda position: draw(key, position))(numbers))(keys)
    return bits < jnp.uint16(round(rate * RESOLUTION))


def drop(x: jax.Array, keys: jax.Array | None, rate: float, first: jax.Array | int = 0) -> jax.Array:
    """Leaves out units, and scales the others so that the mean stays.

    Args:
      x: [B, N, C].
      keys: [B] PRNG keys; None to leave out nothing.
      rate: probability with which a unit is left out.
      first: number of the first position.
    """
    if keys is None or rate == 0:
        return x
    return jnp.where(draw_mask(keys, rate, x.shape[1], x.shape[2], first), 0.0, x / (1 - rate))
