"""SampleRNN's weights folded and laid out for the native sampler, once.

Axes: K tiers, F samples per frame, D units, R finer frames per frame, Q levels, X rows of a product, C columns, P
speakers.

Between one nonlinearity and the next all maps are linear, so they are multiplied out here: what a tier says goes
straight to the gates of the next one, or to the ReLU of the sample level, and the look-up tables of past samples end
there, too. A sample then costs 3.1 (frames of 16 and 4) D^2 + D Q multiplications in place of 4.2 D^2 + D Q, and the
sample level has one product.
"""

import dataclasses
import functools
from typing import Any, Literal, NamedTuple

import numpy as np

from babble_jax.voice.contract import Params, Voice
from babble_jax.voice.native import kernels
from babble_jax.voice.samplernn import SampleRNN

Precision = Literal["float32", "int8"]


class Products(NamedTuple):
    """Matrices [X, C] in the layout of `kernels`, one after the other, rows filled up to whole blocks.

    Attributes:
      floats: [...] float32, those that are not quantized.
      bytes: [...] int8, those that are.
      scale: [...] float32, of each row of the quantized ones: the weight that one step stands for.
      sums: [...] float32, of each row: the sum of its quantized weights.
      bias: [...] float32, of each row of all.
    """

    floats: np.ndarray
    bytes: np.ndarray
    scale: np.ndarray
    sums: np.ndarray
    bias: np.ndarray


class Places(NamedTuple):
    """Where the matrices are: [K] each, for the tiers; `output` alone.

    Attributes:
      expand: start in `floats`, of the map from a frame to the gates.
      recurrent: start in `floats` or `bytes`.
      upsample: start in the same.
      expand_row: first row in `bias` and, of quantized ones, in `scale` and `sums`; as the two that follow.
      recurrent_row: of the recurrent map.
      upsample_row: of what the tier says.
      output: [2] start and first row of the output map.
    """

    expand: np.ndarray
    recurrent: np.ndarray
    upsample: np.ndarray
    expand_row: np.ndarray
    recurrent_row: np.ndarray
    upsample_row: np.ndarray
    output: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Packed:
    """A voice for the native sampler.

    Attributes:
      voice: the same voice.
      int8: whether weights are quantized.
      products: the matrices.
      places: where they are.
      tables: [F, Q, D] float32, what each past sample adds before the ReLU.
      speakers: [K, P, 3D] float32, what the speaker adds to the gates; P = 1 for a voice without.
      features: [C, K 3D + D] float32, what the features of a top frame add to the gates of each tier and, before the
        ReLU, to the sample level.
      sizes: [K] int64, samples per frame.
      dim: D.
    """

    voice: SampleRNN
    int8: bool
    products: Products
    places: Places
    tables: np.ndarray
    speakers: np.ndarray
    features: np.ndarray
    sizes: np.ndarray
    dim: int

    @functools.cached_property
    def megabytes(self) -> float:
        """Weights that a top frame reads at least once."""
        return (self.products.floats.nbytes + self.products.bytes.nbytes) / 1e6


def lacks(voice: Any) -> str:
    """Why the native sampler does not know a voice, in words; empty where it does."""
    if not isinstance(voice, SampleRNN):
        return "it is no SampleRNN"
    c = voice.config
    wanted = {"cell": "gru", "reset": "after", "layers": 1, "hidden": 1, "expand_top": True, "skip": False}
    other = [f"{name} is {getattr(c, name)}" for name, value in wanted.items() if getattr(c, name) != value]
    return " and ".join(other)


