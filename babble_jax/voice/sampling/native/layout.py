"""Packs matrices as the kernels read them, one after the other.

Axes: X rows of a product, C columns.
"""

from typing import Any, Literal, NamedTuple

import numpy as np

from babble_jax.voice.contract import Params
from babble_jax.voice.sampling.native import kernels

Precision = Literal["float32", "int8"]


class Products(NamedTuple):
    """Matrices [X, C] in the layout of `kernels`, one after the other, rows padded to full blocks.

    Attributes:
      floats: [...] float32, weights of the matrices that are not quantized.
      bytes: [...] int8, weights of the quantized matrices.
      scale: [rows] float32, the weight that one int8 step stands for; 1 for rows that are not quantized.
      sums: [rows] float32, sum of a row's int8 weights; 0 for rows that are not quantized.
      bias: [rows] float32.
    """

    floats: np.ndarray
    bytes: np.ndarray
    scale: np.ndarray
    sums: np.ndarray
    bias: np.ndarray

    @property
    def megabytes(self) -> float:
        """Size of all weights, in MB (1e6 bytes); a sampler reads all of them for each sample."""
        return (self.floats.nbytes + self.bytes.nbytes) / 1e6


def weight_array(weights: Params, *path: str) -> np.ndarray:
    """Returns the leaf of the weights at `path`, as float64."""
    leaf: Any = weights
    for name in path:
        leaf = leaf[name]
    return np.asarray(leaf, np.float64)


class MatrixWriter:
    """Collects matrices for `Products`.

    Args:
      int8: whether weights are quantized, where `add` does not say otherwise.
    """

    def __init__(self, int8: bool):
        self.int8 = int8
        self.floats: list[np.ndarray] = []
        self.bytes: list[np.ndarray] = []
        self.scale: list[np.ndarray] = []
        self.sums: list[np.ndarray] = []
        self.bias: list[np.ndarray] = []

    def add(self, kernel: np.ndarray, bias: np.ndarray, quantize: bool = True) -> tuple[int, int]:
        """Adds a matrix.

        Args:
          kernel: [C, X].
          bias: [X].
          quantize: whether the writer's int8 applies to this matrix.

        Returns:
          Index of its first weight in `Products.floats` or `Products.bytes`, and its first row.
        """
        matrix = np.asarray(kernel, np.float64).T
        rows, columns = matrix.shape
        missing_rows = -rows % kernels.ROWS
        matrix = np.pad(matrix, ((0, missing_rows), (0, -columns % 4)))
        row = sum(map(len, self.bias))
        self.bias.append(np.pad(np.asarray(bias, np.float32), (0, missing_rows)))
        width = matrix.shape[1]
        scale, sums = np.ones(len(matrix)), np.zeros(len(matrix))
        if quantize and self.int8:
            scale = np.maximum(np.abs(matrix).max(axis=1), 1e-12) / kernels.MAX_INT8_WEIGHT
            steps = np.rint(matrix / scale[:, None])
            sums = steps.sum(axis=1)
            parts = steps.reshape(-1, kernels.PART, width // 4, 4).transpose(0, 2, 1, 3)
            start = sum(map(len, self.bytes))
            self.bytes.append(parts.astype(np.int8).ravel())
        else:
            parts = matrix.reshape(-1, kernels.PART, width).transpose(0, 2, 1)
            start = sum(map(len, self.floats))
            self.floats.append(parts.astype(np.float32).ravel())
        self.scale.append(scale.astype(np.float32))
        self.sums.append(sums.astype(np.float32))
        return start, row

    def products(self) -> Products:
        """Concatenates all matrices."""
        return Products(
            np.concatenate([np.zeros(0, np.float32), *self.floats]),
            np.concatenate([np.zeros(0, np.int8), *self.bytes]),
            np.concatenate(self.scale),
            np.concatenate(self.sums),
            np.concatenate(self.bias),
        )
