"""A picture of offsets and fitted laws: densities over the histogram, quantiles, probability integral transforms.

Axes: M offsets, X grid points. Offsets are seconds.
"""

import os
from collections.abc import Mapping

import jax
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from babble_jax import files
from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.distributions.family import Params
from babble_jax.timing.evaluation.offsets import pit
from babble_jax.timing.evaluation.offsets.scores import line

BINS = 20


def plot_offsets(
    path: str | os.PathLike,
    values: np.ndarray,
    laws: Mapping[str, Params],
    title: str = "Floor-transfer offsets",
    limits: tuple[float, float] = (-2.0, 3.0),
    width: np.ndarray | None = None,
    most: int = 5,
) -> None:
    """Writes a PNG of three panels: densities over the histogram with zero marked, QQ, PIT with its 95 % band.

    Args:
      path: where to write it.
      values: [M] seconds.
      laws: parameters by name of the family, best first.
      title: above the picture.
      limits: seconds that are shown; the histogram is a density of all offsets, so that it compares with the
        curves.
      width: [M] seconds, of the cells in which the offsets lie; None where they are exact.
      most: how many laws are drawn, the first ones.
    """
    shown = dict(list(laws.items())[:most])
    figure = Figure(figsize=(13, 4.2), layout="constrained")
    canvas = FigureCanvasAgg(figure)
    densities, quantiles, transforms = figure.subplots(1, 3, width_ratios=(1.6, 1, 1))
    figure.suptitle(title)
    _densities(densities, values, shown, limits)
    if len(values):
        _quantiles(quantiles, values, shown)
        _transforms(transforms, values, shown, width)
    with files.atomic_write(path) as temporary:
        canvas.print_png(str(temporary))


def _densities(
    axes: Axes, values: np.ndarray, laws: Mapping[str, Params], limits: tuple[float, float]
) -> None:
    edges = np.linspace(*limits, 101)  # 50 ms at the usual limits
    count, _ = np.histogram(values + 1e-6, edges)  # offsets on a grid would fall on either side of an edge
    grid = np.linspace(*limits, 1001)
    axes.stairs(count / max(len(values), 1) / np.diff(edges), edges, fill=True, color="0.8", label="observed")
    with jax.enable_x64(True):
        for name, params in laws.items():
            density = np.exp(np.asarray(jax.jit(FAMILIES[name].log_prob)(params, grid)))
            axes.plot(grid, density, lw=1.2, label=name)
    axes.axvline(0, color="black", lw=1, ls="--")
    for word, side, aligned in (("overlap", -6, "right"), ("gap", 6, "left")):
        axes.annotate(
            word,
            (0, 1),
            (side, -4),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha=aligned,
            va="top",
        )
    axes.set(xlim=limits, xlabel="floor-transfer offset (s)", ylabel="density (1/s)")
    axes.legend(frameon=False, fontsize="small", loc="center right")


def _quantiles(axes: Axes, values: np.ndarray, laws: Mapping[str, Params]) -> None:
    """Quantiles of the laws against those of the offsets, at 199 inner ranks and 3 at either end."""
    ends = np.array([1e-4, 3e-4, 1e-3])
    share = np.sort(np.concatenate([np.arange(1, 200) / 200, ends, 1 - ends]))
    share = share[(share * len(values) >= 1) & ((1 - share) * len(values) >= 1)]
    observed, grid = np.quantile(values, share), line(values)
    with jax.enable_x64(True):
        for name, params in laws.items():
            cdf = np.maximum.accumulate(np.asarray(jax.jit(FAMILIES[name].cdf)(params, grid)))
            axes.plot(np.interp(share, cdf, grid), observed, ".-", lw=0.7, ms=2.5)
    axes.axline((0, 0), slope=1, color="black", lw=0.8, ls="--")
    for ends in (axes.set_xlim, axes.set_ylim):
        ends(-4, 5)
    axes.set(xlabel="quantile of the law (s)", ylabel="quantile of the offsets (s)")


def _transforms(axes: Axes, values: np.ndarray, laws: Mapping[str, Params], width: np.ndarray | None) -> None:
    axes.axhspan(*pit.band(len(values), BINS), color="0.85", label="95 % of bins")
    edges = np.linspace(0, 1, BINS + 1)
    for name, params in laws.items():
        u = pit.transform(FAMILIES[name], params, values, width)
        axes.stairs(np.histogram(u, edges, density=True)[0], edges, lw=1.1, baseline=None)
    axes.axhline(1, color="black", lw=0.8, ls="--")
    axes.set(xlabel="probability integral transform", ylabel="density", xlim=(0, 1))
    axes.legend(frameon=False, fontsize="small")
