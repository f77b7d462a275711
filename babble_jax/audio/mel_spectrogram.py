"""Log-mel and linear spectrograms as Tacotron 2 and vocoders take them, and sound from them by Griffin and Lim.

Axes: T samples, F frames, M mel bands, K bins of the Fourier transform.

The definition is that of NVIDIA's implementation of Tacotron 2 (arXiv 1712.05884, section 2.1): magnitudes, not powers,
of centred Hann windows over a recording that is reflected at its ends, in bands of Slaney's scale and area, natural
logarithm, at least log(1e-5). `NVIDIA` has its settings; the default ones are this package's, whose hop divides the
20 ms frames of a session.
"""

import dataclasses
import functools
import math

import librosa
import numpy as np

from babble_jax.audio.pcm import from_int16

_LOWEST_MAGNITUDE = 1e-5
LOWEST = math.log(_LOWEST_MAGNITUDE)
"""Lowest log magnitude, that of silence."""
_UPDATES = 100
"""Updates by which a spectrum of speech comes within 0.001 dB of its bands, and one of two tones within 0.05 dB."""
_LEAST_WEIGHT, _TINY = 1e-6, 1e-12


@dataclasses.dataclass(frozen=True)
class MelConfig:
    """Settings of the spectrograms of a voice.

    Attributes:
      sample_rate: Hz.
      fourier: samples of the Fourier transform.
      window: samples of the Hann window.
      hop: samples between frames.
      bands: number of mel bands M.
      lowest: Hz, edge of the first band.
      highest: Hz, edge of the last band.
      center: log magnitude that the networks see as 0.
      spread: difference of log magnitude that the networks see as 1.
    """

    sample_rate: int = 16000
    fourier: int = 1024
    window: int = 800
    hop: int = 160
    bands: int = 80
    lowest: float = 0.0
    highest: float = 8000.0
    center: float = -5.0
    spread: float = 2.5

    def __post_init__(self):
        if not 1 <= self.hop <= self.window <= self.fourier <= 2**16 or self.fourier % 2:
            raise ValueError(
                "a hop is at most a window, a window at most the Fourier transform, and that even and at most 65536"
            )
        if not (0 <= self.lowest < self.highest <= self.sample_rate / 2 and 1 <= self.bands <= 1024):
            raise ValueError("bands lie between 0 and half the sample rate, and are 1024 at most")
        if not (0 < self.spread < math.inf and math.isfinite(self.center)):
            raise ValueError(
                f"spread is {self.spread} and center {self.center}; both are finite, and spread positive"
            )

    @property
    def bins(self) -> int:
        """Number of bins K of the linear spectrogram."""
        return 1 + self.fourier // 2

    @property
    def hop_seconds(self) -> float:
        """Seconds between frames."""
        return self.hop / self.sample_rate

    def frames(self, samples: int) -> int:
        """Computes the number of frames F of a recording."""
        return 1 + samples // self.hop


NVIDIA = MelConfig(sample_rate=22050, fourier=1024, window=1024, hop=256)
"""Settings of NVIDIA's implementation."""
_WINDOW, _HOP = 0.05, 0.01  # seconds of the default settings


def mel_config(rate: int) -> MelConfig:
    """Chooses settings for a sample rate: `NVIDIA` at 22,050 Hz, else windows of 50 ms every 10 ms, to 8 kHz at most.

    Args:
      rate: Hz.
    """
    if rate == NVIDIA.sample_rate:
        return NVIDIA
    window = round(_WINDOW * rate)
    fourier = 1 << (window - 1).bit_length()
    return MelConfig(rate, fourier, window, round(_HOP * rate), highest=min(MelConfig().highest, rate / 2))


def log_magnitude(audio: np.ndarray, config: MelConfig) -> np.ndarray:
    """Computes the natural logarithm of a linear spectrogram.

    Args:
      audio: [T] float amplitudes.
      config: settings.

    Returns:
      [F, K] float32, at least log(1e-5); frame f is centred at sample f x hop, F = 1 + T // hop.
    """
    return _log(_magnitude(audio, config)).T


def log_mel(audio: np.ndarray, config: MelConfig) -> np.ndarray:
    """Computes a log-mel spectrogram.

    Args:
      audio: [T] float amplitudes.
      config: settings.

    Returns:
      [F, M] float32, natural logarithm of magnitudes, at least log(1e-5); F = 1 + T // hop.
    """
    # In float64, so that the float32 result does not depend on how many frames are computed at once.
    return _log(_filters(config).astype(np.float64) @ _magnitude(audio, config)).T


