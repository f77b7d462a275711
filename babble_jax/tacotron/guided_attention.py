"""Losses that lead the attention: along the diagonal, or to the phones that sound.

Axes: B streams, S steps, N phones.

Attention that is learned from the sound alone needs many hours of speech to find the order of the phones. Both losses
are per step of the decoder: their weight beside the loss of the frames does not depend on the length of an utterance.
"""

import jax
import jax.numpy as jnp

_SMALL = 1e-6
_WIDTH = 0.2


def diagonal_penalty(
    phone_lengths: jax.Array, step_lengths: jax.Array, phones: int, steps: int, width: float = _WIDTH
) -> jax.Array:
    """Computes 1 - exp(-(n / N - s / S)^2 / (2 g^2)) (Tachibana et al. 2018, arXiv 1710.08969, section 4.1).

    Args:
      phone_lengths: [B] phones of each utterance.
      step_lengths: [B] steps of each utterance.
      phones: N.
      steps: S.
      width: g, of the way from the first phone to the last.

    Returns:
      [B, S, N] in [0, 1).
    """
    phone = jnp.arange(phones)[None, None] / jnp.maximum(phone_lengths, 1)[:, None, None]
    step = jnp.arange(steps)[None, :, None] / jnp.maximum(step_lengths, 1)[:, None, None]
    return 1 - jnp.exp(-jnp.square(phone - step) / (2 * width**2))


def guided_loss(
    attention: jax.Array, phone_lengths: jax.Array, step_lengths: jax.Array, width: float = _WIDTH
) -> jax.Array:
    """Computes how far the attention is from the diagonal at each step, [B, S] in [0, 1).

    Differs from arXiv 1710.08969, eq. 8, by a factor: the mean is over steps alone, the sum over phones.

    Args:
      attention: [B, S, N] weights.
      phone_lengths: [B] phones of each utterance.
      step_lengths: [B] steps of each utterance.
      width: g of `diagonal_penalty`.
    """
    _, steps, phones = attention.shape
    penalty = diagonal_penalty(phone_lengths, step_lengths, phones, steps, width)
    return jnp.sum(attention * penalty, axis=-1)


def phone_shares(ends: jax.Array, steps: int, reduction: int) -> jax.Array:
    """Computes which share of each step's frames every phone sounds in, [B, S, N].

    Args:
      ends: [B, N] frames at which the phones end, not falling; a phone begins where the one before ends, the first
        at 0.
      steps: S.
      reduction: frames of a step, r.
    """
    onsets = jnp.pad(ends[:, :-1], ((0, 0), (1, 0)))
    first = (jnp.arange(steps) * reduction)[None, :, None].astype(ends.dtype)
    overlap = jnp.minimum(ends[:, None], first + reduction) - jnp.maximum(onsets[:, None], first)
    return jnp.maximum(overlap, 0) / reduction


def labelled_loss(attention: jax.Array, shares: jax.Array) -> jax.Array:
    """Computes the cross-entropy of the attention at each step and the phones that sound, [B, S] nats.

    Args:
      attention: [B, S, N] weights.
      shares: [B, S, N] of `phone_shares`; a step without phones has no loss.
    """
    return -jnp.sum(shares * jnp.log(attention + _SMALL), axis=-1)
