"""Samples from a voice: draws from its distributions, the uniforms of a stream, and the reference sampler.

Axes: B streams, T samples, P numbers that describe the distribution of a sample.

Each stream has its own key, and each sample of it one uniform, indexed by (stream key, absolute sample). A stream
therefore depends neither on its batch nor on the lengths of its blocks.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from babble_jax.voice.contract import Cond, ModelState, Params, SampleModel
from babble_jax.voice.distributions.contract import Distribution, Sampling


class Trace(NamedTuple):
    """Output of a sampler.

    Attributes:
      samples: [B, T] int32, the samples that entered the history: free or forced ones.
      free_samples: [B, T] int32, the samples that the uniforms select; differ from `samples` only where these are
        forced.
      log_prob: [B, T] float32, nats of `samples` under the voice at temperature 1, over all levels.
    """

    samples: jax.Array
    free_samples: jax.Array
    log_prob: jax.Array


# (voice, params, state, uniforms [B, T], forced [B, T] | None, cond, sampling) -> trace, state
Sampler = Callable[..., tuple[Trace, ModelState]]


def choose(
    distribution: Distribution,
    outputs: jax.Array,
    uniform: jax.Array,
    forced: jax.Array | None,
    sampling: Sampling,
) -> tuple[jax.Array, Trace]:
    """Draws one sample of each stream.

    Args:
      distribution: of the model.
      outputs: [B, P] float32, of the model.
      uniform: [B] float32 in [0, 1).
      forced: [B] int32, samples that replace the free ones; None for free running.
      sampling: temperature and top k.

    Returns:
      The samples [B] int32, and their trace, [B] each.
    """
    free = distribution.sample(outputs, uniform, sampling)
    sample = free if forced is None else forced
    return sample, Trace(sample, free, distribution.log_prob(outputs, sample))


def uniforms(keys: jax.Array, start: jax.Array | int, length: int) -> jax.Array:
    """Computes the uniforms of samples start ... start + T - 1 of B streams.

    Args:
      keys: [B] PRNG keys of the streams; not consumed.
      start: absolute index of the first sample.
      length: T.

    Returns:
      [B, T] float32 in [0, 1).
    """
    index = jnp.uint32(start) + jnp.arange(length, dtype=jnp.uint32)

    def one(key, i):
        return jax.random.uniform(jax.random.fold_in(key, i), dtype=jnp.float32)

    return jax.vmap(lambda key: jax.vmap(lambda i: one(key, i))(index))(keys)


def sample_ancestral(
    voice: SampleModel,
    params: Params,
    state: ModelState,
    uniform: jax.Array,
    forced: jax.Array | None = None,
    cond: Cond | None = None,
    sampling: Sampling = Sampling(),
) -> tuple[Trace, ModelState]:
    """Draws T samples of each stream by predict, draw, push: the reference sampler.

    It takes any voice, any phase and any T. It is slow, since at each sample it decides which tiers are due.

    Args:
      voice: the sample model.
      params: parameters or weights.
      state: [B] streams, at any phase.
      uniform: [B, T] float32 in [0, 1), one per sample.
      forced: [B, T] int32, samples that enter the history in place of the free ones; None for free running.
      cond: speaker [B] and features [B, N, C] from the running top frame on, for a voice that takes them.
      sampling: temperature and top k.

    Returns:
      trace: the samples and their log-probabilities.
      state: after the T samples.
    """
    weights = voice.weights(params)
    frame = (
        state.phase + jnp.arange(uniform.shape[1])
    ) // voice.frame  # index of the top frame, 0 for the running one

    def body(state, inputs):
        uniform, forced, frame = inputs
        outputs, state = voice.predict(weights, state, None if cond is None else cond.at(frame))
        sample, trace = choose(voice.distribution, outputs, uniform, forced, sampling)
        return voice.push(state, sample), trace

    per_sample = (uniform.T, None if forced is None else forced.T, frame)
    state, trace = jax.lax.scan(body, state, per_sample)
    return Trace(*(x.T for x in trace)), state
