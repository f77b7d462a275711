"""The long-term average spectrum, and how far two of them are apart.

Axes: T samples, F frames, M bands, P recordings.
"""

import librosa
import numpy as np

BANDS = 40
HIGHEST = 8_000.0  # Hz, upper edge of the last band, whatever the rate
ACTIVE = 30.0  # dB; quieter frames are not counted
_WINDOW, _HOP = 0.032, 0.016  # seconds
_FLOOR = 1e-12


def band_edges() -> np.ndarray:
    """[M + 2] Hz: band m rises from edge m to edge m + 1 and falls to edge m + 2 (Slaney's mel scale)."""
    return librosa.mel_frequencies(BANDS + 2, fmin=0.0, fmax=HIGHEST)


def long_term_spectrum(audio: np.ndarray, rate: int) -> np.ndarray:
    """Mean power in mel bands of the frames within 30 dB of the loudest, dB.

    Args:
      audio: [T] float.
      rate: Hz.

    Returns:
      [M] float64; NaN for bands that reach over half the rate.
    """
    size = 1 << (round(_WINDOW * rate) - 1).bit_length()
    padded = np.pad(np.asarray(audio, np.float32), (0, max(0, size - len(audio))))
    spectra = np.abs(
        librosa.stft(padded, n_fft=size, hop_length=round(_HOP * rate), pad_mode="constant")
    ).astype(np.float64)
    power = np.square(spectra)
    level = power.sum(axis=0)
    kept = power[:, level >= level.max() * 10 ** (-ACTIVE / 10)].mean(axis=1)
    edges = band_edges()
    bank = librosa.filters.mel(
        sr=2 * HIGHEST, n_fft=round(2 * HIGHEST / rate * size), n_mels=BANDS, fmin=0.0, fmax=HIGHEST
    )
    known = min(bank.shape[1], len(kept))  # bins are as wide in both
    bands = 10 * np.log10(np.maximum(bank[:, :known] @ kept[:known], _FLOOR))
    return np.where(edges[2:] <= rate / 2 + 1e-6, bands, np.nan)


def spectrum_distance(one: np.ndarray, two: np.ndarray) -> float:
    """RMS difference in dB over the bands [M] that both have, at the same mean level."""
    both = np.isfinite(one) & np.isfinite(two)
    difference = one[both] - two[both]
    return float(np.sqrt(np.mean(np.square(difference - difference.mean()))))
