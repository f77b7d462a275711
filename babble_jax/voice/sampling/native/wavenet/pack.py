"""Lays out WaveNet's weights for the native sampler.

Axes: L layers, K taps, R residual channels, S skip channels, Q levels, P speakers, C features, O numbers that describe
the distribution of a sample.
"""

import dataclasses
import functools
from typing import NamedTuple

import numpy as np

from babble_jax.voice.contract import Params
from babble_jax.voice.models.wavenet import WaveNet
from babble_jax.voice.sampling.native.layout import MatrixWriter, Precision, Products, weight_array


class WaveNetLayout(NamedTuple):
    """Indices of WaveNet's matrices in `layout.Products`: first weight and first row of each, int64.

    Attributes:
      gate: [L, 2] matrices [2R, K R] from the K taps to the gate.
      out: [L, 2] matrices [S + R, R] from the gate to skip and residual; [S, R] in the last layer.
      hidden: [2] matrix [S, S] of the first 1x1 convolution after the layers.
      output: [2] matrix [O, S] of the second one.
    """

    gate: np.ndarray
    out: np.ndarray
    hidden: np.ndarray
    output: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class PackedWaveNet:
    """A WaveNet packed for the native sampler.

    Attributes:
      voice: the sample model.
      int8: whether weights are quantized.
      products: the matrices.
      layout: where each matrix starts.
      table: [Q, R] float32, the first layer's input for each value of the past sample; [1, R], to be multiplied by its
        real value.
      speakers: [P, L, 2R] float32, contribution of each speaker to the gates; zeros with P = 1 without speakers.
      features: [C, L 2R] float32, contribution of a row of features to the gates.
      dilations: [L] int64.
    """

    voice: WaveNet
    int8: bool
    products: Products
    layout: WaveNetLayout
    table: np.ndarray
    speakers: np.ndarray
    features: np.ndarray
    dilations: np.ndarray

    @property
    def macs(self) -> float:
        """Multiplications of a sample's products."""
        c = self.voice.config
        layer = (2 * c.taps + 1) * c.channels**2 + c.skip * c.channels
        return float(
            len(c.dilations) * layer - c.channels**2 + c.skip**2 + c.skip * self.voice.distribution.size
        )


def pack_wavenet(voice: WaveNet, weights: Params, precision: Precision) -> PackedWaveNet:
    """Lays out the weights.

    Args:
      voice: a WaveNet.
      weights: `voice.weights(params)`.
      precision: precision of the packed weights.
    """
    config = voice.config

    at = functools.partial(weight_array, weights)

    writer = MatrixWriter(precision == "int8")
    layers = [f"layer_{i}" for i in range(len(config.dilations))]
    gate, out = [], []
    for layer in layers:
        gate.append(writer.add(at(layer, "gate", "kernel"), at(layer, "gate", "bias")))
        out.append(writer.add(at(layer, "out", "kernel"), at(layer, "out", "bias")))
    hidden, output = (
        writer.add(
            at("post", name, "kernel"),
            at("post", name, "bias"),
            quantize=name == "hidden" or not voice.mixture,
        )
        for name in ("hidden", "output")
    )
    width = 2 * config.channels
    speakers = np.zeros((1, len(layers), width))
    if voice.speakers:
        speakers = np.stack([at(layer, "speaker") for layer in layers], axis=1)
    features = np.zeros((0, len(layers) * width))
    if voice.local:
        features = np.hstack([at(layer, "features", "kernel") for layer in layers])
    return PackedWaveNet(
        voice,
        precision == "int8",
        writer.products(),
        WaveNetLayout(*(np.array(x, np.int64) for x in (gate, out, hidden, output))),
        at("table").astype(np.float32),
        speakers.astype(np.float32),
        features.astype(np.float32),
        np.array(config.dilations, np.int64),
    )
