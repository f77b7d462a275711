"""Draws samples of a packed WaveNet one after another, for the streams of one thread.

Axes: S streams, T samples, L layers, K taps, R residual channels, W skip channels, Q levels, N rows of features, P past
inputs of all layers, X rows of a product, C columns, O numbers that describe the distribution of a sample.
"""

import numpy as np

from babble_jax.voice.sampling.native.arithmetic import absmax, inline, sigmoid, tanh
from babble_jax.voice.sampling.native.draws import draw_sample, score_sample, scratch_size
from babble_jax.voice.sampling.native.kernels import ROWS
from babble_jax.voice.sampling.native.rows import compiled, float_rows, int8_rows

_SIGNED = np.float32(127)  # int8 steps from 0 to the largest magnitude of an activation
_ZERO_CODE, _HALF = np.float32(128), np.float32(0.5)
_TWO, _FOUR = np.float32(2), np.float32(4)


@inline
def _padded(rows):
    return (rows + ROWS - 1) // ROWS * ROWS


@inline
def _multiply(int8, products, start_and_row, rows, columns, x, y, largest, code, integers):
    """Computes y [S, X] = bias + a matrix times x [S, C]; int8 codes of x are relative to its largest magnitude.

    Args:
      int8: whether weights are quantized.
      products: `layout.Products`, the matrices.
      start_and_row: [2] where the matrix starts, and its first row.
      rows: X.
      columns: C.
      x: [S, C] float32.
      y: [S, X] float32, written.
      largest: [S] float32, overwritten.
      code: [S, C] uint8, overwritten.
      integers: [S, X] int32, overwritten.
    """
    streams, start, row = x.shape[0], start_and_row[0], start_and_row[1]
    bias = products.bias[row : row + rows]
    if int8:
        scale, sums = products.scale[row : row + rows], products.sums[row : row + rows]
        for s in range(streams):
            largest[s] = absmax(x[s], columns)
            factor = _SIGNED / largest[s]
            for i in range(columns):
                code[s, i] = np.uint8(x[s, i] * factor + (_ZERO_CODE + _HALF))
        int8_rows(
            products.bytes, start, rows, columns, code.reshape(-1), code.shape[1], integers.reshape(-1),
            integers.shape[1], streams,
        )  # fmt: skip
        for s in range(streams):
            factor = largest[s] / _SIGNED
            for i in range(rows):
                y[s, i] = bias[i] + scale[i] * factor * (np.float32(integers[s, i]) - _ZERO_CODE * sums[i])
    else:
        float_rows(
            products.floats, start, rows, (columns + 3) // 4 * 4, x.reshape(-1), x.shape[1], y.reshape(-1),
            y.shape[1], streams,
        )  # fmt: skip
        for s in range(streams):
            for i in range(rows):
                y[s, i] += bias[i]


