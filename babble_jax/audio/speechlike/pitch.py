"""How much of a recording is voiced, and how high.

Axes: T samples, F frames of 10 ms.
"""

import dataclasses

import librosa
import numpy as np

from babble_jax.audio import wave

LOWEST, HIGHEST = 60.0, 400.0  # Hz
_RATE = 8_000  # of the analysis: twenty times the highest pitch, and twice as fast as 16 kHz
_WINDOW, _HOP = 0.064, 0.010  # seconds


@dataclasses.dataclass(frozen=True)
class Pitch:
    """Attributes:
    voiced_share: share of all frames that are voiced, [0, 1].
    f0_median_hz: of the voiced frames; None where there are none, as the other two.
    f0_low_hz: their 10th percentile.
    f0_high_hz: their 90th percentile.
    """

    voiced_share: float
    f0_median_hz: float | None
    f0_low_hz: float | None
    f0_high_hz: float | None


def pitch(audio: np.ndarray, rate: int) -> Pitch:
    """Probabilistic YIN (Mauch & Dixon 2014; `librosa.pyin`) from 60 to 400 Hz, of [T] float at `rate` Hz."""
    audio = wave.resample(np.asarray(audio, np.float32), rate, _RATE)
    f0, voiced, _ = librosa.pyin(
        np.pad(audio, (0, max(0, round(_WINDOW * _RATE) - len(audio)))),
        fmin=LOWEST,
        fmax=HIGHEST,
        sr=_RATE,
        frame_length=round(_WINDOW * _RATE),
        hop_length=round(_HOP * _RATE),
        resolution=0.2,  # semitones; a tenth takes four times as long
    )
    if not voiced.any():
        return Pitch(0.0, None, None, None)
    low, median, high = (float(x) for x in np.quantile(f0[voiced], (0.1, 0.5, 0.9)))
    return Pitch(float(np.mean(voiced)), median, low, high)
