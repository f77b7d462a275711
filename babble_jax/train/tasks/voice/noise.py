"""Noise on the past samples in training, so that a voice learns to recover from its own errors.

Axes: B streams, T samples, Q levels.

A voice that is trained on clean recordings alone treats its own samples as clean: in free running its errors
accumulate, and it may fall into a full-scale tone within seconds. After LPCNet (Valin & Skoglund 2019, arXiv
1810.11846, section on noise injection), the past samples that the voice takes are disturbed in the companded domain,
by noise whose standard deviation is drawn anew for each stream and step; the samples that it predicts stay clean.
LPCNet draws the deviation uniformly; here it is proportional to the cube of a uniform number. It is mostly small,
since otherwise the voice would never see the valleys of a spectrum and take hiss for speech; it is sometimes large,
since otherwise the voice would follow its own past more than its conditioning.
"""

import jax
import jax.numpy as jnp


def inject_noise(samples: jax.Array, q_levels: int, max_deviation: float, keys: jax.Array) -> jax.Array:
    """Adds rounded Gaussian noise, with a standard deviation of `max_deviation` u^3 per stream, u uniform in [0, 1).

    Args:
      samples: [B, T] int32 in [0, Q).
      q_levels: Q.
      max_deviation: largest standard deviation, in quantization levels.
      keys: [B] PRNG keys, consumed.

    Returns:
      [B, T] int32 in [0, Q).
    """

    def inject_into_stream(key, stream):
        deviation_key, noise_key = jax.random.split(key)
        deviation = max_deviation * jax.random.uniform(deviation_key) ** 3
        noise = jnp.rint(deviation * jax.random.normal(noise_key, stream.shape)).astype(jnp.int32)
        return jnp.clip(stream + noise, 0, q_levels - 1)

    return jax.vmap(inject_into_stream)(keys, samples)
