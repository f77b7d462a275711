"""Makes audio from a voice, block by block.

Axes: B streams, T samples.
"""

import functools
from collections.abc import Callable, Iterator
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.audio.filters import Bandpass
from babble_jax.errors import BabbleError
from babble_jax.voice.conditioning.stream_features import ConditioningFn
from babble_jax.voice.contract import Cond, ModelState, Params, SampleModel
from babble_jax.voice.models.samplernn import SampleRNN
from babble_jax.voice.sampling.ancestral import Sampler, Sampling, Trace, sample_ancestral, uniforms
from babble_jax.voice.sampling.native.dispatch import (
    PackedVoice,
    pack_voice,
    sample_native,
    unsupported_reason,
)
from babble_jax.voice.sampling.native.kernels import INT8
from babble_jax.voice.sampling.native.layout import Precision
from babble_jax.voice.sampling.tiered import sample_tiered
from babble_jax.voice.voice import Voice

SamplerName = Literal["auto", "compiled", "native", "int8"]


@functools.partial(jax.jit, static_argnames=("model", "sampler", "length", "sampling"))
def _block(
    model: SampleModel,
    sampler: Sampler,
    weights: Params,
    state: ModelState,
    keys: jax.Array,
    start: jax.Array,
    length: int,
    cond: Cond | None,
    sampling: Sampling,
) -> tuple[Trace, ModelState]:
    return sampler(model, weights, state, uniforms(keys, start, length), None, cond, sampling)


@functools.partial(jax.jit, static_argnames="model")
def _read_prompt(
    model: SampleModel, weights: Params, state: ModelState, samples: jax.Array, cond: Cond | None
) -> ModelState:
    """Computes the state after a prompt: complete top frames at once, the remaining samples one by one.

    Args:
      model: the sample model.
      weights: its weights.
      state: at phase 0.
      samples: [B, T] int32, of any length.
      cond: speaker [B] and features [B, N, C], N = T / frame rounded up.
    """
    frames = samples.shape[1] // model.frame
    complete = frames * model.frame
    local = None if cond is None else cond.local
    if complete:
        past = cond if cond is None or local is None else cond._replace(local=local[:, :frames])
        _, state = model.apply(weights, state, samples[:, :complete], past)

    def tail(state, sample):
        _, state = model.predict(weights, state, None if cond is None else cond.at(frames))
        return model.push(state, sample), None

    return jax.lax.scan(tail, state, samples[:, complete:].T)[0]


_folded = jax.jit(lambda model, params: model.weights(params), static_argnums=0)
_uniforms = jax.jit(uniforms, static_argnums=2)


def _weights(model: SampleModel, params: Params) -> Params:
    """Folds the weights in float64 and rounds them to float32.

    Folded in float32 their last bit would depend on the number of threads, and so would the babble.
    """
    with jax.enable_x64(True):
        exact = _folded(model, jax.tree.map(lambda x: jnp.asarray(x, jnp.float64), params))
        return jax.tree.map(lambda x: x.astype(jnp.float32) if x.dtype == jnp.float64 else x, exact)


@functools.lru_cache(maxsize=4)
def _packed(voice: Voice, precision: Precision) -> PackedVoice:
    return pack_voice(voice.config.sample_model, _weights(voice.config.sample_model, voice.params), precision)


def compiled_sampler(model: SampleModel) -> Sampler:
    """Returns the sampler that XLA compiles for a model, from phase 0: nested scans for SampleRNN, else one scan."""
    return sample_tiered if isinstance(model, SampleRNN) else sample_ancestral


def resolve_sampler(voice: Voice, sampler: SamplerName) -> SamplerName:
    """Resolves "auto" to the native sampler on a CPU, for a voice that it supports; else to the compiled one.

    Raises:
      BabbleError: the sampler is named, and does not support the voice or the CPU.
    """
    reason = unsupported_reason(voice.config.sample_model)
    if sampler == "auto":
        return "native" if jax.default_backend() == "cpu" and not reason else "compiled"
    if sampler != "compiled" and reason:
        raise BabbleError(
            f"The sampler {sampler} does not support the voice {voice.name}: {reason}; take compiled."
        )
    if sampler == "int8" and not INT8:
        raise BabbleError("The sampler int8 needs a CPU with AVX2; take native.")
    return sampler


