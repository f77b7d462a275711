"""Resamples sound (soxr, high quality), in one go or block by block, which gives the same to the bit.

Axes: T samples, C channels.
"""

import math

import librosa
import numpy as np

_QUALITY = "soxr_hq"


def resample(audio: np.ndarray, rate: int, to: int) -> np.ndarray:
    """Resamples audio to another rate.

    Args:
      audio: [T, ...] float32.
      rate: Hz, of `audio`.
      to: Hz.

    Returns:
      [T', ...] float32, T' = T * to / rate rounded up; `audio` itself where the rates are equal.
    """
    if rate == to:
        return audio
    return librosa.resample(audio, orig_sr=rate, target_sr=to, res_type=_QUALITY, axis=0)


class StreamResampler:
    """Resamples audio block by block; the blocks together are what `resample` gives for the whole.

    Args:
      rate: Hz, of the audio.
      to: Hz.
      channels: number of channels.

    Attributes:
      finished: whether the last block was given.
    """

    def __init__(self, rate: int, to: int, channels: int):
        self._ratio, self._channels, self._stream = to / rate, channels, None
        if rate != to:
            import soxr  # loaded where it is needed, as librosa does

            self._stream = soxr.ResampleStream(rate, to, channels, dtype="float32", quality=_QUALITY)
        self._input_samples = self._output_samples = 0
        self.finished = False

    def push(self, block: np.ndarray) -> np.ndarray:
        """Takes a block [T, C] float32 and returns what follows from it, [T', C] float32."""
        if self._stream is None:
            return block
        self._input_samples += len(block)
        output = self._stream.resample_chunk(block)
        self._output_samples += len(output)
        return output

    def finish(self) -> np.ndarray:
        """Returns the last block, [T', C] float32."""
        self.finished = True
        empty = np.zeros((0, self._channels), np.float32)
        if self._stream is None:
            return empty
        output = self._stream.resample_chunk(empty, last=True)
        total = math.ceil(
            self._input_samples * self._ratio
        )  # as librosa does, which cuts or fills up with zeros
        output = output[: total - self._output_samples]
        return np.pad(output, ((0, total - self._output_samples - len(output)), (0, 0)))