def log_mel_part(audio: np.ndarray, config: MelConfig, first: int, stop: int) -> np.ndarray:
    """Computes some frames of the log-mel spectrogram of a recording, from the samples around them alone.

    Args:
      audio: [T] float amplitudes, or int16 samples, of the whole recording.
      config: settings.
      first: first frame.
      stop: last frame + 1, at most F = 1 + T // hop.

    Returns:
      [stop - first, M] float32; those of `log_mel`.
    """
    margin = -(-config.fourier // config.hop)
    begin = max(0, first - margin)
    samples = audio[begin * config.hop : (stop - 1 + margin) * config.hop]
    if samples.dtype == np.int16:
        samples = from_int16(samples)
    return log_mel(samples, config)[first - begin : stop - begin]


def normalize(spectrogram: np.ndarray, config: MelConfig) -> np.ndarray:
    """Shifts and scales log magnitudes to what the networks see."""
    return (spectrogram - np.float32(config.center)) / np.float32(config.spread)


def denormalize(frames: np.ndarray, config: MelConfig) -> np.ndarray:
    """Shifts and scales what the networks give back to log magnitudes."""
    return frames * np.float32(config.spread) + np.float32(config.center)


def mel_magnitude(mel: np.ndarray, config: MelConfig) -> np.ndarray:
    """Estimates a linear spectrogram from a log-mel one: magnitudes with these bands, as smooth as they allow.

    Many spectra have the same bands. The smooth one, which interpolates between the bands, is brought to them by the
    multiplicative updates of Lee & Seung (2001); the spectrum of least squares, that of the pseudo-inverse, would have
    holes and ripples between the bands.

    Args:
      mel: [F, M] natural logarithm of magnitudes.
      config: settings.

    Returns:
      [F, K] float32 magnitudes.
    """
    filters, bands = _filters(config), np.exp(np.asarray(mel, np.float32))
    areas = filters.sum(axis=1)
    wanted = bands @ filters
    spectrum = (bands / areas) @ filters / np.maximum(filters.sum(axis=0), _LEAST_WEIGHT)
    for _ in range(_UPDATES):
        spectrum *= wanted / np.maximum(spectrum @ filters.T @ filters, _TINY)
    return spectrum.astype(np.float32)


def griffin_lim(magnitude: np.ndarray, config: MelConfig, iterations: int = 50, seed: int = 0) -> np.ndarray:
    """Estimates a recording with a given spectrogram (Griffin & Lim 1984), as Tacotron does.

    The momentum of Perraudin et al. (2013) is left out: with it the sound comes 1 dB nearer to the spectrogram in as
    many iterations, and a predictor of listening quality rates it lower.

    Args:
      magnitude: [F, K] magnitudes.
      config: settings.
      iterations: number of them; 50 as in arXiv 1703.10135, section 3.3.
      seed: of the phases at the start.

    Returns:
      [(F - 1) x hop] float32 amplitudes.
    """
    # A transform needs as many samples; what is shorter gets silence, which is cut off again.
    missing = max(0, 1 - (-config.fourier // config.hop) - len(magnitude))
    audio = librosa.griffinlim(
        np.pad(magnitude, ((0, missing), (0, 0))).T,
        n_iter=iterations,
        hop_length=config.hop,
        win_length=config.window,
        n_fft=config.fourier,
        pad_mode="reflect",
        random_state=seed,
        momentum=0.0,
    )
    return audio[: (len(magnitude) - 1) * config.hop].astype(np.float32)


def _magnitude(audio: np.ndarray, config: MelConfig) -> np.ndarray:
    """Computes magnitudes [K, F] float64; a recording shorter than a transform is padded with zeros."""
    audio = np.asarray(audio, np.float32).astype(np.float64)
    frames = config.frames(len(audio))
    audio = np.pad(audio, (0, max(0, config.fourier - len(audio))))
    transform = librosa.stft(
        audio, n_fft=config.fourier, win_length=config.window, hop_length=config.hop, pad_mode="reflect"
    )
    return np.abs(transform[:, :frames])


def _log(magnitude: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(magnitude, _LOWEST_MAGNITUDE)).astype(np.float32)


@functools.lru_cache(maxsize=4)
def _filters(config: MelConfig) -> np.ndarray:
    """Computes the weights [M, K] of the bands."""
    return librosa.filters.mel(
        sr=config.sample_rate,
        n_fft=config.fourier,
        n_mels=config.bands,
        fmin=config.lowest,
        fmax=config.highest,
    )