@compiled
def run(
    int8,
    products,
    layout,
    table,
    dilations,
    taps,
    skips,
    outputs,
    last,
    past,
    position,
    speaker_gates,
    feature_gates,
    per_row,
    uniform,
    forced,
    settings,
    line,
    free_samples,
    log_probs,
):
    """Draws T samples of each of S streams.

    Args:
      int8: whether weights are quantized.
      products: `layout.Products`, the matrices.
      layout: `pack.WaveNetLayout`, where each of them starts.
      table: [Q, R] float32, the first layer's input for each value of the past sample; [1, R] times its real value.
      dilations: [L] int64.
      taps: K.
      skips: W.
      outputs: O.
      last: [S] int32, the sample before the first one.
      past: [S, P, R] float32, the layers' ring buffers one after the other, updated.
      position: index of the first sample in the ring buffers, modulo their lengths.
      speaker_gates: [S, L, 2R] float32, contribution of the speaker to the gates.
      feature_gates: [S, N, L 2R] float32, contribution of each row of features to the gates.
      per_row: samples per row of features.
      uniform: [S, T] float32 in [0, 1).
      forced: [S, T] int32, samples that replace the free ones; or [S, 0].
      settings: `request.DrawSettings`.
      line: [S, T] int32, written: the samples.
      free_samples: [S, T] int32, written: the samples that the uniforms select.
      log_probs: [S, T] float32, written: nats of the samples in `line`, at temperature 1; or [S, 0].
    """
    streams, length = uniform.shape
    channels = table.shape[1]
    to_real = _FOUR / np.float32(settings.q_levels)
    layers = len(dilations)
    columns = (taps * channels + 3) // 4 * 4
    widest = max(_padded(2 * channels), max(_padded(skips + channels), _padded(outputs)))
    seen = np.zeros((streams, columns), np.float32)
    gated = np.zeros((streams, (channels + 3) // 4 * 4), np.float32)
    x = np.zeros((streams, channels), np.float32)
    y = np.zeros((streams, widest), np.float32)
    skipped = np.zeros((streams, (skips + 3) // 4 * 4), np.float32)
    largest = np.zeros(streams, np.float32)
    code = np.zeros((streams, max(columns, (skips + 3) // 4 * 4)), np.uint8)
    integers = np.zeros((streams, widest), np.int32)
    scratch = np.zeros(scratch_size(_padded(outputs), settings), np.float32)
    for t in range(length):
        for s in range(streams):
            before = last[s] if t == 0 else line[s, t - 1]
            if len(table) == 1:
                value = np.float32(before) * to_real - _TWO
                for i in range(channels):
                    x[s, i] = value * table[0, i]
            else:
                for i in range(channels):
                    x[s, i] = table[before, i]
            for i in range(skips):
                skipped[s, i] = np.float32(0)
        first = 0  # where the layer's ring buffer begins
        for k in range(layers):
            size = (taps - 1) * dilations[k]
            now = (position + t) % size
            for s in range(streams):
                for j in range(taps - 1):
                    index = first + (now + j * dilations[k]) % size
                    for i in range(channels):
                        seen[s, j * channels + i] = past[s, index, i]
                for i in range(channels):
                    seen[s, (taps - 1) * channels + i] = x[s, i]
                    past[s, first + now, i] = x[s, i]
            _multiply(
                int8,
                products,
                layout.gate[k],
                2 * channels,
                taps * channels,
                seen,
                y,
                largest,
                code,
                integers,
            )
            for s in range(streams):
                speaker = speaker_gates[s, k]
                features = feature_gates[s, t // per_row, 2 * channels * k : 2 * channels * (k + 1)]
                for i in range(2 * channels):
                    y[s, i] += speaker[i] + features[i]
                for i in range(channels):
                    gated[s, i] = tanh(y[s, i]) * sigmoid(y[s, channels + i])
            rows = skips if k == layers - 1 else skips + channels
            _multiply(int8, products, layout.out[k], rows, channels, gated, y, largest, code, integers)
            for s in range(streams):
                for i in range(skips):
                    skipped[s, i] += y[s, i]
                for i in range(rows - skips):
                    x[s, i] += y[s, skips + i]
            first += size
        for s in range(streams):
            for i in range(skips):
                skipped[s, i] = max(skipped[s, i], np.float32(0))
        _multiply(int8, products, layout.hidden, skips, skips, skipped, y, largest, code, integers)
        for s in range(streams):
            for i in range(skips):
                skipped[s, i] = max(y[s, i], np.float32(0))
        quantized = int8 and not settings.components
        _multiply(quantized, products, layout.output, outputs, skips, skipped, y, largest, code, integers)
        for s in range(streams):
            free = draw_sample(y[s], scratch, settings, uniform[s, t])
            sample = free if forced.shape[1] == 0 else forced[s, t]
            free_samples[s, t] = free
            line[s, t] = sample
            if log_probs.shape[1]:
                log_probs[s, t] = score_sample(y[s], settings, sample)
