"""Multiplies packed matrices with the vectors of several streams.

Axes: S streams, X rows of a product, C columns, N frames.
"""

from pathlib import Path

import numpy as np

from babble_jax.compilation import compile_native
from babble_jax.voice.sampling.native.arithmetic import inline
from babble_jax.voice.sampling.native.kernels import GROUP, ROWS, float_block, int8_block

compiled = compile_native(
    Path(__file__).parent,
    fastmath={"contract", "reassoc", "nsz", "arcp"},
    nogil=True,
    error_model="numpy",
)


@inline
def float_rows(weights, start, rows, columns, x, step, y, y_step, streams):
    """Computes y [S, rows] = weights x [S, columns] in float32.

    Args:
      weights: `Products.floats`.
      start: index of the matrix's first weight.
      rows: X.
      columns: C.
      x: flat float32; stream s begins at s * step.
      step: distance between streams in x.
      y: flat float32, written up to full blocks of rows; stream s begins at s * y_step.
      y_step: distance between streams in y.
      streams: S.
    """
    for block in range((rows + ROWS - 1) // ROWS):
        offset, s = start + block * ROWS * columns, 0
        while s + GROUP <= streams:
            float_block(
                weights, offset, columns, x, s * step, step, y, s * y_step + block * ROWS, y_step, GROUP
            )
            s += GROUP
        while s < streams:
            float_block(weights, offset, columns, x, s * step, step, y, s * y_step + block * ROWS, y_step, 1)
            s += 1


@inline
def int8_rows(weights, start, rows, columns, x, step, y, y_step, streams):
    """Computes the product of `float_rows` for uint8 codes x, int8 weights and int32 y.

    Args:
      weights: `Products.bytes`.
      start: index of the matrix's first weight.
      rows: X.
      columns: C.
      x: flat uint8; stream s begins at s * step.
      step: distance between streams in x.
      y: flat int32, written up to full blocks of rows; stream s begins at s * y_step.
      y_step: distance between streams in y.
      streams: S.
    """
    fours = (columns + 3) // 4
    for block in range((rows + ROWS - 1) // ROWS):
        offset, s = start + block * ROWS * fours * 4, 0
        while s + GROUP <= streams:
            int8_block(weights, offset, fours, x, s * step, step, y, s * y_step + block * ROWS, y_step, GROUP)
            s += GROUP
        while s < streams:
            int8_block(weights, offset, fours, x, s * step, step, y, s * y_step + block * ROWS, y_step, 1)
            s += 1


@compiled
def table_rows(features, table):
    """Multiplies features [S, N, C] with a table [C, X] in float32, skipping zeros: [S, N, X].

    Most features are 0. The order of the sum is fixed, which a threaded BLAS library does not promise.
    """
    streams, frames, columns = features.shape
    products = np.zeros((streams, frames, table.shape[1]), np.float32)
    for s in range(streams):
        for n in range(frames):
            for c in range(columns):
                value = features[s, n, c]
                if value != 0:
                    row = table[c]
                    for i in range(len(row)):
                        products[s, n, i] += value * row[i]
    return products
