"""Plots the floor-transfer offsets (FTOs) of a corpus as a histogram, beside a fitted distribution.

FTOs beyond the axis are in no bar; the legend counts them. Axes: M FTOs, E edges of bins. FTOs are seconds.
"""

import os
from collections.abc import Sequence

import numpy as np

from babble_jax.plotting import create_figure, plain_label, save_png

REACH = 2.0
"""Seconds on either side of 0 that are shown."""
BIN_WIDTH = 0.05
"""Seconds."""


def bin_edges() -> np.ndarray:
    """Returns the edges of the bins, [E] seconds, 0 among them."""
    return np.round(np.arange(-REACH, REACH + BIN_WIDTH / 2, BIN_WIDTH), 9)


def fto_density(fto: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Computes the density of FTOs in bins, [E - 1] per second; those beyond the edges count in the total only.

    Args:
      fto: [M] seconds.
      edges: [E] seconds, increasing.
    """
    inside = fto[(fto >= edges[0]) & (fto <= edges[-1])]
    # FTOs that are rounded lie on edges, and float64 on either side of them.
    counts = np.histogram(np.minimum(inside + 1e-6, edges[-1]), edges)[0]
    return counts / max(len(fto), 1) / np.diff(edges)


def offsets_label(name: str, fto: np.ndarray, low: float, high: float) -> str:
    """Lays out a legend in lines: the number of FTOs, and of those beyond the axis: "4 beyond 3 s".

    Args:
      name: of the FTOs.
      fto: [M] seconds.
      low: lower end of the axis, seconds.
      high: upper end of the axis, seconds.
    """
    below, beyond = np.count_nonzero(fto < low), np.count_nonzero(fto > high)
    lines = [f"{name} ({len(fto)})"]
    lines += [f"{below} below {low:g} s"] if below else []
    lines += [f"{beyond} beyond {high:g} s"] if beyond else []
    return "\n".join(lines)


def plot_fto_histogram(
    path: str | os.PathLike,
    fto: np.ndarray,
    *,
    fto_level: str,
    interval: Sequence[float] | None = None,
    reference: tuple[str, np.ndarray] | None = None,
) -> None:
    """Writes a PNG: the histogram of FTOs with their median and its interval, and a reference as steps.

    Args:
      path: of the PNG.
      fto: [M] seconds.
      fto_level: of the FTOs, for the title.
      interval: of their median, seconds, which is shaded; None where there is none.
      reference: name of a distribution and its cdf at `bin_edges()`, [E]; None where there is none.
    """
    figure = create_figure(8, 4)
    axes = figure.subplots()
    edges = bin_edges()
    if len(fto):
        label = offsets_label("offsets", fto, -REACH, REACH)
        axes.stairs(fto_density(fto, edges), edges, fill=True, color="C0", alpha=0.5, label=label)
        median = float(np.median(fto))
        axes.axvline(median, color="C0", label=f"median {1000 * median:.0f} ms")
        if interval is not None:
            low, high = interval
            axes.axvspan(low, high, color="C0", alpha=0.3, linewidth=0, label="its 95 % interval")
    if reference is not None:
        name, cdf = reference
        axes.stairs(np.diff(cdf) / BIN_WIDTH, edges, color="C1", linewidth=1.8, label=plain_label(name))
    axes.axvline(0, color="k", linewidth=0.8, linestyle="--")
    axes.set(
        xlim=(-REACH, REACH),
        xlabel="floor-transfer offset (s; below 0: overlap)",
        ylabel="density (per second)",
        title=f"Floor-transfer offsets at level {fto_level}",
    )
    axes.spines[["top", "right"]].set_visible(False)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False)
    save_png(figure, path)
