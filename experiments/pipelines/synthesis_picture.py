"""Picture of how a model reads held-out pieces: its attention over the phones while it speaks freely."""

from collections.abc import Sequence
from pathlib import Path

from babble_jax import plotting
from babble_jax.tacotron.speech import Speech
from babble_jax.train.tasks.labelled.pieces import spread_over

_PANELS = (2, 3)
_COLOURS = 128


def plot_attentions(path: Path, spoken: Sequence[Speech]) -> None:
    """Writes the attention in some utterances, evenly spread over all, as a PNG.

    Args:
      path: of the PNG.
      spoken: freely, by the model.
    """
    figure = plotting.create_figure(12, 7)
    rows, columns = _PANELS
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    shown = spread_over(spoken, rows * columns)
    for axes, speech in zip(panels, shown, strict=False):
        steps, count = speech.attention.shape
        seconds = steps * speech.config.model.decoder.reduction * speech.config.mel.hop_seconds
        extent = (0, seconds, -0.5, count - 0.5)
        axes.imshow(
            speech.attention.T, origin="lower", aspect="auto", cmap="magma", vmin=0, vmax=1, extent=extent
        )
        axes.set(xlabel="seconds spoken", ylabel="phone", title="" if speech.ended else "cut off")
    for axes in panels[len(shown) :]:
        axes.set_axis_off()
    plotting.save_png(figure, path, dpi=100, colours=_COLOURS)
