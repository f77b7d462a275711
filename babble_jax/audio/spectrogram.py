"""Pictures of sound, drawn through matplotlib's objects: no pyplot and no global backend.

Axes: T samples.
"""

import os

import librosa
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from babble_jax import files

_RANGE = 80.0  # dB shown below the loudest point


def spectrogram(audio: np.ndarray, rate: int, path: str | os.PathLike, title: str = "") -> None:
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
    hop = max(
        round(0.005 * rate), len(audio) // 2000
    )  # about 2,000 columns: more than the picture has pixels
    padded = np.pad(audio, (0, max(0, size - len(audio))))
    magnitude = np.abs(librosa.stft(padded, n_fft=size, win_length=window, hop_length=hop))
    decibels = librosa.amplitude_to_db(magnitude, ref=max(float(magnitude.max()), 1e-10), top_db=_RANGE)

    figure = Figure(figsize=(10, 5), layout="constrained")
    FigureCanvasAgg(figure)
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
    with files.atomic_write(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120)
        with Image.open(temporary) as drawn:
            few = drawn.convert("RGB").quantize(
                64
            )  # noise packs badly: a third of the size, and looks the same
        few.save(temporary, optimize=True)


def _envelope(audio: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Smallest and largest amplitude of at most 2,000 equal stretches, with their times in seconds."""
    starts = np.unique(np.linspace(0, len(audio), min(2000, len(audio)), endpoint=False).astype(np.int64))
    return starts / rate, np.minimum.reduceat(audio, starts), np.maximum.reduceat(audio, starts)
