"""A picture of offsets: their histogram, with the densities of fitted laws over it.

Axes: M offsets. Offsets are seconds.
"""

import os
from collections.abc import Mapping

import jax
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from babble_jax import files
from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.distributions.family import Params


def plot_offsets(
    path: str | os.PathLike,
    values: np.ndarray,
    laws: Mapping[str, Params],
    title: str = "Floor-transfer offsets",
    limits: tuple[float, float] = (-2.0, 3.0),
) -> None:
    """Writes a PNG with the histogram of `values`, zero marked.

    Args:
      path: where to write it.
      values: [M] seconds.
      laws: parameters by name of the family, one density curve each.
      title: above the picture.
      limits: seconds that are shown; the histogram is a density of all offsets, so that it compares with the
        curves.
    """
    low, high = limits
    edges = np.linspace(low, high, 101)  # 50 ms at the usual limits
    count, _ = np.histogram(values, edges)
    grid = np.linspace(low, high, 1001)

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.stairs(count / max(len(values), 1) / np.diff(edges), edges, fill=True, color="0.8", label="observed")
    with jax.enable_x64(True):
        for name, params in laws.items():
            axes.plot(grid, np.exp(np.asarray(FAMILIES[name].log_prob(params, grid))), lw=1.3, label=name)
    axes.axvline(0, color="black", lw=1, ls="--")
    axes.annotate(
        "overlap",
        (0, 1),
        (-6, -4),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        ha="right",
        va="top",
    )
    axes.annotate(
        "gap", (0, 1), (6, -4), xycoords=("data", "axes fraction"), textcoords="offset points", va="top"
    )
    axes.set(xlim=limits, xlabel="floor-transfer offset (s)", ylabel="density (1/s)", title=title)
    axes.legend(frameon=False)
    with files.whole(path) as temporary:
        canvas.print_png(str(temporary))
