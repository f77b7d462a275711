"""Matrices as the kernels read them, one after the other.

Axes: X rows of a product, C columns.
"""

from typing import Any, Literal, NamedTuple

import numpy as np

from babble_jax.voice.contract import Params
from babble_jax.voice.sampling.native import kernels

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

    @property
    def megabytes(self) -> float:
        """Of all weights; a sampler reads each of them over and over."""
        return (self.floats.nbytes + self.bytes.nbytes) / 1e6


def array(weights: Params, *path: str) -> np.ndarray:
    """A leaf of the weights, float64."""
    found: Any = weights
    for name in path:
        found = found[name]
    return np.asarray(found, np.float64)


class Writer:
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
        return Products(
            np.concatenate([np.zeros(0, np.float32), *self.floats]),
            np.concatenate([np.zeros(0, np.int8), *self.bytes]),
            np.concatenate(self.scale),
            np.concatenate(self.sums),
            np.concatenate(self.bias),
        )
