"""Draws samples of a packed SampleRNN one after another, for the streams of one thread.

Axes: S streams, T samples, K tiers, F samples per frame, D units, Q levels, N top frames, O numbers that describe the
distribution of a sample.
"""

import numpy as np

from babble_jax.voice.sampling.native.arithmetic import absmax, inline
from babble_jax.voice.sampling.native.draws import draw_sample, score_sample, scratch_size
from babble_jax.voice.sampling.native.kernels import ROWS
from babble_jax.voice.sampling.native.rows import compiled, float_rows, int8_rows
from babble_jax.voice.sampling.native.samplernn.gru import update_hidden

_ONE, _TWO, _FOUR = np.float32(1), np.float32(2), np.float32(4)
_SIGNED = np.float32(127)  # int8 steps from 0 to the largest magnitude of an activation
_ZERO_CODE = np.float32(128)  # code of an activation of 0
_UNSIGNED = np.float32(255)  # code of the largest activation after a ReLU


@inline
def _encode(hidden, k, dim, span, code):
    """Quantizes the hidden states of a tier to codes, over [-span, span].

    Args:
      hidden: [S, K, D] float32.
      k: the tier.
      dim: D.
      span: [S] float32, written: 1, or the largest magnitude where a trained initial state exceeds 1.
      code: [S, D] uint8, written.
    """
    for s in range(hidden.shape[0]):
        span[s] = max(_ONE, absmax(hidden[s, k], dim))
        for i in range(dim):
            code[s, i] = np.uint8(
                np.floor(hidden[s, k, i] * (_SIGNED / span[s]) + (_ZERO_CODE + np.float32(0.5)))
            )


