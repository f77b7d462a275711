"""Draws figures through matplotlib's objects: no pyplot, no global state, and a PNG written whole or not at all."""

import os
from typing import Any, Literal

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from babble_jax import files
from babble_jax.printable import escape_unprintable


def create_figure(
    width: float, height: float, layout: Literal["constrained"] | None = "constrained"
) -> Figure:
    """Creates an empty figure; `Figure.subplots` adds its axes.

    Args:
      width: inches.
      height: inches.
      layout: constrained, for which the figure is drawn twice, or None where its axes are placed by hand.
    """
    figure = Figure(figsize=(width, height), layout=layout)
    FigureCanvasAgg(figure)
    return figure


def plain_label(name: str) -> str:
    """Returns a name as a figure shows it: what is not printable is escaped, and a dollar sign begins no formula."""
    return escape_unprintable(name).replace("$", "\\$")


def save_png(
    figure: Figure, path: str | os.PathLike, dpi: float = 110, colours: int | None = None, **options: Any
) -> None:
    """Writes a figure as PNG, whole or not at all.

    Args:
      figure: to be drawn.
      path: of the PNG.
      dpi: dots per inch.
      colours: size of the palette that the picture is reduced to, at most 256; None leaves it in full colour.
      options: of `Figure.savefig`.

    Raises:
      BabbleError: the file cannot be written.
    """
    with files.atomic_write(path) as temporary:
        figure.savefig(temporary, format="png", dpi=dpi, **options)
        if colours is not None:
            with Image.open(temporary) as picture:
                reduced = picture.convert("RGB").quantize(colours)
            reduced.save(temporary, format="png", optimize=True)
