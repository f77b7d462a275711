"""Computes keys and uniforms of streams by numpy, equal to the bit to those of `jax.random`.

JAX would compile each of them first, which costs half a second before the first sound.

Axes: B streams, T samples.
"""

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.voice.sampling.ancestral import uniforms

_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_PARITY = np.uint32(0x1BD11BDA)


def threefry2x32(key: np.ndarray, high: np.ndarray, low: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hashes counters by Threefry-2x32 with 20 rounds (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2,
    3", section 4.2).

    Args:
      key: [..., 2] uint32.
      high: first words of the counters, uint32; broadcasts against the keys.
      low: second words, uint32.

    Returns:
      Both words of the hashes, uint32.
    """
    first, second = key[..., 0], key[..., 1]
    schedule = (first, second, first ^ second ^ _PARITY)
    x, y = high + first, low + second
    for group in range(5):
        for rotation in _ROTATIONS[group % 2]:
            x = x + y
            y = (y << np.uint32(rotation)) | (y >> np.uint32(32 - rotation))
            y = y ^ x
        x = x + schedule[(group + 1) % 3]
        y = y + schedule[(group + 2) % 3] + np.uint32(group + 1)
    return x, y


def stream_keys(seed: int, streams: int) -> jax.Array:
    """Makes the keys of streams, `jax.random.split(jax.random.key(seed), streams)`.

    Args:
      seed: from 0 to 2**32 - 1.
      streams: B.

    Returns:
      [B] PRNG keys.
    """
    counters = np.arange(streams, dtype=np.uint32)
    words = threefry2x32(np.array([0, seed], np.uint32), np.zeros_like(counters), counters)
    return jax.random.wrap_key_data(jnp.asarray(np.stack(words, axis=-1)), impl="threefry2x32")


def stream_uniforms(keys: jax.Array, start: int, length: int) -> np.ndarray:
    """Computes the uniforms of samples start ... start + T - 1 of B streams, those of `ancestral.uniforms`.

    Args:
      keys: [B] PRNG keys of the streams; not consumed. Other keys than Threefry's are left to JAX.
      start: absolute index of the first sample.
      length: T.

    Returns:
      [B, T] float32 in [0, 1).
    """
    words = np.asarray(jax.random.key_data(keys))
    if words.shape[-1] != 2:
        return np.asarray(uniforms(keys, start, length))
    index = np.uint32(start) + np.arange(length, dtype=np.uint32)
    zero = np.zeros((), np.uint32)
    folded = np.stack(threefry2x32(words[:, None], zero, index), axis=-1)
    x, y = threefry2x32(folded, zero, zero)
    bits = ((x ^ y) >> np.uint32(9)) | np.uint32(0x3F800000)  # the mantissa of a float32 in [1, 2)
    return bits.view(np.float32) - np.float32(1)
