"""Measures the long-term average spectrum, and the distance of two of them.

Averages before it sums over bands, and its bands are the same at every rate, so that spectra of recordings of
different rates compare: `babble_jax.audio.mel` does neither.

Axes: T samples, F frames, M bands.
"""

import librosa
import numpy as np

from babble_jax.audio.mel import fourier_length

BANDS = 40
HIGHEST = 8_000.0  # Hz, upper edge of the last band, whatever the rate
ACTIVE_RANGE_DB = 30.0  # below the loudest frame; quieter ones are left out
_WINDOW, _HOP = 0.032, 0.016  # seconds
_LOWEST_POWER = 1e-12


def band_edges() -> np.ndarray:
    """Lists the edges of bands on Slaney's mel scale, [M + 2] Hz: band m rises from edge m and falls to edge m + 2."""
    return librosa.mel_frequencies(BANDS + 2, fmin=0.0, fmax=HIGHEST)


def long_term_spectrum(audio: np.ndarray, rate: int) -> np.ndarray:
    """Averages the power in mel bands over the frames within 30 dB of the loudest, in dB.

    Args:
      audio: [T] float.
      rate: Hz.

    Returns:
      [M] float64; NaN for bands that reach over half the rate.
    """
    size = fourier_length(_WINDOW, rate)
    padded = np.pad(np.asarray(audio, np.float32), (0, max(0, size - len(audio))))
    spectra = np.abs(
        librosa.stft(padded, n_fft=size, hop_length=round(_HOP * rate), pad_mode="constant")
    ).astype(np.float64)
    power = np.square(spectra)
    total = power.sum(axis=0)
    mean_power = power[:, total >= total.max() * 10 ** (-ACTIVE_RANGE_DB / 10)].mean(axis=1)
    edges = band_edges()
    bank = librosa.filters.mel(
        sr=2 * HIGHEST, n_fft=round(2 * HIGHEST / rate * size), n_mels=BANDS, fmin=0.0, fmax=HIGHEST
    )
    bins = min(bank.shape[1], len(mean_power))  # of the same width in both
    bands = 10 * np.log10(np.maximum(bank[:, :bins] @ mean_power[:bins], _LOWEST_POWER))
    return np.where(edges[2:] <= rate / 2 + 1e-6, bands, np.nan)


def spectrum_distance(one: np.ndarray, two: np.ndarray) -> float:
    """Measures the RMS difference in dB over the bands [M] that both spectra have, at the same mean level."""
    both = np.isfinite(one) & np.isfinite(two)
    difference = one[both] - two[both]
    return float(np.sqrt(np.mean(np.square(difference - difference.mean()))))
