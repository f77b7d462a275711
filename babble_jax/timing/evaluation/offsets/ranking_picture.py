"""Plots FTOs and fitted distributions: densities over the histogram, quantiles, probability integral transforms.

Axes: M floor-transfer offsets (FTOs), X points. FTOs are seconds.
"""

import os
from collections.abc import Mapping

import jax
import numpy as np
from matplotlib.axes import Axes

from babble_jax.numerics import fixed_numerics
from babble_jax.plotting import create_figure, save_png
from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.distributions.family import Params
from babble_jax.timing.evaluation.offsets import pit
from babble_jax.timing.evaluation.offsets.scores import integration_points

BINS = 20


def plot_offsets(
    path: str | os.PathLike,
    fto: np.ndarray,
    distributions: Mapping[str, Params],
    title: str = "Floor-transfer offsets",
    limits: tuple[float, float] = (-2.0, 3.0),
    width: np.ndarray | None = None,
    most: int = 5,
) -> None:
    """Writes a PNG of three panels: densities over the histogram with zero marked, QQ, PIT with its 95 % band.

    Args:
      path: of the PNG.
      fto: [M] seconds.
      distributions: parameters by name of the family, best first.
      title: above the panels.
      limits: seconds that are shown; the histogram is a density of all FTOs, so that it compares with the
        curves.
      width: [M] seconds, of the bins of which `fto` are the middles; None where they are exact.
      most: number of distributions to draw, the first ones.
    """
    shown = dict(list(distributions.items())[:most])
    figure = create_figure(13, 4.2)
    densities, quantiles, transforms = figure.subplots(1, 3, width_ratios=(1.6, 1, 1))
    figure.suptitle(title)
    _plot_densities(densities, fto, shown, limits)
    if len(fto):
        _plot_quantiles(quantiles, fto, shown)
        _plot_transforms(transforms, fto, shown, width)
    save_png(figure, path, dpi=100)


def _plot_densities(
    axes: Axes, fto: np.ndarray, distributions: Mapping[str, Params], limits: tuple[float, float]
) -> None:
    edges = np.linspace(*limits, 101)  # 50 ms at the usual limits
    count, _ = np.histogram(fto + 1e-6, edges)  # binned FTOs would fall on either side of an edge
    points = np.linspace(*limits, 1001)
    axes.stairs(count / max(len(fto), 1) / np.diff(edges), edges, fill=True, color="0.8", label="observed")
    with fixed_numerics(x64=True):
        for name, params in distributions.items():
            density = np.exp(np.asarray(jax.jit(FAMILIES[name].log_prob)(params, points)))
            axes.plot(points, density, lw=1.2, label=name)
    axes.axvline(0, color="black", lw=1, ls="--")
    for word, shift, aligned in (("overlap", -6, "right"), ("gap", 6, "left")):
        axes.annotate(
            word,
            (0, 1),
            (shift, -4),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha=aligned,
            va="top",
        )
    axes.set(xlim=limits, xlabel="floor-transfer offset (s)", ylabel="density (1/s)")
    axes.legend(frameon=False, fontsize="small", loc="center right")


def _plot_quantiles(axes: Axes, fto: np.ndarray, distributions: Mapping[str, Params]) -> None:
    """Plots quantiles of the FTOs over those of the distributions, at 199 inner ranks and 3 at either end."""
    ends = np.array([1e-4, 3e-4, 1e-3])
    share = np.sort(np.concatenate([np.arange(1, 200) / 200, ends, 1 - ends]))
    share = share[(share * len(fto) >= 1) & ((1 - share) * len(fto) >= 1)]
    observed, points = np.quantile(fto, share), integration_points(fto)
    with fixed_numerics(x64=True):
        for name, params in distributions.items():
            cdf = np.maximum.accumulate(np.asarray(jax.jit(FAMILIES[name].cdf)(params, points)))
            axes.plot(np.interp(share, cdf, points), observed, ".-", lw=0.7, ms=2.5)
    axes.axline((0, 0), slope=1, color="black", lw=0.8, ls="--")
    for ends in (axes.set_xlim, axes.set_ylim):
        ends(-4, 5)
    axes.set(xlabel="quantile of the distribution (s)", ylabel="quantile of the offsets (s)")


def _plot_transforms(
    axes: Axes, fto: np.ndarray, distributions: Mapping[str, Params], width: np.ndarray | None
) -> None:
    axes.axhspan(*pit.band(len(fto), BINS), color="0.85", label="95 % of bins")
    edges = np.linspace(0, 1, BINS + 1)
    for name, params in distributions.items():
        u = pit.transform(FAMILIES[name], params, fto, width)
        axes.stairs(np.histogram(u, edges, density=True)[0], edges, lw=1.1, baseline=None)
    axes.axhline(1, color="black", lw=0.8, ls="--")
    axes.set(xlabel="probability integral transform", ylabel="density", xlim=(0, 1))
    axes.legend(frameon=False, fontsize="small")
