"""Power in mel bands (Slaney's scale and area normalization), and log-mel spectrograms, with their settings stated.

Axes: T samples, F frames, M mel bands.
"""

import librosa
import numpy as np

BANDS = 80
WINDOW = 0.025  # seconds, Hann
HOP = 0.010  # seconds
LOWEST_POWER = 1e-10
"""Least power of a band in a log-mel spectrogram, -100 dB."""
_BLOCK = 4000  # frames


def fourier_length(window: float, rate: int) -> int:
    """Computes the length of the Fourier transform for a window: the next power of two, in samples.

    Args:
      window: seconds.
      rate: Hz.
    """
    return 1 << (round(window * rate) - 1).bit_length()


def mel_power(
    audio: np.ndarray,
    rate: int,
    bands: int,
    window: float,
    hop: float,
    lowest: float = 0.0,
    highest: float | None = None,
    center: bool = True,
) -> np.ndarray:
    """Computes the power in mel bands of Hann windows.

    Args:
      audio: [T] float amplitudes.
      rate: Hz.
      bands: number of mel bands M.
      window: seconds of the Hann window; it stands in the middle of a Fourier transform of `fourier_length` samples.
      hop: seconds between frames, rounded to samples.
      lowest: Hz, edge of the first band.
      highest: Hz, edge of the last band; None is half the rate.
      center: frame f is centred at f x hop, with zeros around the recording; else its transform begins there.

    Returns:
      [M, F] float32; F = 1 + T // hop where `center`, else as many as there are complete transforms.
    """
    size, hop_length = fourier_length(window, rate), round(hop * rate)
    audio = np.asarray(audio, np.float32)
    if center:
        audio = np.pad(audio, size // 2)
    frames = 1 + (len(audio) - size) // hop_length
    # Block by block, since librosa holds a long recording's complex transform beside its power.
    power = np.empty((1 + size // 2, frames), np.float32, order="F")
    for first in range(0, frames, _BLOCK):
        count = min(_BLOCK, frames - first)
        start = first * hop_length
        transform = librosa.stft(
            audio[start : start + (count - 1) * hop_length + size],
            n_fft=size,
            win_length=round(window * rate),
            hop_length=hop_length,
            center=False,
        )
        power[:, first : first + count] = np.abs(transform) ** 2.0
    return librosa.feature.melspectrogram(
        S=power, sr=rate, n_fft=size, n_mels=bands, fmin=lowest, fmax=highest
    )


def log_mel(
    audio: np.ndarray,
    rate: int,
    bands: int = BANDS,
    window: float = WINDOW,
    hop: float = HOP,
    lowest: float = 0.0,
    highest: float | None = None,
) -> np.ndarray:
    """Computes a log-mel spectrogram in dB relative to a power of 1.

    Args:
      audio: [T] float amplitudes.
      rate: Hz.
      bands: number of mel bands M.
      window: seconds of the Hann window (`mel_power`).
      hop: seconds between frames; frame f is centred at f x hop.
      lowest: Hz, edge of the first band.
      highest: Hz, edge of the last band; None is half the rate.

    Returns:
      [F, M] float32 dB, at least -100, with F = 1 + T // (hop x rate).
    """
    power = mel_power(audio, rate, bands, window, hop, lowest, highest)
    return (10 * np.log10(np.maximum(power, LOWEST_POWER))).T.astype(np.float32)
