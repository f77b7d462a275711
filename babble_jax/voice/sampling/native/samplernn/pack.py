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
from typing import NamedTuple

import numpy as np

from babble_jax.voice.contract import Params
from babble_jax.voice.models.samplernn import SampleRNN
from babble_jax.voice.sampling.native.layout import Precision, Products, Writer, array


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


def unsupported_reason(voice: SampleRNN) -> str:
    """See `native.sampler.unsupported_reason`."""
    c = voice.config
    wanted = {"cell": "gru", "reset": "after", "layers": 1, "hidden": 1, "expand_top": True, "skip": False}
    other = [f"{name} is {getattr(c, name)}" for name, value in wanted.items() if getattr(c, name) != value]
    return " and ".join(other)


def pack(voice: SampleRNN, weights: Params, precision: Precision) -> Packed:
    """Folds and lays out; see `native.sampler.pack`."""
    dim, sizes = voice.config.dim, np.array(voice.config.frame_sizes, np.int64)

    at = functools.partial(array, weights)

    count = len(sizes)
    gates = [at(f"tier_{k}", "rnn", "GRU_0", "input", "kernel") for k in range(count)]  # [D, 3D]
    hidden = at("sample", "layers_0", "kernel")  # [D, D]
    after = [*gates[1:], hidden]  # what what a tier says is multiplied by
    added = [
        at(f"tier_{k}", "expand", "bias") @ gates[k] + at(f"tier_{k}", "rnn", "GRU_0", "input", "bias")
        for k in range(count)
    ]
    writer = Writer(precision == "int8")
    rows: dict[str, list[int]] = {name: [] for name in Places._fields}
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
        says = at(tier, "upsample", "kernel").reshape(dim, ratio, dim) @ after[k]  # [D, R, 3D or D]
        bias = at(tier, "upsample", "bias").reshape(ratio, dim) @ after[k]
        if k == count - 1:
            bias = bias + at("sample", "layers_0", "bias")
        start, row = writer.add(says.reshape(dim, ratio * width), bias.ravel())
        rows["upsample"].append(start)
        rows["upsample_row"].append(row)
    rows["output"] = list(writer.add(at("sample", "output", "kernel"), at("sample", "output", "bias")))
    speakers = np.zeros((count, 1, 3 * dim))
    if voice.speakers:
        speakers = np.stack([at(f"tier_{k}", "speaker") @ gates[k] for k in range(count)])
    features = np.zeros((0, 3 * dim * count + dim))
    if voice.local:
        each = [at(f"tier_{k}", "features", "kernel") @ gates[k] for k in range(count)]
        features = np.hstack([*each, at("sample", "features", "kernel") @ hidden])
    return Packed(
        voice,
        precision == "int8",
        writer.products(),
        Places(*(np.array(rows[name], np.int64) for name in Places._fields)),
        (at("tables") @ hidden).astype(np.float32),
        speakers.astype(np.float32),
        features.astype(np.float32),
        sizes,
        dim,
    )
