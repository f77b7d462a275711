"""The native sampler under the contract of the others, for each kind of voice that it knows.

Axes: B streams, T samples, N rows of features, C features.
"""

from typing import Any

import numpy as np

from babble_jax.voice.contract import Cond, Params, SampleModel, State, local_of, speaker_of
from babble_jax.voice.models.samplernn import SampleRNN
from babble_jax.voice.models.wavenet import WaveNet
from babble_jax.voice.sampling.ancestral import Sampling, Trace
from babble_jax.voice.sampling.native import kernels, samplernn, wavenet
from babble_jax.voice.sampling.native.layout import Precision
from babble_jax.voice.sampling.native.streams import SampleRequest

Packed = samplernn.Packed | wavenet.Packed


def unsupported_reason(voice: SampleModel) -> str:
    """Why the native sampler does not know a voice, in words; empty where it does."""
    if isinstance(voice, WaveNet):
        return ""
    return (
        samplernn.unsupported_reason(voice)
        if isinstance(voice, SampleRNN)
        else "it is no SampleRNN and no WaveNet"
    )


def pack(voice: SampleModel, weights: Params, precision: Precision = "float32") -> Packed:
    """Folds and lays out, once.

    Args:
      voice: one of which `unsupported_reason` is empty.
      weights: as `voice.weights` gives them.
      precision: of the weights. int8 has a scale for each row, and needs a CPU with AVX2 or AVX-512 VNNI.

    Raises:
      ValueError: the voice is of a shape that the sampler does not know, or the CPU cannot multiply int8.
    """
    if why := unsupported_reason(voice):
        raise ValueError(f"the native sampler does not know this voice: {why}")
    if precision == "int8" and not kernels.INT8:
        raise ValueError("int8 needs a CPU with AVX2; take float32")
    if isinstance(voice, WaveNet):
        return wavenet.pack(voice, weights, precision)
    assert isinstance(voice, SampleRNN)
    return samplernn.pack(voice, weights, precision)


def sample(
    packed: Packed,
    state: State,
    uniform: np.ndarray,
    forced: np.ndarray | None = None,
    cond: Cond | None = None,
    sampling: Sampling = Sampling(),
) -> tuple[Trace, State]:
    """As `nested.nested`, with a packed voice in place of voice and parameters, and numpy arrays in the trace.

    Streams, not rows, are shared out among threads. With float32 weights log-probabilities are within 1e-4 of the
    compiled sampler's.

    Raises:
      ValueError: the state is not at phase 0, T is no multiple of the frame, or `cond` lacks what the voice takes.
    """
    batch, length = uniform.shape
    voice: Any = packed.voice
    if length % voice.frame or int(state.phase):
        raise ValueError(f"the native sampler takes multiples of {voice.frame} samples, from phase 0 on")
    speaker, local = np.zeros(batch, np.int64), np.zeros((batch, length // voice.frame, 0), np.float32)
    if voice.speakers:
        speaker = np.asarray(speaker_of(cond), np.int64)
    if voice.local:
        local = np.asarray(local_of(cond, voice.local, length // voice.frame), np.float32)
    asked = SampleRequest(
        np.asarray(uniform, np.float32),
        np.zeros((batch, 0), np.int32) if forced is None else np.asarray(forced, np.int32),
        min(sampling.top_k or voice.q_levels, voice.q_levels),
        float(sampling.temperature),
        speaker,
        local,
        np.zeros((batch, length), np.int32),
        np.zeros((batch, length), np.float32),
    )
    if isinstance(packed, wavenet.Packed):
        said, state = wavenet.sample(packed, state, asked)
    else:
        said, state = samplernn.sample(packed, state, asked)
    return Trace(said, asked.drawn, asked.log_prob), state  # pyright: ignore[reportArgumentType]
