"""Products of packed matrices with the vectors of several streams.

Axes: S streams, X rows of a product, C columns, N frames.
"""

import numba
import numpy as np

from babble_jax.voice.sampling.native import kernels
from babble_jax.voice.sampling.native.arithmetic import inline
from babble_jax.voice.sampling.native.kernels import ROWS, float_block, int8_block

GROUP = 4 if kernels.VNNI else 1  # streams of one pass over the weights: as many as there are registers for

compiled = numba.njit(
    fastmath={"contract", "reassoc", "nsz", "arcp"}, nogil=True, error_model="numpy", cache=True
)


@inline
def float_rows(weights, start, rows, columns, x, step, y, y_step, streams):
    """Y [S, rows] = weights x [S, columns], both float32; rows of whole blocks."""
    for block in range((rows + ROWS - 1) // ROWS):
        place, s = start + block * ROWS * columns, 0
        while s + GROUP <= streams:
            float_block(
                weights, place, columns, x, s * step, step, y, s * y_step + block * ROWS, y_step, GROUP
            )
            s += GROUP
        while s < streams:
            float_block(weights, place, columns, x, s * step, step, y, s * y_step + block * ROWS, y_step, 1)
            s += 1


@inline
def int8_rows(weights, start, rows, columns, x, step, y, y_step, streams):
    """The same of codes: x [S, columns] uint8, weights int8, y int32."""
    fours = (columns + 3) // 4
    for block in range((rows + ROWS - 1) // ROWS):
        place, s = start + block * ROWS * fours * 4, 0
        while s + GROUP <= streams:
            int8_block(weights, place, fours, x, s * step, step, y, s * y_step + block * ROWS, y_step, GROUP)
            s += GROUP
        while s < streams:
            int8_block(weights, place, fours, x, s * step, step, y, s * y_step + block * ROWS, y_step, 1)
            s += 1


@compiled
def table_rows(told, table):
    """[S, N, X] = told [S, N, C] table [C, X], float32: a sum of the rows that are told, of which most are told not at
    all. Summed in one order, which a BLAS library with its threads does not promise.
    """
    streams, frames, columns = told.shape
    found = np.zeros((streams, frames, table.shape[1]), np.float32)
    for s in range(streams):
        for n in range(frames):
            for c in range(columns):
                value = told[s, n, c]
                if value != 0:
                    row = table[c]
                    for i in range(len(row)):
                        found[s, n, i] += value * row[i]
    return found