@compiled
def run(
    int8,
    products,
    layout,
    tables,
    sizes,
    dim,
    outputs,
    line,
    hidden,
    speaker_gates,
    feature_inputs,
    uniform,
    forced,
    settings,
    free_samples,
    log_probs,
):
    """Draws T samples of each of S streams.

    Args:
      int8: whether weights are quantized.
      products: `layout.Products`, the matrices.
      layout: `pack.SampleRNNLayout`, where each of them starts.
      tables: [F, Q, D] float32, contribution of each past sample to the sample level; [F, 1, D] times its real value.
      sizes: [K] int64, samples per frame of each tier.
      dim: D.
      outputs: O.
      line: [S, sizes[0] + T] int32; begins with the past samples, the T samples are written behind them.
      hidden: [S, K, D] float32, updated.
      speaker_gates: [S, K, 3D] float32, contribution of the speaker to the gates.
      feature_inputs: [S, N, K 3D + D] float32, contribution of the features of each top frame to the gates of each
        tier and to the sample level.
      uniform: [S, T] float32 in [0, 1).
      forced: [S, T] int32, samples that replace the free ones; or [S, 0].
      settings: `request.DrawSettings`.
      free_samples: [S, T] int32, written: the samples that the uniforms select.
      log_probs: [S, T] float32, written: nats of the samples in `line`, at temperature 1; or [S, 0].
    """
    streams, length = uniform.shape
    count, past = len(sizes), tables.shape[0]
    to_real = _FOUR / np.float32(settings.q_levels)
    padded = (3 * dim + ROWS - 1) // ROWS * ROWS
    widest = padded
    for k in range(count):
        finer = sizes[k + 1] if k + 1 < count else 1
        widest = max(
            widest, (sizes[k] // finer * (3 * dim if k + 1 < count else dim) + ROWS - 1) // ROWS * ROWS
        )
    output_rows = (outputs + ROWS - 1) // ROWS * ROWS
    step = (dim + 3) // 4 * 4
    first = sizes[0]
    width = (first + 3) // 4 * 4
    frame = np.zeros((streams, width), np.float32)
    gates = np.zeros((streams, padded), np.float32)
    recurrent = np.zeros((streams, padded), np.float32)
    upsampled = np.zeros((count, streams, widest), np.float32)
    integers = np.zeros((streams, max(widest, output_rows)), np.int32)
    code = np.zeros((streams, step), np.uint8)
    span = np.zeros(streams, np.float32)
    active = np.zeros((streams, step), np.float32)
    described = np.zeros((streams, output_rows), np.float32)
    scratch = np.zeros(scratch_size(output_rows, settings), np.float32)
    scale, sums, bias = products.scale, products.sums, products.bias
    for t in range(length):
        now = first + t  # index of the sample in `line`
        for k in range(count):
            size = sizes[k]
            if t % size:
                continue
            for s in range(streams):
                for j in range(size):
                    frame[s, j] = np.float32(line[s, now - size + j]) * to_real - _TWO
            columns = (size + 3) // 4 * 4
            for s in range(streams):
                for j in range(size, columns):
                    frame[s, j] = np.float32(0)
            float_rows(
                products.floats, layout.expand[k], 3 * dim, columns, frame.reshape(-1), width, gates.reshape(-1),
                padded, streams,
            )  # fmt: skip
            start, row = layout.recurrent[k], layout.recurrent_row[k]
            if int8:
                _encode(hidden, k, dim, span, code)
                int8_rows(
                    products.bytes, start, 3 * dim, dim, code.reshape(-1), step, integers.reshape(-1),
                    integers.shape[1], streams,
                )  # fmt: skip
                own_scale, own_sums = scale[row : row + 3 * dim], sums[row : row + 3 * dim]
                for s in range(streams):
                    for i in range(3 * dim):
                        recurrent[s, i] = (
                            own_scale[i]
                            * (np.float32(integers[s, i]) - _ZERO_CODE * own_sums[i])
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
            expand_row = layout.expand_row[k]
            gate_bias = bias[expand_row : expand_row + 3 * dim]
            candidate_bias = bias[row + 2 * dim : row + 3 * dim]
            finer = sizes[k - 1] if k else sizes[0]
            position = (t % finer) // size * 3 * dim if k else 0
            for s in range(streams):
                features = feature_inputs[s, t // first, 3 * dim * k : 3 * dim * (k + 1)]
                for i in range(3 * dim):
                    gates[s, i] += gate_bias[i] + speaker_gates[s, k, i] + features[i]
                if k:
                    above = upsampled[k - 1, s, position : position + 3 * dim]
                    for i in range(3 * dim):
                        gates[s, i] += above[i]
                update_hidden(gates[s], recurrent[s], candidate_bias, hidden[s, k], dim)
            start, row = layout.upsample[k], layout.upsample_row[k]
            rows = size // (sizes[k + 1] if k + 1 < count else 1) * (3 * dim if k + 1 < count else dim)
            upsample_bias = bias[row : row + rows]
            if int8:
                _encode(hidden, k, dim, span, code)
                int8_rows(
                    products.bytes, start, rows, dim, code.reshape(-1), step, integers.reshape(-1),
                    integers.shape[1], streams,
                )  # fmt: skip
                own_scale, own_sums = scale[row : row + rows], sums[row : row + rows]
                for s in range(streams):
                    for i in range(rows):
                        upsampled[k, s, i] = upsample_bias[i] + own_scale[i] * (
                            np.float32(integers[s, i]) - _ZERO_CODE * own_sums[i]
                        ) * (span[s] / _SIGNED)
            else:
                for s in range(streams):
                    for i in range(dim):
                        active[s, i] = hidden[s, k, i]
                float_rows(
                    products.floats, start, rows, step, active.reshape(-1), step, upsampled[k].reshape(-1), widest,
                    streams,
                )  # fmt: skip
                for s in range(streams):
                    for i in range(rows):
                        upsampled[k, s, i] += upsample_bias[i]
        position = t % sizes[count - 1] * dim
        for s in range(streams):
            features = feature_inputs[s, t // first, 3 * dim * count :]
            above = upsampled[count - 1, s, position : position + dim]
            for i in range(dim):
                active[s, i] = above[i] + features[i]
            for j in range(past):
                before = line[s, now - past + j]
                if tables.shape[1] == 1:
                    value = np.float32(before) * to_real - _TWO
                    for i in range(dim):
                        active[s, i] += value * tables[j, 0, i]
                else:
                    table = tables[j, before]
                    for i in range(dim):
                        active[s, i] += table[i]
            for i in range(dim):
                active[s, i] = max(active[s, i], np.float32(0))
        start, row = layout.output
        output_bias = bias[row : row + outputs]
        if int8 and not settings.components:
            for s in range(streams):
                largest = absmax(active[s], dim)
                for i in range(dim):
                    code[s, i] = np.uint8(active[s, i] * (_UNSIGNED / largest) + np.float32(0.5))
                frame[s, 0] = largest / _UNSIGNED
            int8_rows(
                products.bytes, start, outputs, dim, code.reshape(-1), step, integers.reshape(-1), integers.shape[1],
                streams,
            )  # fmt: skip
            own_scale = scale[row : row + outputs]
            for s in range(streams):
                for i in range(outputs):
                    described[s, i] = output_bias[i] + own_scale[i] * np.float32(integers[s, i]) * frame[s, 0]
        else:
            float_rows(
                products.floats, start, outputs, step, active.reshape(-1), step, described.reshape(-1), output_rows,
                streams,
            )  # fmt: skip
            for s in range(streams):
                for i in range(outputs):
                    described[s, i] += output_bias[i]
        for s in range(streams):
            free = draw_sample(described[s], scratch, settings, uniform[s, t])
            sample = free if forced.shape[1] == 0 else forced[s, t]
            free_samples[s, t] = free
            line[s, now] = sample
            if log_probs.shape[1]:
                log_probs[s, t] = score_sample(described[s], settings, sample)
