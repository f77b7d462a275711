"""The loss of a voice: nats of the samples of a batch.

Axes: B streams, T samples, N top frames, C features, Q levels. A batch is a dict: `pcm` [B, T] int16, `before` [B]
int16, `weight` [B, T] float32, `reset` [B] bool, `speaker` [B] int32 and, for a voice that takes features, `local`
[B, N, C] float32, as `babble_jax.dataset` makes it.
"""

import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.train.task import Batch, Loss
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.contract import Cond, ModelState, Params


def bits_per_sample(nats: float, weight: float) -> float:
    """Computes bits per sample from a sum of nats and a sum of weights."""
    return nats / max(weight, 1.0) / math.log(2)


def reset_streams(reset: jax.Array | np.ndarray, fresh: ModelState, running: ModelState) -> ModelState:
    """Selects per stream the `fresh` state where `reset`, else the `running` one; scalars are the same in both.

    Args:
      reset: [B] bool.
      fresh: state at the start of a recording.
      running: state after the last subsequence.
    """

    def one(a, b):
        return jnp.where(reset.reshape(-1, *[1] * (a.ndim - 1)), a, b) if a.ndim else b

    return jax.tree.map(one, fresh, running)


def batch_cond(config: VoiceConfig, batch: Batch) -> Cond:
    """Makes the conditioning of the voice from the arrays of a batch."""
    return Cond(
        speaker=jnp.asarray(batch["speaker"]) if config.speakers else None,
        local=jnp.asarray(batch["local"]) if config.sample_model.local else None,
    )


def voice_loss(
    config: VoiceConfig,
    params: Params,
    carry: ModelState,
    batch: Batch,
    disturb: Callable[[jax.Array], jax.Array] = lambda samples: samples,
) -> Loss:
    """Computes the nats of a batch, a sum over its streams, and the weighted number of `correct` samples.

    The voice takes the past samples as `disturb` returns them; the loss is of the clean samples. The reset to the
    initial state is part of the loss, so that a trained initial state has a gradient.

    Args:
      config: config of the voice.
      params: parameters of the voice.
      carry: state of the streams after their last subsequence.
      batch: arrays as described above.
      disturb: maps samples [B, T] int32 to those that enter the history.
    """
    voice = config.sample_model
    before = jnp.asarray(batch["before"]) if config.emphasis else None
    samples = config.encode(jnp.asarray(batch["pcm"]), before)
    cond = batch_cond(config, batch)
    weights = voice.weights(params)
    start = reset_streams(batch["reset"], voice.initial_state(weights, samples.shape[0], cond), carry)
    outputs, carry = voice.apply(weights, start, disturb(samples), cond)
    log_prob = voice.distribution.log_prob(outputs, samples)
    correct = voice.distribution.is_mode(outputs, samples).astype(jnp.float32)
    weight = batch["weight"]
    return Loss(-jnp.sum(log_prob * weight), jnp.sum(weight), {"correct": jnp.sum(correct * weight)}, carry)
