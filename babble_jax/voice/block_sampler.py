"""Draws blocks of samples of a voice, from state to state, by the sampler that suits the device.

Axes: B streams, T samples, N top frames, C features.
"""

import functools
from typing import Literal, get_args

import jax
import numpy as np

from babble_jax.errors import BabbleError
from babble_jax.numerics import fixed_numerics
from babble_jax.voice.contract import Cond, ModelState, Params, SampleModel
from babble_jax.voice.distributions.contract import Sampling
from babble_jax.voice.models.samplernn import SampleRNN
from babble_jax.voice.sampling.ancestral import Sampler, Trace, sample_ancestral, uniforms
from babble_jax.voice.sampling.native.dispatch import (
    PackedVoice,
    pack_voice,
    sample_native,
    unsupported_reason,
)
from babble_jax.voice.sampling.native.layout import Precision
from babble_jax.voice.sampling.threefry import stream_uniforms
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


@functools.lru_cache(maxsize=4)
def _weights(voice: Voice) -> Params:
    """Folds the weights in float64 and rounds them to float32: arrays of numpy.

    Folded in float32 their last bit would depend on the number of threads, and so would the babble.
    """
    exact = voice.config.sample_model.weights(jax.tree.map(lambda x: np.asarray(x, np.float64), voice.params))
    return jax.tree.map(lambda x: x.astype(np.float32) if x.dtype == np.float64 else x, exact)


@functools.lru_cache(maxsize=4)
def pack(voice: Voice, precision: Precision) -> PackedVoice:
    """Packs a voice for the native sampler, see `native.dispatch.pack_voice`; the latest ones are kept in memory."""
    return pack_voice(voice.config.sample_model, _weights(voice), precision)


@functools.lru_cache(maxsize=4)
def _on_device(voice: Voice) -> Params:
    return jax.device_put(_weights(voice))


def compiled_sampler(model: SampleModel) -> Sampler:
    """Returns the sampler that XLA compiles for a model, from phase 0: nested scans for SampleRNN, else one scan."""
    return sample_tiered if isinstance(model, SampleRNN) else sample_ancestral


def resolve_sampler(voice: Voice, sampler: SamplerName) -> SamplerName:
    """Resolves "auto" to the native sampler on a CPU, for a voice that it supports; else to the compiled one.

    Raises:
      BabbleError: the sampler is named, and does not support the voice, or there is none of that name.
    """
    if sampler not in get_args(SamplerName):
        raise BabbleError(
            f"There is no sampler {sampler!r}; choose one of {', '.join(get_args(SamplerName))}."
        )
    reason = unsupported_reason(voice.config.sample_model)
    if sampler == "auto":
        return "native" if jax.default_backend() == "cpu" and not reason else "compiled"
    if sampler != "compiled" and reason:
        raise BabbleError(
            f"The sampler {sampler} does not support the voice {voice.name}: {reason}; take compiled."
        )
    return sampler


class BlockSampler:
    """Draws blocks of samples of B streams; a block of any length, from any sample on, gives the same stream.

    Args:
      voice: the voice.
      keys: [B] PRNG keys, one per stream; a stream depends on its own key alone.
      sampling: temperature and top k.
      speaker: [B] indices, for a voice with speakers.
      sampler: see `resolve_sampler`.

    Raises:
      BabbleError: the voice cannot be sampled so.
    """

    def __init__(
        self,
        voice: Voice,
        keys: jax.Array,
        sampling: Sampling,
        speaker: np.ndarray | None,
        sampler: SamplerName,
    ):
        self._model, self._keys, self._sampling = voice.config.sample_model, keys, sampling
        self._speaker = None if speaker is None else np.asarray(speaker, np.int32)
        self._voice = voice
        name = resolve_sampler(voice, sampler)
        try:
            self._model.distribution.check(sampling)
        except ValueError as error:
            raise BabbleError(f"{error}.") from error
        self._packed = None
        if name != "compiled":
            self._packed = pack(voice, "int8" if name == "int8" else "float32")

    @fixed_numerics()
    def initial_state(self) -> ModelState:
        """Makes the state before the first sample."""
        return self._model.initial_state(_weights(self._voice), len(self._keys), Cond(speaker=self._speaker))  # pyright: ignore[reportArgumentType]

    @fixed_numerics()
    def restart(self, state: ModelState, streams: np.ndarray) -> ModelState:
        """Puts some streams back to the state before the first sample, as training does where a recording starts.

        Args:
          state: at phase 0.
          streams: [B] bool.
        """

        def select(now, first):
            if not now.ndim:  # a phase or a position, which all streams share
                return now
            return np.where(streams.reshape(-1, *[1] * (now.ndim - 1)), first, now)

        return jax.tree.map(select, state, self.initial_state())

    @fixed_numerics()
    def read_prompt(self, state: ModelState, codes: jax.Array, rows: np.ndarray | None) -> ModelState:
        """Computes the state after a prompt.

        Args:
          state: before the first sample.
          codes: [B, T] int32, of any length.
          rows: [B, N, C] features of its top frames, for a voice with features.
        """
        return _read_prompt(self._model, _on_device(self._voice), state, codes, self._cond(rows))

    @fixed_numerics()
    def draw(
        self, state: ModelState, start: int, length: int, rows: np.ndarray | None
    ) -> tuple[np.ndarray, ModelState]:
        """Draws samples up to the end of a top frame.

        Args:
          state: after `start` samples.
          start: absolute index of the first sample.
          length: T; start + T is a multiple of the frame.
          rows: [B, N, C] features of the top frames from the running one on, for a voice with features.

        Returns:
          [B, T] int32 samples, and the state after them.
        """
        parts, frame = [], self._model.frame
        if rest := -start % frame:  # up to the next top frame
            trace, state = self._compiled(sample_ancestral, state, start, rest, rows)
            parts.append(np.asarray(trace.samples))
            start, length, rows = start + rest, length - rest, None if rows is None else rows[:, 1:]
        if length:
            if self._packed is None:
                trace, state = self._compiled(compiled_sampler(self._model), state, start, length, rows)
            else:
                uniform = stream_uniforms(self._keys, start, length)
                trace, state = sample_native(
                    self._packed, state, uniform, None, self._cond(rows), self._sampling, score=False
                )
            parts.append(np.asarray(trace.samples))
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1), state

    def _compiled(
        self, sampler: Sampler, state: ModelState, start: int, length: int, rows: np.ndarray | None
    ) -> tuple[Trace, ModelState]:
        """Draws a block by a sampler that XLA compiles; see `draw`."""
        cond = self._cond(rows)
        return _block(
            self._model,
            sampler,
            _on_device(self._voice),
            state,
            self._keys,
            np.uint32(start),
            length,
            cond,
            self._sampling,
        )

    def _cond(self, rows: np.ndarray | None) -> Cond:
        return Cond(self._speaker, rows)  # pyright: ignore[reportArgumentType]
