"""Updates the hidden states of gated recurrent units.

Axes: D units.
"""

import numba
import numpy as np

from babble_jax.voice.sampling.native.arithmetic import exp
from babble_jax.voice.sampling.native.kernels import divide

_ONE, _TWO = np.float32(1), np.float32(2)


# Not inline: as a function of its own, with three short loops, it compiles into vector instructions. Within the loop
# over samples LLVM cannot tell the arrays apart and takes one unit after the other.
@numba.njit(fastmath={"contract", "reassoc", "nsz", "arcp"}, error_model="numpy")
def update_hidden(gates, recurrent, candidate_bias, hidden, dim):
    """Updates the hidden state of one stream: h = n + z (h - n), with the gates r and z and the candidate n.

    Args:
      gates: [3D] float32, what the input adds to z, r and n; overwritten.
      recurrent: [3D] float32, what the hidden state adds to them.
      candidate_bias: [D] float32, added to the recurrent part of n before r applies.
      hidden: [D] float32, updated.
      dim: D.
    """
    z, r, n = gates[:dim], gates[dim : 2 * dim], gates[2 * dim : 3 * dim]
    past_z, past_r, past_n = recurrent[:dim], recurrent[dim : 2 * dim], recurrent[2 * dim : 3 * dim]
    for i in range(dim):
        r[i] = _ONE + exp(-(r[i] + past_r[i]))  # 1 / r
        z[i] = _ONE + exp(-(z[i] + past_z[i]))  # 1 / z
    for i in range(dim):
        n[i] += divide(past_n[i] + candidate_bias[i], r[i])  # pyright: ignore[reportCallIssue]
    for i in range(dim):
        candidate = _ONE - divide(_TWO, _ONE + exp(_TWO * n[i]))  # pyright: ignore[reportCallIssue]
        hidden[i] = candidate + divide(hidden[i] - candidate, z[i])  # pyright: ignore[reportCallIssue]
