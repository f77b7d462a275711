"""The native sampler's loop over samples of a WaveNet, for streams that are made together on one thread.

Axes: S streams, T samples, L layers, K taps, R residual channels, W skip channels, Q levels, N rows of features, P all
that the layers remember, X rows of a product, C columns.
"""

import numpy as np

from babble_jax.voice.sampling.native.arithmetic import inline, largest, sigmoid, tanh
from babble_jax.voice.sampling.native.draw import draw, law
from babble_jax.voice.sampling.native.kernels import ROWS
from babble_jax.voice.sampling.native.rows import compiled, float_rows, int8_rows

_SIGNED = np.float32(127)  # code of the largest activation, from the middle one, 0, on
_MIDDLE, _HALF = np.float32(128), np.float32(0.5)


@inline
def _padded(rows):
    return (rows + ROWS - 1) // ROWS * ROWS


@inline
def _multiply(int8, products, place, rows, columns, x, y, most, code, whole):
    """Y [S, X] = bias + the matrix at `place` times x [S, C]; int8 codes of x are relative to its largest value."""
    streams, start, row = x.shape[0], place[0], place[1]
    bias = products.bias[row : row + rows]
    if int8:
        scale, sums = products.scale[row : row + rows], products.sums[row : row + rows]
        for s in range(streams):
            most[s] = largest(x[s], columns)
            factor = _SIGNED / most[s]
            for i in range(columns):
                code[s, i] = np.uint8(x[s, i] * factor + (_MIDDLE + _HALF))
        int8_rows(
            products.bytes, start, rows, columns, code.reshape(-1), code.shape[1], whole.reshape(-1), whole.shape[1],
            streams,
        )  # fmt: skip
        for s in range(streams):
            factor = most[s] / _SIGNED
            for i in range(rows):
                y[s, i] = bias[i] + scale[i] * factor * (np.float32(whole[s, i]) - _MIDDLE * sums[i])
    else:
        float_rows(
            products.floats, start, rows, (columns + 3) // 4 * 4, x.reshape(-1), x.shape[1], y.reshape(-1), y.shape[1],
            streams,
        )  # fmt: skip
        for s in range(streams):
            for i in range(rows):
                y[s, i] += bias[i]


@compiled
def run(
    int8,
    products,
    places,
    table,
    dilations,
    taps,
    skips,
    last,
    past,
    position,
    own,
    said,
    per_row,
    uniform,
    forced,
    least,
    temperature,
    line,
    drawn,
    log_prob,
):
    """Draws T samples of each of S streams.

    Args:
      int8: whether weights are quantized.
      products: `layout.Products`.
      places: `pack.Places`.
      table: [Q, R] float32.
      dilations: [L] int64.
      taps: K.
      skips: W.
      last: [S] int32, the sample before the first.
      past: [S, P, R] float32, the layers' rings one after the other, updated.
      position: of the first sample in the rings, modulo their lengths.
      own: [S, L, 2R] float32, what the speaker adds to the gates.
      said: [S, N, L 2R] float32, what the features of each row add to the gates.
      per_row: samples per row of features.
      uniform: [S, T] float32.
      forced: [S, T] int32, or [S, 0].
      least: how many levels may be drawn; Q for all.
      temperature: of the draw; 0 for the most likely.
      line: [S, T] int32, written: what the streams say.
      drawn: [S, T] int32, written.
      log_prob: [S, T] float32, written: of what they say, at temperature 1.
    """
    streams, length = uniform.shape
    levels, channels = table.shape
    layers = len(dilations)
    columns = (taps * channels + 3) // 4 * 4
    widest = max(_padded(2 * channels), max(_padded(skips + channels), _padded(levels)))
    seen = np.zeros((streams, columns), np.float32)
    gated = np.zeros((streams, (channels + 3) // 4 * 4), np.float32)
    x = np.zeros((streams, channels), np.float32)
    y = np.zeros((streams, widest), np.float32)
    skipped = np.zeros((streams, (skips + 3) // 4 * 4), np.float32)
    most = np.zeros(streams, np.float32)
    code = np.zeros((streams, max(columns, (skips + 3) // 4 * 4)), np.uint8)
    whole = np.zeros((streams, widest), np.int32)
    chance = np.zeros(_padded(levels), np.float32)
    for t in range(length):
        for s in range(streams):
            before = last[s] if t == 0 else line[s, t - 1]
            for i in range(channels):
                x[s, i] = table[before, i]
            for i in range(skips):
                skipped[s, i] = np.float32(0)
        first = 0  # of the layer's ring
        for k in range(layers):
            size = (taps - 1) * dilations[k]
            now = (position + t) % size
            for s in range(streams):
                for j in range(taps - 1):
                    place = first + (now + j * dilations[k]) % size
                    for i in range(channels):
                        seen[s, j * channels + i] = past[s, place, i]
                for i in range(channels):
                    seen[s, (taps - 1) * channels + i] = x[s, i]
                    past[s, first + now, i] = x[s, i]
            _multiply(
                int8, products, places.gate[k], 2 * channels, taps * channels, seen, y, most, code, whole
            )
            for s in range(streams):
                speaker = own[s, k]
                features = said[s, t // per_row, 2 * channels * k : 2 * channels * (k + 1)]
                for i in range(2 * channels):
                    y[s, i] += speaker[i] + features[i]
                for i in range(channels):
                    gated[s, i] = tanh(y[s, i]) * sigmoid(y[s, channels + i])
            rows = skips if k == layers - 1 else skips + channels
            _multiply(int8, products, places.out[k], rows, channels, gated, y, most, code, whole)
            for s in range(streams):
                for i in range(skips):
                    skipped[s, i] += y[s, i]
                for i in range(rows - skips):
                    x[s, i] += y[s, skips + i]
            first += size
        for s in range(streams):
            for i in range(skips):
                skipped[s, i] = max(skipped[s, i], np.float32(0))
        _multiply(int8, products, places.hidden, skips, skips, skipped, y, most, code, whole)
        for s in range(streams):
            for i in range(skips):
                skipped[s, i] = max(y[s, i], np.float32(0))
        _multiply(int8, products, places.output, levels, skips, skipped, y, most, code, whole)
        for s in range(streams):
            logits = y[s]
            chosen = draw(logits, chance, levels, least, temperature, uniform[s, t])
            sample = chosen if forced.shape[1] == 0 else forced[s, t]
            drawn[s, t] = chosen
            line[s, t] = sample
            log_prob[s, t] = law(logits, levels, sample)
