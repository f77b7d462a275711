"""Draws a narrow-band spectrogram of a few seconds of a dialogue, one panel per speaker, in which harmonics are seen.

Axes: C channels, T samples.
"""

import os

import numpy as np
import scipy.signal

from babble_jax.conversation.conversation import Conversation
from babble_jax.dialogue.timeline import COLORS
from babble_jax.plotting import create_figure, plain_label, save_png

SECONDS = 8.0
"""Length of the stretch that is drawn."""
HIGHEST_HZ = 4000.0
WINDOW_SECONDS = 0.05
"""Length of the Hann window: its main lobe is 80 Hz wide, less than the distance of two harmonics of a low voice."""
_HOP_SECONDS = 0.004
_RANGE = 45.0  # dB shown below the loudest point
_EMPHASIS = 0.8  # of the sample before: voices fall by some 6 dB per octave
_STEP = 0.5  # seconds between the stretches that are compared


def choose_stretch(dialogue: Conversation, seconds: float = SECONDS) -> tuple[float, float]:
    """Chooses the stretch in which the speaker who speaks less speaks most; the first one of several.

    Args:
      dialogue: of IPUs, in one window from 0.
      seconds: length of the stretch.

    Returns:
      (start, end): seconds.
    """
    total = float(dialogue.windows[-1, 1])
    if total <= seconds:
        return 0.0, total
    starts = np.append(np.arange(0.0, total - seconds, _STEP), total - seconds)
    spoken = [
        np.clip(
            np.minimum(dialogue.end[own], start + seconds) - np.maximum(dialogue.onset[own], start), 0, None
        )
        for start in starts
        for own in (dialogue.speaker == index for index in range(len(dialogue.speakers)))
    ]
    sums = np.array([part.sum() for part in spoken]).reshape(len(starts), -1)
    start = float(starts[np.argmax(np.round(sums.min(axis=1), 6))])
    return start, start + seconds


def plot_harmonics(path: str | os.PathLike, dialogue: Conversation, audio: np.ndarray, rate: int) -> None:
    """Writes a PNG: 8 s of a dialogue up to 4 kHz, in dB below the loudest point, high frequencies raised.

    Args:
      path: of the picture, ending in `.png`.
      dialogue: the times in the sound.
      audio: [C, T] float, one channel per speaker of `dialogue`.
      rate: Hz.
    """
    start, end = choose_stretch(dialogue)
    part = np.asarray(audio[:, round(start * rate) : round(end * rate)], np.float32)
    part = part - _EMPHASIS * np.pad(part, ((0, 0), (1, 0)))[:, :-1]
    window = round(WINDOW_SECONDS * rate)
    size = 2 << window.bit_length()  # interpolates between the bins: lines look smooth
    part = np.pad(part, ((0, 0), (0, max(0, size - part.shape[1]))))
    hop = max(round(_HOP_SECONDS * rate), 1)
    # scipy's transform, since librosa takes two seconds to load
    _, _, spectrum = scipy.signal.stft(part, nperseg=window, noverlap=window - hop, nfft=size, padded=False)
    magnitude = np.abs(spectrum)
    bins = min(magnitude.shape[1], int(HIGHEST_HZ * size / rate) + 1)
    magnitude = magnitude[:, :bins]
    decibels = 20 * np.log10(np.maximum(magnitude / max(float(magnitude.max()), 1e-10), 1e-5))
    shown_khz = (bins - 1) * rate / size / 1000
    figure = create_figure(10, 0.8 + 2.9 * len(audio))
    panels = figure.subplots(len(audio), 1, sharex=True, squeeze=False)[:, 0]
    for index, (panel, name) in enumerate(zip(panels, dialogue.speakers, strict=True)):
        panel.imshow(
            np.maximum(decibels[index], -_RANGE),
            origin="lower",
            aspect="auto",
            cmap="Greys",
            vmin=-_RANGE,
            vmax=0,
            extent=(start, start + part.shape[1] / rate, 0, shown_khz),
            interpolation="bilinear",
        )
        panel.set(ylabel="kHz", xlim=(start, end), yticks=np.arange(0, shown_khz + 0.01, 1))
        panel.set_title(
            plain_label(name), loc="left", fontsize=11, fontweight="bold", color=COLORS[index % len(COLORS)]
        )
        panel.set_xticks(np.arange(np.ceil(start), end + 1e-6, 1))
    panels[-1].set_xlabel(f"seconds ({end - start:g} s of the dialogue, 50 ms windows)")
    figure.colorbar(panels[-1].images[0], ax=list(panels), label="dB below the loudest point", pad=0.01)
    save_png(figure, path, dpi=110)
