"""One update, and one step of an evaluation, as pure functions of (state, batch).

Axes: B streams, T samples, N top frames, C features, Q levels. A batch is a dict: `pcm` [B, T] int16, `weight` [B, T]
float32, `reset` [B] bool, `speaker` [B] int32 and, for a voice that takes features, `local` [B, N, C] float32, as
`babble_jax.dataset` makes it.

Both run on one device, under `jit` over sharded arrays, and under a mapped axis of devices, whose name they then
take. Sums over streams are sums over all devices: a loss is a sum of nats divided by a sum of weights, never a mean
of means.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from babble_jax.train.config import TrainConfig
from babble_jax.train.state import TrainState
from babble_jax.train.tasks.voice.noise import inject_noise
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.contract import Cond, ModelState, Params

Batch = Mapping[str, jax.Array | np.ndarray]


class Metrics(NamedTuple):
    """Sums over all streams, [] float32 each.

    Attributes:
      nats: weighted sum of -log p.
      weight: sum of the weights of the samples.
      correct: weighted number of samples that were the most likely level.
      gradient_norm: L2 norm of the gradient before clipping; 0 in evaluation.
    """

    nats: jax.Array
    weight: jax.Array
    correct: jax.Array
    gradient_norm: jax.Array


Step = Callable[..., tuple[TrainState, Metrics]]


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
        local=jnp.asarray(batch["local"]) if config.local else None,
    )


def loss(
    config: VoiceConfig,
    params: Params,
    carry: ModelState,
    batch: Batch,
    disturb: Callable[[jax.Array], jax.Array] = lambda samples: samples,
) -> tuple[jax.Array, Any]:
    """Computes the loss of a batch, a sum over the streams of this device.

    The voice takes the past samples as `disturb` returns them; the loss is of the clean samples. The reset to the
    initial state is part of the loss, so that a trained initial state has a gradient.

    Args:
      config: config of the voice.
      params: parameters of the voice.
      carry: state of the streams after their last subsequence.
      batch: arrays as described above.
      disturb: maps samples [B, T] int32 to those that enter the history.

    Returns:
      Sum of nats, and ((sum of weights, weighted number of correct samples), carry after the batch).
    """
    voice = config.sample_model
    samples = config.encode(jnp.asarray(batch["pcm"]))
    cond = batch_cond(config, batch)
    weights = voice.weights(params)
    start = reset_streams(batch["reset"], voice.initial_state(weights, samples.shape[0], cond), carry)
    logits, carry = voice.apply(weights, start, disturb(samples), cond)
    log_probs = jax.nn.log_softmax(logits)
    log_prob = jnp.take_along_axis(log_probs, samples[..., None], axis=-1)[..., 0]
    correct = (log_prob >= jnp.max(log_probs, axis=-1)).astype(jnp.float32)  # far cheaper than an argmax
    weight = batch["weight"]
    return -jnp.sum(log_prob * weight), ((jnp.sum(weight), jnp.sum(correct * weight)), carry)


def _total(x: Any, axis: str | None) -> Any:
    """Sums over devices, where there is a mapped axis."""
    return x if axis is None else jax.lax.psum(x, axis)


def train_step(config: TrainConfig) -> Step:
    """Makes the update `step(state, batch, axis=None) -> state, metrics`.

    The gradient is that of nats per sample over all devices, clipped after the reduction.
    """
    optimizer = config.optimizer.build()

    def disturb(state: TrainState, axis: str | None) -> Callable[[jax.Array], jax.Array]:
        """Makes the function that injects this step's noise, which does not depend on the assignment to devices."""
        key = jax.random.fold_in(jax.random.wrap_key_data(state.key), state.step)

        def noisy(samples):
            before = 0 if axis is None else jax.lax.axis_index(axis) * samples.shape[0]
            keys = jax.vmap(lambda i: jax.random.fold_in(key, i))(before + jnp.arange(samples.shape[0]))
            return inject_noise(samples, config.voice.quantizer.q_levels, config.noise, keys)

        return noisy if config.noise else lambda samples: samples

    def step(state: TrainState, batch: Batch, axis: str | None = None) -> tuple[TrainState, Metrics]:
        def local(params):
            return loss(config.voice, params, state.carry, batch, disturb(state, axis))

        (nats, (sums, carry)), gradient = jax.value_and_grad(local, has_aux=True)(state.params)
        nats, (weight, correct), gradient = _total((nats, sums, gradient), axis)
        scale = 1 / jnp.maximum(weight, 1)  # a batch of padding alone moves nothing
        gradient = jax.tree.map(lambda g: g * scale, gradient)
        updates, opt = optimizer.update(gradient, state.optimizer, state.params)
        params = optax.apply_updates(state.params, updates)
        metrics = Metrics(nats, weight, correct, optax.tree.norm(gradient))
        return state._replace(step=state.step + 1, params=params, optimizer=opt, carry=carry), metrics

    return step


def evaluation_step(config: TrainConfig) -> Step:
    """Makes the step of an evaluation, `step(state, batch, axis=None) -> state, metrics`; updates the carry alone."""

    def step(state: TrainState, batch: Batch, axis: str | None = None) -> tuple[TrainState, Metrics]:
        nats, ((weight, correct), carry) = loss(config.voice, state.params, state.carry, batch)
        nats, weight, correct = _total((nats, weight, correct), axis)
        return state._replace(carry=carry), Metrics(nats, weight, correct, jnp.zeros(()))

    return step
