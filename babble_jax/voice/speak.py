"""Audio from a voice, block by block.

Axes: B streams, T samples.
"""

import functools
from collections.abc import Callable, Iterator
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.audio.bandwidth import Bandpass
from babble_jax.errors import BabbleError
from babble_jax.voice.conditioning.streams import ConditioningFn
from babble_jax.voice.contract import Cond, Params, SampleModel, State
from babble_jax.voice.models.samplernn import SampleRNN
from babble_jax.voice.sampling.ancestral import Sampler, Sampling, Trace, sample_ancestral, uniforms
from babble_jax.voice.sampling.native import sampler as native
from babble_jax.voice.sampling.native.kernels import INT8
from babble_jax.voice.sampling.native.layout import Precision
from babble_jax.voice.sampling.native.sampler import Packed, pack, unsupported_reason
from babble_jax.voice.sampling.tiered import sample_tiered
from babble_jax.voice.voice import Voice

Choice = Literal["auto", "compiled", "native", "int8"]


@functools.partial(jax.jit, static_argnames=("model", "sampler", "length", "sampling"))
def _block(
    model: SampleModel,
    sampler: Sampler,
    weights: Params,
    state: State,
    keys: jax.Array,
    start: jax.Array,
    length: int,
    cond: Cond | None,
    sampling: Sampling,
) -> tuple[Trace, State]:
    return sampler(model, weights, state, uniforms(keys, start, length), None, cond, sampling)


@functools.partial(jax.jit, static_argnames="model")
def _listen(
    model: SampleModel, weights: Params, state: State, samples: jax.Array, cond: Cond | None
) -> State:
    """The state after a prompt [B, T] of any length: whole top frames at once, the tail one by one."""
    frames = samples.shape[1] // model.frame
    whole = frames * model.frame
    local = None if cond is None else cond.local
    if whole:
        past = cond if cond is None or local is None else cond._replace(local=local[:, :frames])
        _, state = model.apply(weights, state, samples[:, :whole], past)

    def tail(state, sample):
        _, state = model.predict(weights, state, None if cond is None else cond.at(frames))
        return model.push(state, sample), None

    return jax.lax.scan(tail, state, samples[:, whole:].T)[0]


_folded = jax.jit(lambda model, params: model.weights(params), static_argnums=0)
_uniforms = jax.jit(uniforms, static_argnums=2)


def _weights(model: SampleModel, params: Params) -> Params:
    """Folded in float64, then rounded: in float32 they would depend on the number of threads in their last bit, and so
    would the babble.
    """
    with jax.enable_x64(True):
        exact = _folded(model, jax.tree.map(lambda x: jnp.asarray(x, jnp.float64), params))
        return jax.tree.map(lambda x: x.astype(jnp.float32) if x.dtype == jnp.float64 else x, exact)


@functools.lru_cache(maxsize=4)
def _packed(voice: Voice, precision: Precision) -> Packed:
    return pack(voice.config.sample_model, _weights(voice.config.sample_model, voice.params), precision)


def compiled(model: SampleModel) -> Sampler:
    """The compiled sampler of a voice, from phase 0: a scan, or one in another where the voice has clocks."""
    return sample_tiered if isinstance(model, SampleRNN) else sample_ancestral


def resolve_sampler(voice: Voice, sampler: Choice) -> Choice:
    """The sampler that "auto" stands for: the native one on a CPU, for voices that it knows; else the compiled one.

    Raises:
      BabbleError: another was asked for by name, and does not know the voice or the CPU.
    """
    why = unsupported_reason(voice.config.sample_model)
    if sampler == "auto":
        return "native" if jax.default_backend() == "cpu" and not why else "compiled"
    if sampler != "compiled" and why:
        raise BabbleError(
            f"The sampler {sampler} does not know the voice {voice.name}: {why}; take compiled."
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
    sampler: Choice = "auto",
) -> Iterator[np.ndarray]:
    """Babble without end.

    Args:
      voice: the voice.
      keys: [B] PRNG keys, one per stream; a stream depends on its own key alone.
      sampling: how samples are drawn; None for the voice's own way.
      speaker: [B] int32, for a voice of several speakers.
      prompt: [B, T] float32 in [-1, 1] at the voice's rate and the level of its recordings, which the babble goes on
        from and which is not part of it; None to start as a recording starts.
      seconds: length of a block.
      local: features of the top frames from the first one on, the prompt's included, for a voice that takes some: see
        `told`. They are asked for block by block, so that they may be made up while the babble goes on.
      sampler: "compiled" by XLA, "native" on the CPU with float32 or "int8" weights, or "auto" (`resolve_sampler`).

    Yields:
      [B, block] float32 in [-1, 1], all of one length but the first after a prompt.
    """
    config, model = voice.config, voice.config.sample_model
    sampling = voice.sampling() if sampling is None else sampling
    who = None if speaker is None else jnp.asarray(speaker, jnp.int32)
    weights = _weights(model, voice.params)
    state = model.initial_state(weights, len(keys), Cond(speaker=who))
    block = max(1, round(seconds * config.sample_rate / model.frame)) * model.frame
    sampler = resolve_sampler(voice, sampler)
    reach = config.bandwidth or (np.inf,) * max(1, len(config.speakers))
    numbers = np.zeros(len(keys), int) if speaker is None else np.asarray(speaker)
    within = Bandpass([reach[s] for s in numbers], config.sample_rate)

    def condition(start, length):
        first, last = start // model.frame, -(-(start + length) // model.frame)
        return Cond(who, None if local is None else jnp.asarray(local(first, last - first)))

    def sound(codes):
        return within(config.decode(codes))

    def run(state, start, length, sampler):
        cond = condition(start, length)
        trace, state = _block(model, sampler, weights, state, keys, jnp.uint32(start), length, cond, sampling)
        return sound(trace.samples), state

    start = 0
    if prompt is not None:
        within(prompt)
        codes = config.quantizer.encode(jnp.asarray(prompt) * config.gain)
        state = _listen(model, weights, state, codes, condition(0, codes.shape[1]))
        start = codes.shape[1]
        if rest := -start % model.frame:  # up to the next top frame
            audio, state = run(state, start, rest, sample_ancestral)
            start += rest
            yield audio
    if sampler == "compiled":
        while True:
            audio, state = run(state, start, block, compiled(model))
            start += block
            yield audio
    packed = _packed(voice, "int8" if sampler == "int8" else "float32")
    while True:
        uniform = np.asarray(_uniforms(keys, jnp.uint32(start), block))
        trace, state = native.sample(packed, state, uniform, None, condition(start, block), sampling)
        start += block
        yield sound(trace.samples)


def speak(
    voice: Voice,
    keys: jax.Array,
    samples: int,
    sampling: Sampling | None = None,
    speaker: np.ndarray | None = None,
    prompt: np.ndarray | None = None,
    advance: Callable[[int], None] = lambda made: None,
    local: ConditioningFn | None = None,
    sampler: Choice = "auto",
) -> np.ndarray:
    """Babble of a given length, [B, samples] float32; see `stream`.

    `advance` is called with the number of samples made since its last call, of all streams together.
    """
    blocks, made = [], 0
    for audio in stream(voice, keys, sampling, speaker, prompt, local=local, sampler=sampler):
        blocks.append(audio)
        advance((min(made + audio.shape[1], samples) - made) * len(audio))
        made += audio.shape[1]
        if made >= samples:
            break
    return np.concatenate(blocks, axis=1)[:, :samples]
