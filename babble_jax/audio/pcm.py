"""16-bit samples and their amplitudes: the one place that knows the scale.

Axes: any. PCM16 is amplitude x 32768, so that full scale is [-1, 1).
"""

import numpy as np

FULL_SCALE = 32_768
"""Of int16: the magnitude of amplitude 1."""


def to_int16(audio: np.ndarray) -> np.ndarray:
    """Converts amplitudes [...] float in [-1, 1] to int16, rounded and clipped; the inverse of `from_int16`."""
    scaled = np.asarray(np.multiply(audio, float(FULL_SCALE)))
    np.rint(scaled, out=scaled)  # in place: an hour of sound is large
    np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1, out=scaled)
    return scaled.astype(np.int16)


def from_int16(samples: np.ndarray) -> np.ndarray:
    """Converts samples [...] int16 to amplitudes, float32 in [-1, 1)."""
    return samples.astype(np.float32) / FULL_SCALE


def peak_amplitude(samples: np.ndarray) -> float:
    """Measures the largest magnitude of samples [...] int16 as an amplitude in [0, 1]; 0 where there are none."""
    return float(np.max(np.abs(samples.astype(np.int32)), initial=0)) / FULL_SCALE
