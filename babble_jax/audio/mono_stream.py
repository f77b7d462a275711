"""Reads one channel of a recording, or the mean of all, block by block.

Axes: T samples of a block.
"""

from collections.abc import Iterator

import numpy as np

from babble_jax.audio.resampling import StreamResampler
from babble_jax.audio.sound_file import SoundFile


def read_mono(
    file: SoundFile, rate: int, channel: int | None = None, gain: float = 1.0
) -> Iterator[np.ndarray]:
    """Yields the amplitudes of a recording in blocks of [T] float32.

    Args:
      file: the recording.
      rate: Hz to resample to.
      channel: index of a channel; None for the mean of all.
      gain: factor for the amplitudes, as `channel_speech.survey_channels` finds it.

    Raises:
      BabbleError: the recording is damaged, as `SoundFile.blocks` says.
    """
    resampler = StreamResampler(file.rate, rate, 1)
    for block in file.blocks():
        mono = block.mean(axis=1, dtype=np.float32) if channel is None else block[:, channel]
        yield resampler.push(np.ascontiguousarray(mono)[:, None])[:, 0] * np.float32(gain)
    yield resampler.finish()[:, 0] * np.float32(gain)
