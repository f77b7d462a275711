"""Plots a comparison of floors: the error of each model, row by row, as a multiple of the ceiling."""

import os
from typing import Any

from babble_jax import plotting

_MARKS = ("o", "x", "+", "1", "s", "d", "v")
_LOWER_BOUND = 0.05  # of the axis of errors


def plot_floor_comparison(path: str | os.PathLike, table: dict[str, Any], title: str) -> None:
    """Writes a PNG: errors over the ceiling on the left, spreads between calls over the real ones on the right.

    Args:
      path: of the PNG.
      table: as `comparison.compare_floor` gives it.
      title: of the figure.
    """
    spread = [name for name in table["rows"] if name.startswith("spread")]
    other = [name for name in table["rows"] if not name.startswith("spread")]
    models = list(table["rows"][other[0]]["models"])
    figure = plotting.create_figure(12, 8.5)
    left, right = figure.subplots(1, 2, width_ratios=[3, 2])
    for i, model in enumerate(models):
        style = {"marker": _MARKS[i], "color": f"C{i}", "zorder": 3 if i == 0 else 2}
        style |= {"s": 45 if i == 0 else 28, "label": model}
        errors = [
            table["rows"][row]["models"][model]["error"] / table["rows"][row]["ceiling"] for row in other
        ]
        left.scatter([max(e, _LOWER_BOUND) for e in errors], range(len(other)), **style)
        ratios = [table["rows"][row]["models"][model]["value"] / table["rows"][row]["real"] for row in spread]
        right.scatter(ratios, range(len(spread)), **style)
    left.axvline(1, color="0.5", lw=1)
    left.set(xscale="log", xlabel="error / error of real calls against real calls", title=title)
    right.axvspan(0.8, 1.25, color="0.92")
    right.axvline(1, color="0.5", lw=1)
    right.set(xscale="log", xlabel="spread between calls / real spread", xticks=[0.3, 0.5, 0.8, 1.25, 2])
    right.set_xticks([], minor=True)
    right.set_xticklabels(["0.3", "0.5", "0.8", "1.25", "2"])
    for axes, rows in ((left, other), (right, spread)):
        names = [row.removeprefix("spread/").replace("_", " ").replace("/", ": ") for row in rows]
        axes.set_yticks(range(len(rows)), names, fontsize=8)
        axes.invert_yaxis()
        axes.grid(axis="y", color="0.9")
    left.legend(fontsize=8, loc="upper right")
    plotting.save_png(figure, path, 90)
