"""Draws a block of samples of every stream of a packed WaveNet, from state to state.

Axes: B streams, T samples, L layers, R residual channels.
"""

import numpy as np

from babble_jax.voice.models.wavenet import WaveNetState
from babble_jax.voice.sampling.native.request import SampleRequest
from babble_jax.voice.sampling.native.rows import table_rows
from babble_jax.voice.sampling.native.threads import run_in_threads
from babble_jax.voice.sampling.native.wavenet import loop
from babble_jax.voice.sampling.native.wavenet.pack import PackedWaveNet


def sample_wavenet(
    packed: PackedWaveNet, state: WaveNetState, request: SampleRequest
) -> tuple[np.ndarray, WaveNetState]:
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
    voice = packed.voice
    config, layers = voice.config, len(packed.dilations)
    past = np.concatenate([np.asarray(one, np.float32) for one in state.past], axis=1)
    position, last = int(state.position), np.array(state.last, np.int32)
    speaker_gates = packed.speakers[request.speaker]
    features = request.local if voice.local else request.local[:, :1]  # one empty row for all samples
    feature_gates = table_rows(features, packed.features)
    line = np.zeros((batch, length), np.int32)

    def part(rows: slice) -> None:
        loop.run(
            packed.int8,
            packed.products,
            packed.layout,
            packed.table,
            packed.dilations,
            config.taps,
            config.skip,
            voice.distribution.size,
            last[rows],
            past[rows],
            position,
            speaker_gates[rows],
            feature_gates[rows],
            voice.frame if voice.local else length,
            request.uniform[rows],
            request.forced[rows],
            request.draw,
            line[rows],
            request.free_samples[rows],
            request.log_probs[rows],
        )

    run_in_threads(batch, part)
    lengths = [one.shape[1] for one in state.past]
    after = state._replace(
        last=line[:, -1].copy(),
        past=tuple(np.split(past, np.cumsum(lengths)[: layers - 1], axis=1)),
        position=np.array((position + length) % max(lengths), np.int32),
    )
    return line, after
