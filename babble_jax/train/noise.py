"""Noise on the past samples while training, so that a voice learns to come back from its own errors.

Axes: B streams, T samples, Q levels.

A voice that has only ever seen clean recordings takes what it said itself for clean, too: its errors add up, and in
free running it may fall into a full-scale tone within seconds. After LPCNet (Valin & Skoglund 2019, arXiv 1810.11846,
its section on noise injection): what the voice sees is inject_noise in the companded domain, by noise of a deviation drawn
anew for each stream and step; what it has to predict stays clean. The deviation is that of LPCNet cubed: mostly small, or
the voice would never see the valleys of a spectrum, and take hiss for speech; now and then large, or it would heed its
own past, wherever that went, more than what it is told.
"""

import jax
import jax.numpy as jnp


def inject_noise(samples: jax.Array, levels: int, most: float, keys: jax.Array) -> jax.Array:
    """The samples with Gaussian noise, rounded; its standard deviation is `most` u^3 in each stream, u uniform in [0, 1).

    Args:
      samples: [B, T] int32 in [0, Q).
      levels: Q.
      most: the largest standard deviation, in quantization levels.
      keys: [B] PRNG keys, consumed.

    Returns:
      [B, T] int32 in [0, Q).
    """

    def one(key, line):
        how, what = jax.random.split(key)
        deviation = most * jax.random.uniform(how) ** 3
        moved = line + jnp.rint(deviation * jax.random.normal(what, line.shape)).astype(jnp.int32)
        return jnp.clip(moved, 0, levels - 1)

    return jax.vmap(one)(keys, samples)
