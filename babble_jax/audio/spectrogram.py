"""Draws pictures of sound.

Axes: T samples.
"""

import os

import librosa
import numpy as np

from babble_jax import plotting

_RANGE = 80.0  # dB shown below the loudest point
_COLUMNS = 2000  # more than the picture has pixels
_COLOURS = 64  # noise packs badly: a third of the size, and looks the same


def plot_spectrogram(audio: np.ndarray, rate: int, path: str | os.PathLike, title: str = "") -> None:
    """Writes a PNG: waveform above, spectrogram (25 ms Hann windows, dB below the loudest point) underneath.

    Args:
      audio: [T] float amplitudes, T > 0.
      rate: Hz.
      path: of the picture, ending in `.png`.
      title: shown above; may be empty.
    """
    audio = np.asarray(audio, np.float32)
    seconds = len(audio) / rate
    window = round(0.025 * rate)
    size = 1 << window.bit_length()
    hop = max(round(0.005 * rate), len(audio) // _COLUMNS)
    padded = np.pad(audio, (0, max(0, size - len(audio))))
    magnitude = np.abs(librosa.stft(padded, n_fft=size, win_length=window, hop_length=hop))
    decibels = librosa.amplitude_to_db(magnitude, ref=max(float(magnitude.max()), 1e-10), top_db=_RANGE)

    figure = plotting.create_figure(10, 5)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[1, 3])
    times, low, high = _envelope(audio, rate)
    above.fill_between(times, low, high, linewidth=0, color="tab:blue")
    above.set(ylim=(-1, 1), ylabel="amplitude", title=title)
    image = below.imshow(
        decibels,
        origin="lower",
        aspect="auto",
        cmap="magma",
        vmin=-_RANGE,
        vmax=0,
        extent=(0, seconds, 0, rate / 2000),
    )
    below.set(xlabel="seconds", ylabel="kHz", xlim=(0, seconds))
    figure.colorbar(image, ax=below, label="dB")
    plotting.save_png(figure, path, dpi=120, colours=_COLOURS)


def _envelope(audio: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Computes times in seconds, and the smallest and largest amplitude of at most 2,000 equal stretches."""
    starts = np.unique(np.linspace(0, len(audio), min(_COLUMNS, len(audio)), endpoint=False).astype(np.int64))
    return starts / rate, np.minimum.reduceat(audio, starts), np.maximum.reduceat(audio, starts)
