"""The native sampler's loop over samples, for streams that are made together on one thread.

Axes: S streams, T samples, K tiers, F samples per frame, D units, Q levels, N top frames, X rows of a product.
"""

import numpy as np

from babble_jax.voice.sampling.native.arithmetic import inline, largest, sigmoid, tanh
from babble_jax.voice.sampling.native.draw import draw, law
from babble_jax.voice.sampling.native.kernels import ROWS
from babble_jax.voice.sampling.native.rows import compiled, float_rows, int8_rows

_ONE, _TWO, _FOUR = np.float32(1), np.float32(2), np.float32(4)
_SIGNED = np.float32(127)  # steps from 0 to the largest magnitude of an activation ...
_MIDDLE = np.float32(128)  # ... and the code of 0
_UNSIGNED = np.float32(255)  # code of the largest activation after a ReLU


@inline
def _encode(hidden, k, dim, span, code):
    """Codes [S, D] of the states of a tier, in [-span, span]: [-1, 1], but where a learned initial state is larger."""
    for s in range(hidden.shape[0]):
        span[s] = max(_ONE, largest(hidden[s, k], dim))
        for i in range(dim):
            code[s, i] = np.uint8(
                np.floor(hidden[s, k, i] * (_SIGNED / span[s]) + (_MIDDLE + np.float32(0.5)))
            )


