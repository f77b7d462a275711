"""Draws a block of samples of every stream of a packed SampleRNN, from state to state.

Axes: B streams, T samples, K tiers, D units.
"""

import numpy as np

from babble_jax.voice.models.samplernn import SampleRNNState
from babble_jax.voice.sampling.native.request import SampleRequest
from babble_jax.voice.sampling.native.rows import table_rows
from babble_jax.voice.sampling.native.samplernn import loop
from babble_jax.voice.sampling.native.samplernn.pack import PackedSampleRNN
from babble_jax.voice.sampling.native.threads import run_in_threads


def sample_samplernn(
    packed: PackedSampleRNN, state: SampleRNNState, request: SampleRequest
) -> tuple[np.ndarray, SampleRNNState]:
    """Draws T samples of each of B streams, which the threads share.

    Args:
      packed: the voice.
      state: at phase 0.
      request: uniforms, conditioning and sampling settings; its `free_samples` and `log_probs` are written.

    Returns:
      samples: [B, T] int32.
      state: after the T samples, arrays of numpy.
    """
    batch, length = request.uniform.shape
    frame, count = packed.voice.frame, len(packed.sizes)
    line = np.zeros((batch, frame + length), np.int32)
    line[:, :frame] = state.history
    hidden = np.stack([np.asarray(h)[:, 0] for h in state.hidden], axis=1).astype(np.float32)
    speaker_gates = np.ascontiguousarray(packed.speakers[:, request.speaker].swapaxes(0, 1))
    feature_inputs = table_rows(request.local, packed.features)

    def part(rows: slice) -> None:
        loop.run(
            packed.int8,
            packed.products,
            packed.layout,
            packed.tables,
            packed.sizes,
            packed.dim,
            packed.outputs,
            line[rows],
            hidden[rows],
            speaker_gates[rows],
            feature_inputs[rows],
            request.uniform[rows],
            request.forced[rows],
            request.draw,
            request.free_samples[rows],
            request.log_probs[rows],
        )

    run_in_threads(batch, part)
    after = state._replace(
        history=line[:, length:].copy(), hidden=tuple(hidden[:, k, None] for k in range(count))
    )
    return line[:, frame:], after
