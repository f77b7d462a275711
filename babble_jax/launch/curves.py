"""Draws a comparison: the metric by step, a line for the mean over seeds and a band from the lowest to the highest."""

from pathlib import Path

import numpy as np

from babble_jax import plotting
from babble_jax.launch.compare import Comparison, RunGroup


def plot_comparison(path: Path, comparison: Comparison) -> None:
    """Draws curves, or bars of the results where there are none.

    Args:
      path: of the PNG.
      comparison: what to draw.
    """
    figure = plotting.create_figure(8, 4.5)
    axes = figure.subplots()
    metric = plotting.plain_label(comparison.metric)
    if any(group.curves for group in comparison.groups):
        for number, group in enumerate(comparison.groups):
            _plot_band(axes, group, f"C{number % 10}")
        axes.set(xlabel="step", ylabel=metric)
        axes.legend(fontsize="small")
    else:
        for number, group in enumerate(comparison.groups):
            axes.barh(number, group.mean, color=f"C{number % 10}", alpha=0.6)
            axes.plot(list(group.scores.values()), [number] * len(group.scores), "k|", ms=12)
        axes.set_yticks(range(len(comparison.groups)), [_label(group) for group in comparison.groups])
        axes.set(xlabel=f"{metric}, mean and each seed")
        axes.invert_yaxis()
    plotting.save_png(figure, path)


def _plot_band(axes: object, group: RunGroup, colour: str) -> None:
    """Draws the curves of a group at the steps that all of its seeds have."""
    if not group.curves:
        return
    by_seed = [dict(curve) for curve in group.curves.values()]
    steps = sorted(set.intersection(*(set(curve) for curve in by_seed)))
    values = np.array([[curve[step] for step in steps] for curve in by_seed])
    count = f", {len(by_seed)} seeds" if len(by_seed) > 1 else ""
    axes.plot(steps, values.mean(0), "o-", ms=3, color=colour, label=f"{_label(group)}{count}")  # pyright: ignore[reportAttributeAccessIssue]
    if len(by_seed) > 1:
        axes.fill_between(steps, values.min(0), values.max(0), color=colour, alpha=0.2, lw=0)  # pyright: ignore[reportAttributeAccessIssue]


def _label(group: RunGroup) -> str:
    return plotting.plain_label(group.label)
