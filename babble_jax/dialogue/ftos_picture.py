"""Draws the floor-transfer offsets of a dialogue beside the fitted distribution and the range of drawn pieces.

Axes: N floor-transfer offsets (FTO).
"""

import os
from collections.abc import Callable

import numpy as np

from babble_jax.dialogue.event_table import FEWEST_OFFSETS
from babble_jax.dialogue.pieces import Pieces
from babble_jax.dialogue.timeline import COLORS, DPI, GAP, INK, OVERLAP
from babble_jax.plotting import create_figure, plain_label, save_png
from babble_jax.plural import plural


def plot_ftos(
    path: str | os.PathLike,
    fto: np.ndarray,
    density: Callable[[np.ndarray], np.ndarray] | None,
    reference: str,
    pieces: Pieces | None = None,
) -> None:
    """Writes a PNG: histogram of FTOs at level ipu, the fitted density where there is one, zero marked.

    Bins are 200 ms wide, 100 ms from a hundred offsets on. A band shows the range of histograms of drawn pieces.

    Args:
      path: of the picture, ending in `.png`.
      fto: [N] float64 seconds; what lies beyond 2 s is counted in the caption only.
      density: of the fitted distribution, per second, at an array of seconds; None where none is fitted.
      reference: name of the timing preset, or of the conversation that is replayed.
      pieces: drawn ones of the dialogue's length; None draws no band.
    """
    figure = create_figure(8, 4)
    axes = figure.subplots()
    reach = 2.0
    bins = np.linspace(-reach, reach, 41 if len(fto) >= 100 else 21)
    seconds = np.linspace(-reach, reach, 801)
    axes.axvspan(-reach, 0, color=OVERLAP, alpha=0.25, linewidth=0)
    axes.axvspan(0, reach, color=GAP, alpha=0.35, linewidth=0)
    top = 0.0
    if density is not None:
        curve = density(seconds)
        axes.plot(
            seconds,
            curve,
            color=INK,
            linewidth=2,
            label=f"distribution of {plain_label(reference)}",
            zorder=3,
        )
        top = float(np.max(curve))
    if len(fto):
        counts = np.histogram(fto, bins)[0] / len(fto) / np.diff(bins)
        axes.stairs(
            counts,
            bins,
            fill=True,
            color=COLORS[0],
            alpha=0.75,
            label=f"this dialogue ({plural(len(fto), 'offset')})",
        )
        axes.plot(fto, np.zeros(len(fto)), "|", color=INK, markersize=9, alpha=0.7, clip_on=True)
        top = max(top, float(np.max(counts)))
    if pieces is not None:
        low, high = pieces.density_band(bins)
        label = f"5th to 95th percentile of pieces of {pieces.seconds:g} s"
        axes.stairs(high, bins, baseline=low, fill=True, color=INK, alpha=0.16, linewidth=0, label=label)
        top = max(top, float(np.max(high)))
    top = top or 1.0
    axes.axvline(0, color=INK, linewidth=1, linestyle="--")
    axes.set(
        xlim=(-reach, reach),
        ylim=(0, 1.22 * top),
        xlabel="floor-transfer offset (s)",
        ylabel="density per second",
    )
    for x, align, text in ((-0.04, "right", "overlap"), (0.04, "left", "gap")):
        axes.text(x, 1.16 * top, text, ha=align, va="center", color=INK, fontsize=10, style="italic")
    axes.set_title(
        f"Floor-transfer offsets at level ipu, timing {plain_label(reference)}", fontsize=11, loc="left"
    )
    if len(fto) < FEWEST_OFFSETS:
        axes.text(
            0.01,
            0.6,
            "too few offsets to compare:\nmake a longer dialogue",
            transform=axes.transAxes,
            va="center",
            color=INK,
            fontsize=9,
        )
    beyond = int(np.sum(np.abs(fto) > reach))
    if beyond:
        axes.text(
            0.99, 0.6, f"{beyond} beyond 2 s", transform=axes.transAxes, ha="right", color=INK, fontsize=9
        )
    axes.spines[["top", "right"]].set_visible(False)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="upper right", frameon=False, fontsize=9)
    save_png(figure, path, dpi=DPI)