def stream(
    voice: Voice,
    keys: jax.Array,
    sampling: Sampling | None = None,
    speaker: np.ndarray | None = None,
    prompt: np.ndarray | None = None,
    seconds: float = 0.25,
    local: ConditioningFn | None = None,
    sampler: SamplerName = "auto",
) -> Iterator[np.ndarray]:
    """Makes endless babble, block by block.

    Args:
      voice: the voice.
      keys: [B] PRNG keys, one per stream; a stream depends on its own key alone.
      sampling: temperature and top k; None for those of the voice.
      speaker: [B] indices, for a voice with speakers.
      prompt: [B, T] float32 in [-1, 1] at the voice's rate and the level of its recordings. The babble continues it
        and does not contain it. None to start as a recording starts.
      seconds: length of a block, in seconds.
      local: features of the top frames from the first one on, those of the prompt included, for a voice with features
        (`conditioning.stream_features.conditioning`). It is called block by block, so that it may decide while the
        babble goes on.
      sampler: "compiled" by XLA, "native" on the CPU with float32 or "int8" weights, or "auto" (`resolve_sampler`).

    Yields:
      [B, block] float32 in [-1, 1], all of one length, apart from the first one after a prompt.
    """
    config, model = voice.config, voice.config.sample_model
    sampling = voice.sampling() if sampling is None else sampling
    speakers = None if speaker is None else jnp.asarray(speaker, jnp.int32)
    weights = _weights(model, voice.params)
    state = model.initial_state(weights, len(keys), Cond(speaker=speakers))
    block = max(1, round(seconds * config.sample_rate / model.frame)) * model.frame
    sampler = resolve_sampler(voice, sampler)
    bandwidth = config.bandwidth or (np.inf,) * max(1, len(config.speakers))
    numbers = np.zeros(len(keys), int) if speaker is None else np.asarray(speaker)
    bandpass = Bandpass([bandwidth[s] for s in numbers], config.sample_rate)

    def condition(start, length):
        first, last = start // model.frame, -(-(start + length) // model.frame)
        return Cond(speakers, None if local is None else jnp.asarray(local(first, last - first)))

    def decode(codes):
        return bandpass(config.decode(codes))

    def run(state, start, length, sampler):
        cond = condition(start, length)
        trace, state = _block(model, sampler, weights, state, keys, jnp.uint32(start), length, cond, sampling)
        return decode(trace.samples), state

    start = 0
    if prompt is not None:
        bandpass(prompt)  # its state after the prompt
        codes = config.quantizer.encode(jnp.asarray(prompt) * config.gain)
        state = _read_prompt(model, weights, state, codes, condition(0, codes.shape[1]))
        start = codes.shape[1]
        if rest := -start % model.frame:  # up to the next top frame
            audio, state = run(state, start, rest, sample_ancestral)
            start += rest
            yield audio
    if sampler == "compiled":
        while True:
            audio, state = run(state, start, block, compiled_sampler(model))
            start += block
            yield audio
    packed = _packed(voice, "int8" if sampler == "int8" else "float32")
    while True:
        uniform = np.asarray(_uniforms(keys, jnp.uint32(start), block))
        trace, state = sample_native(packed, state, uniform, None, condition(start, block), sampling)
        start += block
        yield decode(trace.samples)


def speak(
    voice: Voice,
    keys: jax.Array,
    samples: int,
    sampling: Sampling | None = None,
    speaker: np.ndarray | None = None,
    prompt: np.ndarray | None = None,
    advance: Callable[[int], None] = lambda samples: None,
    local: ConditioningFn | None = None,
    sampler: SamplerName = "auto",
) -> np.ndarray:
    """Makes babble of a given length.

    Args:
      voice: the voice.
      keys: [B] PRNG keys, see `stream`.
      samples: length in samples.
      sampling: see `stream`.
      speaker: [B] indices, see `stream`.
      prompt: [B, T] float32, see `stream`.
      advance: called with the number of samples made since its last call, of all streams together.
      local: see `stream`.
      sampler: see `stream`.

    Returns:
      [B, samples] float32 in [-1, 1].
    """
    blocks, length = [], 0
    for audio in stream(voice, keys, sampling, speaker, prompt, local=local, sampler=sampler):
        blocks.append(audio)
        advance((min(length + audio.shape[1], samples) - length) * len(audio))
        length += audio.shape[1]
        if length >= samples:
            break
    return np.concatenate(blocks, axis=1)[:, :samples]
