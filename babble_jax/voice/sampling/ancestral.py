"""Samples from a voice: inverse-cdf draws, the uniforms of a stream, and the reference sampler.

Axes: B streams, T samples, Q quantization levels.

Each stream has its own key, and each sample of it one uniform, indexed by (stream key, absolute sample). A stream
therefore depends neither on its batch nor on the lengths of its blocks.
"""

import dataclasses
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from babble_jax.voice.contract import Cond, ModelState, Params, SampleModel


@dataclasses.dataclass(frozen=True)
class Sampling:
    """Settings of the draw of a sample from logits.

    Attributes:
      temperature: divides the logits, from 1e-6 to 1e6; 0 takes the most likely level.
      top_k: number of most likely levels to draw from; 0 for all.
    """

    temperature: float = 1.0
    top_k: int = 0

    def __post_init__(self):
        # a smaller one rounds to 0 in float32, a larger one to infinity
        if not (self.temperature == 0 or 1e-6 <= self.temperature <= 1e6):
            raise ValueError(f"temperature must be 0, or from 1e-6 to 1e6, not {self.temperature}")
        if self.top_k < 0:
            raise ValueError(f"top_k must be 0 (all levels) or more, not {self.top_k}")


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


def cdf(logits: jax.Array, sampling: Sampling) -> jax.Array:
    """Computes cumulative probabilities [B, Q] of the levels from logits [B, Q]; the last one is 1."""
    if sampling.top_k and sampling.top_k < logits.shape[-1]:
        least = jax.lax.top_k(logits, sampling.top_k)[0][:, -1:]
        logits = jnp.where(logits < least, -jnp.inf, logits)
    cumulative = jnp.cumsum(jax.nn.softmax(logits / sampling.temperature), axis=-1)
    return cumulative / cumulative[:, -1:]  # rounding leaves the sum a little off 1


def draw(logits: jax.Array, uniform: jax.Array, sampling: Sampling) -> jax.Array:
    """Draws levels by the inverse cdf.

    Args:
      logits: [B, Q] float32.
      uniform: [B] float32 in [0, 1).
      sampling: temperature and top k.

    Returns:
      [B] int32 in [0, Q).
    """
    if sampling.temperature == 0:
        return jnp.argmax(logits, axis=-1).astype(jnp.int32)
    return jnp.sum(cdf(logits, sampling) <= uniform[:, None], axis=-1, dtype=jnp.int32)


def choose(
    logits: jax.Array, uniform: jax.Array, forced: jax.Array | None, sampling: Sampling
) -> tuple[jax.Array, Trace]:
    """Draws one sample of each stream.

    Args:
      logits: [B, Q] float32.
      uniform: [B] float32 in [0, 1).
      forced: [B] int32, samples that replace the free ones; None for free running.
      sampling: temperature and top k.

    Returns:
      The samples [B] int32, and their trace, [B] each.
    """
    free = draw(logits, uniform, sampling)
    sample = free if forced is None else forced
    log_prob = jnp.take_along_axis(jax.nn.log_softmax(logits), sample[:, None], axis=-1)[:, 0]
    return sample, Trace(sample, free, log_prob)


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
        logits, state = voice.predict(weights, state, None if cond is None else cond.at(frame))
        sample, trace = choose(logits, uniform, forced, sampling)
        return voice.push(state, sample), trace

    per_sample = (uniform.T, None if forced is None else forced.T, frame)
    state, trace = jax.lax.scan(body, state, per_sample)
    return Trace(*(x.T for x in trace)), state
