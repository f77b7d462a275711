"""Folds SampleRNN's weights and lays them out for the native sampler.

Axes: K tiers, F samples per frame, D units, R finer frames per frame, Q levels, C features, P speakers, O numbers that
describe the distribution of a sample.

Between one nonlinearity and the next all maps are linear, so they are multiplied out here: the output of a tier is
added directly to the gates of the next one, or before the ReLU of the sample level, as are the look-up tables of past
samples. A sample then costs 3.1 (frames of 16 and 4) D^2 + D O multiplications in place of 4.2 D^2 + D O, and the
sample level has one product.
"""

import dataclasses
import functools
import itertools
from typing import NamedTuple

import numpy as np

from babble_jax.voice.contract import Params
from babble_jax.voice.models.samplernn import SampleRNN
from babble_jax.voice.sampling.native.layout import MatrixWriter, Precision, Products, weight_array


class SampleRNNLayout(NamedTuple):
    """Indices of SampleRNN's matrices in `layout.Products`, int64.

    Attributes:
      expand: [K] first weight in `floats` of each tier's map from a frame to the gates.
      recurrent: [K] first weight in `floats` or `bytes` of the recurrent map.
      upsample: [K] first weight in `floats` or `bytes` of the map to the finer frames.
      expand_row: [K] first row in `bias`, `scale` and `sums` of the map from a frame.
      recurrent_row: [K] first row of the recurrent map.
      upsample_row: [K] first row of the map to the finer frames.
      output: [2] first weight and first row of the output map.
    """

    expand: np.ndarray
    recurrent: np.ndarray
    upsample: np.ndarray
    expand_row: np.ndarray
    recurrent_row: np.ndarray
    upsample_row: np.ndarray
    output: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class PackedSampleRNN:
    """A SampleRNN packed for the native sampler.

    Attributes:
      voice: the sample model.
      int8: whether weights are quantized.
      products: the matrices.
      layout: where each matrix starts.
      tables: [F, Q, D] float32, contribution of each past sample before the ReLU; [F, 1, D], to be multiplied by its
        real value.
      speakers: [K, P, 3D] float32, contribution of each speaker to the gates; zeros with P = 1 without speakers.
      features: [C, K 3D + D] float32, contribution of the features of a top frame to the gates of each tier and,
        before the ReLU, to the sample level.
      sizes: [K] int64, samples per frame of each tier.
      dim: D.
    """

    voice: SampleRNN
    int8: bool
    products: Products
    layout: SampleRNNLayout
    tables: np.ndarray
    speakers: np.ndarray
    features: np.ndarray
    sizes: np.ndarray
    dim: int

    @property
    def outputs(self) -> int:
        """Numbers that describe the distribution of a sample, O."""
        return self.voice.distribution.size

    @property
    def macs(self) -> float:
        """Multiplications of a sample's products, over the frames of all tiers."""
        sizes = [*self.sizes.tolist(), 1]
        total = float(self.dim * self.outputs)
        for size, finer in itertools.pairwise(sizes):
            outputs = size // finer * (self.dim if finer == 1 else 3 * self.dim)
            total += self.dim * (3 * self.dim + outputs) / size + 3 * self.dim
        return total


def unsupported_settings(voice: SampleRNN) -> str:
    """Names the settings of a SampleRNN that the native sampler does not support; empty where it supports all."""
    c = voice.config
    supported = {"cell": "gru", "reset": "after", "layers": 1, "hidden": 1, "expand_top": True, "skip": False}
    other = [
        f"{name} is {getattr(c, name)}" for name, value in supported.items() if getattr(c, name) != value
    ]
    return " and ".join(other)


def pack_samplernn(voice: SampleRNN, weights: Params, precision: Precision) -> PackedSampleRNN:
    """Folds the weights and lays them out.

    Args:
      voice: a SampleRNN without `unsupported_settings`.
      weights: `voice.weights(params)`.
      precision: precision of the packed weights.
    """
    dim, sizes = voice.config.dim, np.array(voice.config.frame_sizes, np.int64)

    at = functools.partial(weight_array, weights)

    count = len(sizes)
    gates = [at(f"tier_{k}", "rnn", "GRU_0", "input", "kernel") for k in range(count)]  # [D, 3D]
    hidden = at("sample", "layers_0", "kernel")  # [D, D]
    after = [*gates[1:], hidden]  # the map that the output of each tier goes through
    added = [
        at(f"tier_{k}", "expand", "bias") @ gates[k] + at(f"tier_{k}", "rnn", "GRU_0", "input", "bias")
        for k in range(count)
    ]
    writer = MatrixWriter(precision == "int8")
    rows: dict[str, list[int]] = {name: [] for name in SampleRNNLayout._fields}
    for k in range(count):
        tier = f"tier_{k}"
        start, row = writer.add(at(tier, "expand", "kernel") @ gates[k], added[k], quantize=False)
        rows["expand"].append(start)
        rows["expand_row"].append(row)
        candidate = np.concatenate([np.zeros(2 * dim), at(tier, "rnn", "GRU_0", "recurrent_bias")])
        start, row = writer.add(at(tier, "rnn", "GRU_0", "recurrent", "kernel"), candidate)
        rows["recurrent"].append(start)
        rows["recurrent_row"].append(row)
        ratio, width = voice.ratios[k], after[k].shape[1]
        # One product of matrices, which is much faster than D small ones.
        upsample = at(tier, "upsample", "kernel").reshape(dim * ratio, dim) @ after[k]  # [D R, 3D or D]
        bias = at(tier, "upsample", "bias").reshape(ratio, dim) @ after[k]
        if k == count - 1:
            bias = bias + at("sample", "layers_0", "bias")
        start, row = writer.add(upsample.reshape(dim, ratio * width), bias.ravel())
        rows["upsample"].append(start)
        rows["upsample_row"].append(row)
    kernel, bias = at("sample", "output", "kernel"), at("sample", "output", "bias")
    rows["output"] = list(writer.add(kernel, bias, quantize=not voice.mixture))
    speakers = np.zeros((count, 1, 3 * dim))
    if voice.speakers:
        speakers = np.stack([at(f"tier_{k}", "speaker") @ gates[k] for k in range(count)])
    features = np.zeros((0, 3 * dim * count + dim))
    if voice.local:
        each = [at(f"tier_{k}", "features", "kernel") @ gates[k] for k in range(count)]
        features = np.hstack([*each, at("sample", "features", "kernel") @ hidden])
    return PackedSampleRNN(
        voice,
        precision == "int8",
        writer.products(),
        SampleRNNLayout(*(np.array(rows[name], np.int64) for name in SampleRNNLayout._fields)),
        (at("tables").reshape(-1, dim) @ hidden).reshape(at("tables").shape).astype(np.float32),
        speakers.astype(np.float32),
        features.astype(np.float32),
        sizes,
        dim,
    )