class _Writer:
    """Collects matrices."""

    def __init__(self, int8: bool):
        self.int8 = int8
        self.floats: list[np.ndarray] = []
        self.bytes: list[np.ndarray] = []
        self.scale: list[np.ndarray] = []
        self.sums: list[np.ndarray] = []
        self.bias: list[np.ndarray] = []

    def add(self, kernel: np.ndarray, bias: np.ndarray, quantize: bool = True) -> tuple[int, int]:
        """Adds kernel [C, X] with bias [X]; returns where it starts, and its first row."""
        matrix = np.asarray(kernel, np.float64).T
        rows, columns = matrix.shape
        lacking = -rows % kernels.ROWS
        matrix = np.pad(matrix, ((0, lacking), (0, -columns % 4)))
        row = sum(map(len, self.bias))
        self.bias.append(np.pad(np.asarray(bias, np.float32), (0, lacking)))
        blocks, width = len(matrix) // kernels.ROWS, matrix.shape[1]
        scale, sums = np.ones(len(matrix)), np.zeros(len(matrix))
        if quantize and self.int8:
            scale = np.maximum(np.abs(matrix).max(axis=1), 1e-12) / kernels.LARGEST
            whole = np.rint(matrix / scale[:, None])
            sums = whole.sum(axis=1)
            parts = whole.reshape(blocks, kernels.ROWS, width // 4, 4).transpose(0, 2, 1, 3)
            start = sum(map(len, self.bytes))
            self.bytes.append(parts.astype(np.int8).ravel())
        else:
            parts = matrix.reshape(blocks, kernels.ROWS, width).transpose(0, 2, 1)
            start = sum(map(len, self.floats))
            self.floats.append(parts.astype(np.float32).ravel())
        self.scale.append(scale.astype(np.float32))
        self.sums.append(sums.astype(np.float32))
        return start, row

    def products(self) -> Products:
        """All of them."""
        empty = [np.zeros(0, np.int8)]
        return Products(
            np.concatenate(self.floats),
            np.concatenate(self.bytes or empty),
            np.concatenate(self.scale),
            np.concatenate(self.sums),
            np.concatenate(self.bias),
        )


def pack(voice: Voice, weights: Params, precision: Precision = "float32") -> Packed:
    """Folds and lays out.

    Args:
      voice: one that `lacks` nothing.
      weights: as `voice.weights` gives them.
      precision: of the weights. int8 has a scale for each row, and needs a CPU with AVX2 or AVX-512 VNNI.

    Raises:
      ValueError: the voice is of a shape that the sampler does not know, or the CPU cannot multiply int8.
    """
    if why := lacks(voice):
        raise ValueError(f"the native sampler does not know this voice: {why}")
    assert isinstance(voice, SampleRNN)
    if precision == "int8" and not kernels.INT8:
        raise ValueError("int8 needs a CPU with AVX2; take float32")
    tree: Any = weights
    dim, sizes = voice.config.dim, np.array(voice.config.frame_sizes, np.int64)

    def array(*path: str) -> np.ndarray:
        found = tree
        for name in path:
            found = found[name]
        return np.asarray(found, np.float64)

    count = len(sizes)
    gates = [array(f"tier_{k}", "rnn", "GRU_0", "input", "kernel") for k in range(count)]  # [D, 3D]
    hidden = array("sample", "layers_0", "kernel")  # [D, D]
    after = [*gates[1:], hidden]  # what what a tier says is multiplied by
    added = [
        array(f"tier_{k}", "expand", "bias") @ gates[k] + array(f"tier_{k}", "rnn", "GRU_0", "input", "bias")
        for k in range(count)
    ]
    writer = _Writer(precision == "int8")
    rows: dict[str, list[int]] = {name: [] for name in Places._fields}
    for k in range(count):
        tier = f"tier_{k}"
        start, row = writer.add(array(tier, "expand", "kernel") @ gates[k], added[k], quantize=False)
        rows["expand"].append(start)
        rows["expand_row"].append(row)
        candidate = np.concatenate([np.zeros(2 * dim), array(tier, "rnn", "GRU_0", "recurrent_bias")])
        start, row = writer.add(array(tier, "rnn", "GRU_0", "recurrent", "kernel"), candidate)
        rows["recurrent"].append(start)
        rows["recurrent_row"].append(row)
        ratio, width = voice.ratios[k], after[k].shape[1]
        says = array(tier, "upsample", "kernel").reshape(dim, ratio, dim) @ after[k]  # [D, R, 3D or D]
        bias = array(tier, "upsample", "bias").reshape(ratio, dim) @ after[k]
        if k == count - 1:
            bias = bias + array("sample", "layers_0", "bias")
        start, row = writer.add(says.reshape(dim, ratio * width), bias.ravel())
        rows["upsample"].append(start)
        rows["upsample_row"].append(row)
    rows["output"] = list(writer.add(array("sample", "output", "kernel"), array("sample", "output", "bias")))
    speakers = np.zeros((count, 1, 3 * dim))
    if voice.speakers:
        speakers = np.stack([array(f"tier_{k}", "speaker") @ gates[k] for k in range(count)])
    features = np.zeros((0, 3 * dim * count + dim))
    if voice.local:
        each = [array(f"tier_{k}", "features", "kernel") @ gates[k] for k in range(count)]
        features = np.hstack([*each, array("sample", "features", "kernel") @ hidden])
    return Packed(
        voice,
        precision == "int8",
        writer.products(),
        Places(*(np.array(rows[name], np.int64) for name in Places._fields)),
        (array("tables") @ hidden).astype(np.float32),
        speakers.astype(np.float32),
        features.astype(np.float32),
        sizes,
        dim,
    )
