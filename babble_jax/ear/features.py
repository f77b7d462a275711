"""Log-mel features of the ear, of a recording or block by block.

Axes: T samples, F frames, M mel bands.
"""

import functools

import librosa
import numpy as np

from babble_jax.audio.mel import LOWEST_POWER, WINDOW, fourier_length, log_mel
from babble_jax.ear.config import EarConfig


def features(audio: np.ndarray, config: EarConfig) -> np.ndarray:
    """Computes the log-mel spectrogram of a recording.

    Args:
      audio: [T] float amplitudes at the ear's rate.
      config: of the ear.

    Returns:
      [F, M] float32 dB relative to a power of 1, at least -100; F = 1 + T // hop, frame f centred at f hops.
    """
    return log_mel(audio, config.sample_rate, config.bands, WINDOW, config.hop)


class FeatureStream:
    """Computes the frames of `features` as the audio comes.

    Args:
      config: of the ear.
    """

    def __init__(self, config: EarConfig):
        self._size, self._hop = (
            fourier_length(WINDOW, config.sample_rate),
            round(config.hop * config.sample_rate),
        )
        self._window, self._filters = _window_and_filters(config.sample_rate, config.bands)
        self._pending = np.zeros(self._size // 2, np.float32)

    def push(self, block: np.ndarray) -> np.ndarray:
        """Takes the next audio, [T] float amplitudes of any length, and gives the frames [F, M] that it completes."""
        audio = np.concatenate([self._pending, np.asarray(block, np.float32)])
        count = max(0, 1 + (len(audio) - self._size) // self._hop)
        self._pending = audio[count * self._hop :]
        if not count:
            return np.zeros((0, len(self._filters)), np.float32)
        pieces = np.lib.stride_tricks.sliding_window_view(audio, self._size)[:: self._hop][:count]
        power = np.abs(np.fft.rfft(pieces * self._window, axis=-1)).astype(np.float32) ** 2.0
        return (10 * np.log10(np.maximum(power @ self._filters.T, LOWEST_POWER))).astype(np.float32)

    def finish(self) -> np.ndarray:
        """Gives the last frames [F, M], with zeros after the end of the audio; nothing can be pushed after it."""
        return self.push(np.zeros(self._size // 2, np.float32))


@functools.cache
def _window_and_filters(rate: int, bands: int) -> tuple[np.ndarray, np.ndarray]:
    """Computes the Hann window within its Fourier transform, [N], and the mel filters [M, 1 + N // 2]."""
    size = fourier_length(WINDOW, rate)
    hann = librosa.filters.get_window("hann", round(WINDOW * rate), fftbins=True)
    window = librosa.util.pad_center(hann, size=size).astype(np.float32)
    return window, librosa.filters.mel(sr=rate, n_fft=size, n_mels=bands)
