"""Measures that tell speech from silence, clipping and noise.

Axes: T samples, F frames of 32 ms, one every 8 ms.
"""

import dataclasses

import librosa
import numpy as np

from babble_jax.audio.pcm import FULL_SCALE

SILENT_DBFS = -50.0
LOWEST_DBFS = -120.0
"""dBFS that digital silence is given, so that every measure is finite."""
_CLIPPED = (FULL_SCALE - 1) / FULL_SCALE


@dataclasses.dataclass(frozen=True)
class Measures:
    """Plain floats; dBFS is 20 log10 of an amplitude whose full scale is 1.

    Attributes:
      seconds: duration.
      peak_dbfs: of the largest magnitude.
      rms_dbfs: of the root mean square of all samples.
      clipped_share: share of samples at the ends of the PCM16 range, [0, 1].
      silent_share: share of frames whose RMS is below -50 dBFS, [0, 1].
      centroid_hz: spectral centroid, mean over the frames that are not silent; 0 where there is none.
      flatness: spectral flatness of the power spectrum, likewise; about 0.55 for white noise, 0 for a tone.
    """

    seconds: float
    peak_dbfs: float
    rms_dbfs: float
    clipped_share: float
    silent_share: float
    centroid_hz: float
    flatness: float

    def __str__(self) -> str:
        return (
            f"{self.seconds:.2f} s, peak {self.peak_dbfs:.1f} dBFS, RMS {self.rms_dbfs:.1f} dBFS, clipped "
            f"{self.clipped_share:.1%}, silent {self.silent_share:.1%}, spectral centroid {self.centroid_hz:.0f} Hz, "
            f"flatness {self.flatness:.3f}"
        )


def measure(audio: np.ndarray, rate: int) -> Measures:
    """Measures a recording.

    Args:
      audio: [T] float amplitudes, T > 0.
      rate: Hz.
    """
    audio = np.asarray(audio, np.float32)
    frame, hop = round(0.032 * rate), round(0.008 * rate)
    padded = np.pad(audio, (0, max(0, frame - len(audio))))
    magnitude = np.abs(librosa.stft(padded, n_fft=frame, hop_length=hop, pad_mode="constant"))
    rms = librosa.feature.rms(y=padded, frame_length=frame, hop_length=hop)[0]
    loud = rms > 10 ** (SILENT_DBFS / 20)
    centroid = librosa.feature.spectral_centroid(S=magnitude, sr=rate)[0]
    flatness = librosa.feature.spectral_flatness(S=magnitude)[0]
    return Measures(
        seconds=len(audio) / rate,
        peak_dbfs=_dbfs(np.max(np.abs(audio))),
        rms_dbfs=_dbfs(np.sqrt(np.mean(np.square(audio, dtype=np.float64)))),
        clipped_share=float(np.mean(np.abs(audio) >= _CLIPPED)),
        silent_share=float(np.mean(~loud)),
        centroid_hz=float(centroid[loud].mean()) if loud.any() else 0.0,
        flatness=float(flatness[loud].mean()) if loud.any() else 0.0,
    )


def _dbfs(amplitude: float | np.floating) -> float:
    return max(LOWEST_DBFS, 20 * float(np.log10(max(float(amplitude), 1e-12))))
