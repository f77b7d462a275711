"""Warps the frequencies of log-mel features, as though the speaker had a vocal tract of another length (VTLP).

Axes: F mel frames, M bands.

References:
  Jaitly and Hinton 2013, "Vocal tract length perturbation (VTLP) improves speech recognition", ICML Workshop on Deep
  Learning for Audio, Speech and Language Processing: the map of frequencies, with 4800 Hz of 8000 Hz.
"""

import librosa
import numpy as np

BOUNDARY = 0.6
"""Share of half the sample rate up to which frequencies are multiplied, 4800 Hz at 16 kHz: formants lie below it."""


def warp_frequency(frequency: np.ndarray, factor: float, rate: int) -> np.ndarray:
    """Maps the frequency of each band to the one that it reads instead.

    Up to the boundary it is the frequency times the factor; from there on a line to half the sample rate, which stays
    where it is.

    Args:
      frequency: [M] Hz, from 0 to half the sample rate.
      factor: above 1, bands read higher frequencies, so that formants come to lie lower, as of a longer vocal tract.
      rate: Hz, of the audio.

    Returns:
      [M] Hz.
    """
    half = rate / 2
    image = BOUNDARY * half * min(factor, 1.0)  # of the boundary
    boundary = image / factor
    above = half - (half - image) / (half - boundary) * (half - frequency)
    return np.where(frequency <= boundary, factor * frequency, above)


def warp_bands(values: np.ndarray, factor: float, rate: int) -> np.ndarray:
    """Warps log-mel features in frequency; a factor of 1 returns them as they are.

    Harmonics move as formants do, so that the pitch changes by the same factor. Differs from the paper: a band of the
    warped filterbank is read off the log-mel, linearly between the centres of bands, so that features are stored once.
    Beyond the centres of the first and the last band, their values stand.

    Args:
      values: [F, M] dB, of bands from 0 Hz to half the sample rate.
      factor: of `warp_frequency`.
      rate: Hz, of the audio.

    Returns:
      [F, M] of the same type.
    """
    if factor == 1:
        return values
    bands = values.shape[1]
    centers = librosa.mel_frequencies(bands + 2, fmin=0.0, fmax=rate / 2)[1:-1]
    at = np.interp(warp_frequency(centers, factor, rate), centers, np.arange(bands))
    low = np.floor(at).astype(np.int64)
    high, share = np.minimum(low + 1, bands - 1), (at - low)[None].astype(np.float32)
    return (values[:, low] * (1 - share) + values[:, high] * share).astype(values.dtype)