@compiled
def run(
    int8,
    products,
    places,
    tables,
    sizes,
    dim,
    line,
    hidden,
    own,
    said,
    uniform,
    forced,
    least,
    temperature,
    drawn,
    log_prob,
):
    """Draws T samples of each of S streams.

    Args:
      int8: whether weights are quantized.
      products: `layout.Products`.
      places: `pack.Places`.
      tables: [F, Q, D] float32.
      sizes: [K] samples per frame.
      dim: D.
      line: [S, sizes[0] + T] int32; the past is given, the rest is written.
      hidden: [S, K, D] float32, updated.
      own: [S, K, 3D] float32, what the speaker adds to the gates.
      said: [S, N, K 3D + D] float32, what the features of each top frame add to the gates and to the sample level.
      uniform: [S, T] float32.
      forced: [S, T] int32, or [S, 0].
      least: how many levels may be drawn; Q for all.
      temperature: of the draw; 0 for the most likely.
      drawn: [S, T] int32, written.
      log_prob: [S, T] float32, written: of the sample, at temperature 1.
    """
    streams, length = uniform.shape
    count, past, levels = len(sizes), tables.shape[0], tables.shape[1]
    padded = (3 * dim + ROWS - 1) // ROWS * ROWS
    widest = padded
    for k in range(count):
        finer = sizes[k + 1] if k + 1 < count else 1
        widest = max(
            widest, (sizes[k] // finer * (3 * dim if k + 1 < count else dim) + ROWS - 1) // ROWS * ROWS
        )
    level_rows = (levels + ROWS - 1) // ROWS * ROWS
    step = (dim + 3) // 4 * 4
    first = sizes[0]
    width = (first + 3) // 4 * 4
    frame = np.zeros((streams, width), np.float32)
    gates = np.zeros((streams, padded), np.float32)
    recurrent = np.zeros((streams, padded), np.float32)
    says = np.zeros((count, streams, widest), np.float32)
    whole = np.zeros((streams, max(widest, level_rows)), np.int32)
    code = np.zeros((streams, step), np.uint8)
    span = np.zeros(streams, np.float32)
    active = np.zeros((streams, step), np.float32)
    logits = np.zeros((streams, level_rows), np.float32)
    chance = np.zeros(level_rows, np.float32)
    scale, sums, bias = products.scale, products.sums, products.bias
    for t in range(length):
        now = first + t  # of the sample, in `line`
        for k in range(count):
            size = sizes[k]
            if t % size:
                continue
            for s in range(streams):
                for j in range(size):
                    frame[s, j] = np.float32(line[s, now - size + j]) * (_FOUR / np.float32(levels)) - _TWO
            columns = (size + 3) // 4 * 4
            for s in range(streams):
                for j in range(size, columns):
                    frame[s, j] = np.float32(0)
            float_rows(
                products.floats, places.expand[k], 3 * dim, columns, frame.reshape(-1), width, gates.reshape(-1),
                padded, streams,
            )  # fmt: skip
            start, row = places.recurrent[k], places.recurrent_row[k]
            if int8:
                _encode(hidden, k, dim, span, code)
                int8_rows(
                    products.bytes, start, 3 * dim, dim, code.reshape(-1), step, whole.reshape(-1),
                    whole.shape[1], streams,
                )  # fmt: skip
                for s in range(streams):
                    for i in range(3 * dim):
                        recurrent[s, i] = (
                            scale[row + i]
                            * (np.float32(whole[s, i]) - _MIDDLE * sums[row + i])
                            * (span[s] / _SIGNED)
                        )
            else:
                for s in range(streams):
                    for i in range(dim):
                        active[s, i] = hidden[s, k, i]
                float_rows(
                    products.floats, start, 3 * dim, step, active.reshape(-1), step, recurrent.reshape(-1),
                    padded, streams,
                )  # fmt: skip
            expand_row = places.expand_row[k]
            finer = sizes[k - 1] if k else sizes[0]
            place = (t % finer) // size * 3 * dim if k else 0
            for s in range(streams):
                features = said[s, t // first, 3 * dim * k : 3 * dim * (k + 1)]
                for i in range(3 * dim):
                    gates[s, i] += bias[expand_row + i] + own[s, k, i] + features[i]
                if k:
                    above = says[k - 1, s, place : place + 3 * dim]
                    for i in range(3 * dim):
                        gates[s, i] += above[i]
                for i in range(dim):
                    z = sigmoid(gates[s, i] + recurrent[s, i])
                    r = sigmoid(gates[s, dim + i] + recurrent[s, dim + i])
                    n = tanh(
                        gates[s, 2 * dim + i] + r * (recurrent[s, 2 * dim + i] + bias[row + 2 * dim + i])
                    )
                    hidden[s, k, i] = n + z * (hidden[s, k, i] - n)
            start, row = places.upsample[k], places.upsample_row[k]
            rows = size // (sizes[k + 1] if k + 1 < count else 1) * (3 * dim if k + 1 < count else dim)
            if int8:
                _encode(hidden, k, dim, span, code)
                int8_rows(
                    products.bytes, start, rows, dim, code.reshape(-1), step, whole.reshape(-1),
                    whole.shape[1], streams,
                )  # fmt: skip
                for s in range(streams):
                    for i in range(rows):
                        says[k, s, i] = bias[row + i] + scale[row + i] * (
                            np.float32(whole[s, i]) - _MIDDLE * sums[row + i]
                        ) * (span[s] / _SIGNED)
            else:
                for s in range(streams):
                    for i in range(dim):
                        active[s, i] = hidden[s, k, i]
                float_rows(
                    products.floats, start, rows, step, active.reshape(-1), step, says[k].reshape(-1), widest,
                    streams,
                )  # fmt: skip
                for s in range(streams):
                    for i in range(rows):
                        says[k, s, i] += bias[row + i]
        place = t % sizes[count - 1] * dim
        for s in range(streams):
            features = said[s, t // first, 3 * dim * count :]
            for i in range(dim):
                active[s, i] = says[count - 1, s, place + i] + features[i]
            for j in range(past):
                table = tables[j, line[s, now - past + j]]
                for i in range(dim):
                    active[s, i] += table[i]
            for i in range(dim):
                active[s, i] = max(active[s, i], np.float32(0))
        start, row = places.output
        if int8:
            for s in range(streams):
                most = largest(active[s], dim)
                for i in range(dim):
                    code[s, i] = np.uint8(active[s, i] * (_UNSIGNED / most) + np.float32(0.5))
                frame[s, 0] = most / _UNSIGNED
            int8_rows(
                products.bytes, start, levels, dim, code.reshape(-1), step, whole.reshape(-1), whole.shape[1],
                streams,
            )  # fmt: skip
            for s in range(streams):
                for i in range(levels):
                    logits[s, i] = bias[row + i] + scale[row + i] * np.float32(whole[s, i]) * frame[s, 0]
        else:
            float_rows(
                products.floats, start, levels, step, active.reshape(-1), step, logits.reshape(-1), level_rows,
                streams,
            )  # fmt: skip
            for s in range(streams):
                for i in range(levels):
                    logits[s, i] += bias[row + i]
        for s in range(streams):
            own_logits = logits[s]
            chosen = draw(own_logits, chance, levels, least, temperature, uniform[s, t])
            sample = chosen if forced.shape[1] == 0 else forced[s, t]
            drawn[s, t] = chosen
            line[s, now] = sample
            log_prob[s, t] = law(own_logits, levels, sample)
