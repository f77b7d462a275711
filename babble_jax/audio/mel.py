"""Log-mel spectrograms, with their settings stated.

Axes: T samples, F frames, M mel bands.
"""

import librosa
import numpy as np

BANDS = 80
WINDOW = 0.025  # seconds, Hann
HOP = 0.010  # seconds
_FLOOR = 1e-10  # power; -100 dB


def log_mel(
    audio: np.ndarray,
    rate: int,
    bands: int = BANDS,
    window: float = WINDOW,
    hop: float = HOP,
    lowest: float = 0.0,
    highest: float | None = None,
) -> np.ndarray:
    """Power in mel bands (Slaney's scale and area normalization), in dB relative to a power of 1.

    Args:
      audio: [T] float amplitudes.
      rate: Hz.
      bands: number of mel bands M.
      window: seconds of the Hann window; the Fourier transform is the next power of two.
      hop: seconds between frames; frame f is centred at f x hop.
      lowest: Hz, edge of the first band.
      highest: Hz, edge of the last band; None is half the rate.

    Returns:
      [F, M] float32 dB, at least -100, with F = 1 + T // (hop x rate).
    """
    length = round(window * rate)
    power = librosa.feature.melspectrogram(
        y=np.asarray(audio, np.float32),
        sr=rate,
        n_fft=1 << (length - 1).bit_length(),
        win_length=length,
        hop_length=round(hop * rate),
        n_mels=bands,
        fmin=lowest,
        fmax=highest,
        pad_mode="constant",
        power=2.0,
    )
    return (10 * np.log10(np.maximum(power, _FLOOR))).T.astype(np.float32)
