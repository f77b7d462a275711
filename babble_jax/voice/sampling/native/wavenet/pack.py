"""WaveNet's weights laid out for the native sampler, once.

Axes: L layers, K taps, R residual channels, S skip channels, Q levels, P speakers, C features.
"""

import dataclasses
import functools
from typing import NamedTuple

import numpy as np

from babble_jax.voice.contract import Params
from babble_jax.voice.models.wavenet import WaveNet
from babble_jax.voice.sampling.native.layout import Precision, Products, Writer, array


class Places(NamedTuple):
    """Where the matrices are: [L, 2] for the layers, [2] for the rest; each time the start, and the first row.

    Attributes:
      gate: from the K taps to the gate, [2R, K R].
      out: from the gate to skip and residual, [S + R, R]; [S, R] in the last layer.
      hidden: [S, S].
      output: [Q, S].
    """

    gate: np.ndarray
    out: np.ndarray
    hidden: np.ndarray
    output: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Packed:
    """A voice for the native sampler.

    Attributes:
      voice: the same voice.
      int8: whether weights are quantized.
      products: the matrices.
      places: where they are.
      table: [Q, R] float32, what the past sample is to the first layer.
      speakers: [P, L, 2R] float32, what the speaker adds to the gates; P = 1 for a voice without.
      features: [C, L 2R] float32, what the features of a row add to the gates.
      dilations: [L] int64.
    """

    voice: WaveNet
    int8: bool
    products: Products
    places: Places
    table: np.ndarray
    speakers: np.ndarray
    features: np.ndarray
    dilations: np.ndarray


def pack(voice: WaveNet, weights: Params, precision: Precision) -> Packed:
    """Lays out; see `native.sampler.pack`."""
    config = voice.config

    at = functools.partial(array, weights)

    writer = Writer(precision == "int8")
    layers = [f"layer_{i}" for i in range(len(config.dilations))]
    gate, out = [], []
    for layer in layers:
        gate.append(writer.add(at(layer, "gate", "kernel"), at(layer, "gate", "bias")))
        out.append(writer.add(at(layer, "out", "kernel"), at(layer, "out", "bias")))
    hidden, output = (
        writer.add(at("post", name, "kernel"), at("post", name, "bias")) for name in ("hidden", "output")
    )
    width = 2 * config.channels
    speakers = np.zeros((1, len(layers), width))
    if voice.speakers:
        speakers = np.stack([at(layer, "speaker") for layer in layers], axis=1)
    features = np.zeros((0, len(layers) * width))
    if voice.local:
        features = np.hstack([at(layer, "features", "kernel") for layer in layers])
    return Packed(
        voice,
        precision == "int8",
        writer.products(),
        Places(*(np.array(x, np.int64) for x in (gate, out, hidden, output))),
        at("table").astype(np.float32),
        speakers.astype(np.float32),
        features.astype(np.float32),
        np.array(config.dilations, np.int64),
    )
