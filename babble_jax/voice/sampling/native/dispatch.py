"""Packs a voice for the native sampler and draws blocks of samples from it, under the contract of the other samplers.

Axes: B streams, T samples, N rows of features, C features.
"""

from typing import Any

import numpy as np

from babble_jax.voice.contract import Cond, ModelState, Params, SampleModel, require_local, require_speaker
from babble_jax.voice.distributions.contract import Sampling
from babble_jax.voice.models.inputs import TABLE_LEVELS
from babble_jax.voice.models.samplernn import SampleRNN
from babble_jax.voice.models.wavenet import WaveNet
from babble_jax.voice.sampling.ancestral import Trace
from babble_jax.voice.sampling.native.layout import Precision
from babble_jax.voice.sampling.native.request import SampleRequest, draw_settings
from babble_jax.voice.sampling.native.samplernn.pack import (
    PackedSampleRNN,
    pack_samplernn,
    unsupported_settings,
)
from babble_jax.voice.sampling.native.samplernn.sample_blocks import sample_samplernn
from babble_jax.voice.sampling.native.wavenet.pack import PackedWaveNet, pack_wavenet
from babble_jax.voice.sampling.native.wavenet.sample_blocks import sample_wavenet

PackedVoice = PackedSampleRNN | PackedWaveNet


def unsupported_reason(voice: SampleModel) -> str:
    """Says in words why the native sampler does not support a voice; empty where it does."""
    if not isinstance(voice, WaveNet | SampleRNN):
        return "it is no SampleRNN and no WaveNet"
    if voice.q_levels > TABLE_LEVELS and voice.config.input == "embedding":
        return f"it embeds {voice.q_levels} levels, and the sampler's tables hold {TABLE_LEVELS} at most"
    return unsupported_settings(voice) if isinstance(voice, SampleRNN) else ""


def pack_voice(voice: SampleModel, weights: Params, precision: Precision = "float32") -> PackedVoice:
    """Folds a voice's weights and lays them out, once for any number of blocks.

    Args:
      voice: a voice for which `unsupported_reason` is empty.
      weights: `voice.weights(params)`.
      precision: precision of the packed weights. int8 has a scale for each row; it is faster where the CPU has AVX2
        or AVX-512 VNNI. The output layer of a mixture stays in float32, since its means are values of sound.

    Raises:
      ValueError: the sampler does not support the voice.
    """
    if why := unsupported_reason(voice):
        raise ValueError(f"the native sampler does not support this voice: {why}")
    if isinstance(voice, WaveNet):
        return pack_wavenet(voice, weights, precision)
    assert isinstance(voice, SampleRNN)
    return pack_samplernn(voice, weights, precision)


def sample_native(
    packed: PackedVoice,
    state: ModelState,
    uniform: np.ndarray,
    forced: np.ndarray | None = None,
    cond: Cond | None = None,
    sampling: Sampling = Sampling(),
    score: bool = True,
) -> tuple[Trace, ModelState]:
    """Draws T samples of each stream from a packed voice.

    Streams are shared among threads. With float32 weights log-probabilities are within 1e-4 of the compiled
    sampler's.

    Args:
      packed: the voice.
      state: [B] streams at phase 0.
      uniform: [B, T] float32 in [0, 1), one per sample.
      forced: [B, T] int32, samples that enter the history in place of the free ones; None for free running.
      cond: speaker [B] and features [B, N, C], for a voice that takes them.
      sampling: temperature and top k.
      score: whether log-probabilities are computed, which takes a twentieth of the time.

    Returns:
      trace: arrays of numpy; its `log_prob` is [B, 0] without `score`.
      state: after the T samples, arrays of numpy.

    Raises:
      ValueError: the state is not at phase 0, T is no multiple of the frame, `cond` does not hold the speaker or
        the features that the voice takes, or the distribution cannot follow `sampling`.
    """
    batch, length = uniform.shape
    voice: Any = packed.voice
    if length % voice.frame or int(state.phase):
        raise ValueError(f"the native sampler takes multiples of {voice.frame} samples, from phase 0 on")
    voice.distribution.check(sampling)
    speaker, local = np.zeros(batch, np.int64), np.zeros((batch, length // voice.frame, 0), np.float32)
    if voice.speakers:
        speaker = np.asarray(require_speaker(cond), np.int64)
    if voice.local:
        local = _copy(require_local(cond, voice.local, length // voice.frame), np.float32)
    request = SampleRequest(
        _copy(uniform, np.float32),
        np.zeros((batch, 0), np.int32) if forced is None else _copy(forced, np.int32),
        draw_settings(voice, sampling),
        speaker,
        local,
        np.zeros((batch, length), np.int32),
        np.zeros((batch, length if score else 0), np.float32),
    )
    if isinstance(packed, PackedWaveNet):
        samples, state = sample_wavenet(packed, state, request)
    else:
        samples, state = sample_samplernn(packed, state, request)
    return Trace(samples, request.free_samples, request.log_probs), state  # pyright: ignore[reportArgumentType]


def _copy(array: Any, dtype: type) -> np.ndarray:
    """Copies an array: numba would compile anew for one that is read only, as those of JAX are, or not contiguous."""
    return np.array(array, dtype, order="C")
