"""Shows how a model speaks a held-out piece from its phones alone: attention, mel beside the true one, sound.

Axes: S steps, N phones, F frames, M mel bands.
"""

from pathlib import Path

import numpy as np

from babble_jax import files, plotting
from babble_jax.audio import mel_spectrogram as mel
from babble_jax.tacotron.config import SynthesisConfig
from babble_jax.tacotron.speech import Speech
from babble_jax.track.tracker import Tracker
from babble_jax.train.tasks.tacotron.pieces import Piece

_ITERATIONS = 30  # of Griffin and Lim
_COLOURS = 128
_MOST_NAMES = 90  # phones whose names can be read


def log_speech(
    tracker: Tracker, step: int, config: SynthesisConfig, piece: Piece, true: np.ndarray, spoken: Speech
) -> None:
    """Logs pictures `attention` and `mel`, and sounds `spoken` and `copy`, of the true mel, both by Griffin and Lim.

    Args:
      tracker: where they go.
      step: updates made.
      config: of the model.
      piece: with its phones.
      true: [F, M] log mel of the piece.
      spoken: by the model.
    """
    with files.scratch_folder() as folder:
        path = Path(folder) / "picture.png"
        plot_attention(path, config, piece, spoken)
        tracker.log_picture(step, "attention", path)
        plot_mels(path, config, true, spoken)
        tracker.log_picture(step, "mel", path)
    copied = mel.mel_magnitude(true, config.mel)
    for name, audio in (
        ("spoken", spoken.audio(_ITERATIONS)),
        ("copy", mel.griffin_lim(copied, config.mel, _ITERATIONS)),
    ):
        if len(audio):
            tracker.log_audio(step, name, audio, config.mel.sample_rate)


def plot_attention(path: Path, config: SynthesisConfig, piece: Piece, spoken: Speech) -> None:
    """Writes the weights of the attention in the model's own speech as a PNG.

    Args:
      path: of the PNG.
      config: of the model.
      piece: with its phones.
      spoken: by the model.
    """
    steps, count = spoken.attention.shape
    seconds = steps * config.model.decoder.reduction * config.mel.hop_seconds
    figure = plotting.create_figure(10, 6)
    axes = figure.subplots()
    image = axes.imshow(
        spoken.attention.T,
        origin="lower",
        aspect="auto",
        cmap="magma",
        vmin=0,
        vmax=1,
        extent=(0, seconds, -0.5, count - 0.5),
    )
    if count <= _MOST_NAMES:
        names = [plotting.plain_label(config.inputs.symbols[i] or "_") for i in piece.phones]
        axes.set_yticks(range(count), names, fontsize=max(4, min(9, 380 // count)))
    ended = "" if spoken.ended else ", cut off: the end was not reached"
    axes.set(xlabel="seconds spoken", ylabel="phones", title=f"attention, speaking freely{ended}")
    figure.colorbar(image, ax=axes)
    plotting.save_png(figure, path, dpi=110, colours=_COLOURS)


def plot_mels(path: Path, config: SynthesisConfig, true: np.ndarray, spoken: Speech) -> None:
    """Writes the mel spectrogram that the model has spoken and the true one as a PNG, one above the other.

    Args:
      path: of the PNG.
      config: of the model.
      true: [F, M] log mel of the piece.
      spoken: by the model.
    """
    figure = plotting.create_figure(10, 6)
    both = [x * (20 / np.log(10)) for x in (spoken.mel, true)]  # natural logarithm of magnitudes to dB
    limits = {"vmin": min(x.min() for x in both), "vmax": max(x.max() for x in both)}
    axes = figure.subplots(2, 1, sharex=True)
    for one, values, title in zip(axes, both, ("spoken freely", "recording"), strict=True):
        extent = (0, len(values) * config.mel.hop_seconds, 0, config.mel.bands)
        one.imshow(
            values.T,
            origin="lower",
            aspect="auto",
            cmap="magma",
            interpolation="none",
            extent=extent,
            **limits,
        )
        one.set(ylabel="mel band", title=title)
    axes[0].set_xlim(0, max(len(x) for x in both) * config.mel.hop_seconds)
    axes[1].set(xlabel="seconds")
    figure.colorbar(axes[0].images[0], ax=axes, label="dB")
    plotting.save_png(figure, path, dpi=110, colours=_COLOURS)
