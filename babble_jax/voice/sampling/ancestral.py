"""Sampling from a voice: the draw, the streams of uniforms, and two samplers that must agree.

Axes: B streams, T samples, Q quantization levels.

Each stream has its own key, and each sample of it one uniform, indexed by (stream key, absolute sample). So a stream
does not depend on the batch it is made in, nor on the blocks in which it is made.
"""

import dataclasses
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from babble_jax.voice.contract import Cond, Params, SampleModel, State


@dataclasses.dataclass(frozen=True)
class Sampling:
    """How a sample is drawn from logits.

    Attributes:
      temperature: logits are divided by it, from 1e-6 to 1e6; 0 takes the most likely level.
      top_k: only the k most likely levels are drawn; 0 for all.
    """

    temperature: float = 1.0
    top_k: int = 0

    def __post_init__(self):
        # far smaller ones divide by a float32 of 0, and far larger ones by infinity
        if not (self.temperature == 0 or 1e-6 <= self.temperature <= 1e6):
            raise ValueError(f"temperature must be 0, or from 1e-6 to 1e6, not {self.temperature}")
        if self.top_k < 0:
            raise ValueError(f"top_k must be 0 (all levels) or more, not {self.top_k}")


class Trace(NamedTuple):
    """What a sampler did.

    Attributes:
      samples: [B, T] int32, what entered the history: drawn or forced.
      drawn: [B, T] int32, what the uniforms chose; differs from `samples` only where these were forced.
      log_prob: [B, T] float32, nats of `samples` under the voice itself (temperature 1, all levels).
    """

    samples: jax.Array
    drawn: jax.Array
    log_prob: jax.Array


# (voice, params, state, uniforms [B, T], forced [B, T] | None, cond, sampling) -> trace, state
Sampler = Callable[..., tuple[Trace, State]]


def cdf(logits: jax.Array, sampling: Sampling) -> jax.Array:
    """[B, Q] cumulative probabilities of the levels under `sampling`; the last is 1."""
    if sampling.top_k and sampling.top_k < logits.shape[-1]:
        least = jax.lax.top_k(logits, sampling.top_k)[0][:, -1:]
        logits = jnp.where(logits < least, -jnp.inf, logits)
    edges = jnp.cumsum(jax.nn.softmax(logits / sampling.temperature), axis=-1)
    return edges / edges[:, -1:]  # rounding leaves the sum a little off 1


def draw(logits: jax.Array, uniform: jax.Array, sampling: Sampling) -> jax.Array:
    """Inverse-cdf draw: [B] int32 from logits [B, Q] and uniform [B] in [0, 1)."""
    if sampling.temperature == 0:
        return jnp.argmax(logits, axis=-1).astype(jnp.int32)
    return jnp.sum(cdf(logits, sampling) <= uniform[:, None], axis=-1, dtype=jnp.int32)


def choose(
    logits: jax.Array, uniform: jax.Array, forced: jax.Array | None, sampling: Sampling
) -> tuple[jax.Array, Trace]:
    """One sample of each stream, [B], and its part of the trace."""
    drawn = draw(logits, uniform, sampling)
    sample = drawn if forced is None else forced
    log_prob = jnp.take_along_axis(jax.nn.log_softmax(logits), sample[:, None], axis=-1)[:, 0]
    return sample, Trace(sample, drawn, log_prob)


def uniforms(keys: jax.Array, start: jax.Array | int, length: int) -> jax.Array:
    """[B, T] float32 in [0, 1): the uniforms of samples start ... start + T - 1 of the streams with keys [B]."""
    index = jnp.uint32(start) + jnp.arange(length, dtype=jnp.uint32)

    def one(key, i):
        return jax.random.uniform(jax.random.fold_in(key, i))

    return jax.vmap(lambda key: jax.vmap(lambda i: one(key, i))(index))(keys)


def sample_ancestral(
    voice: SampleModel,
    params: Params,
    state: State,
    uniform: jax.Array,
    forced: jax.Array | None = None,
    cond: Cond | None = None,
    sampling: Sampling = Sampling(),
) -> tuple[Trace, State]:
    """The reference sampler: predict, draw, push. Any voice, any phase, any T; slow, since it decides at each sample
    which tiers are due.
    """
    weights = voice.weights(params)
    frame = (state.phase + jnp.arange(uniform.shape[1])) // voice.frame  # from the running one on

    def body(state, inputs):
        uniform, forced, frame = inputs
        logits, state = voice.predict(weights, state, None if cond is None else cond.at(frame))
        sample, trace = choose(logits, uniform, forced, sampling)
        return voice.push(state, sample), trace

    given = (uniform.T, None if forced is None else forced.T, frame)
    state, trace = jax.lax.scan(body, state, given)
    return Trace(*(x.T for x in trace)), state
