"""Plots a session: a timeline of both sides, histograms of their offsets over people's, and the coupling.

Axes: M floor-transfer offsets (FTOs). FTOs are seconds.
"""

import math
import os

import numpy as np
from matplotlib.axes import Axes

from babble_jax.agent.session.coupling import find_pairs
from babble_jax.agent.session.ipu_tracker import AGENT, SPEAKERS, USER
from babble_jax.agent.session.report import SessionReport
from babble_jax.plotting import create_figure, plain_label, save_png
from babble_jax.timing.evaluation.speaker.events import Actor
from babble_jax.timing.events import Definitions
from babble_jax.timing.events.fto_picture import fto_density, offsets_label

_COLOURS = ("#2f6db3", "#d1802b")  # user, agent
_LIMITS = (-2.0, 3.0)
_MOST_ROWS = 20
_ROW = 30.0  # seconds, at least


def plot_report(path: str | os.PathLike, report: SessionReport) -> None:
    """Writes a PNG of a session, as the user heard it.

    Args:
      path: of the PNG.
      report: of the session.
    """
    seconds = report.conversation.seconds
    row = max(_ROW, 10 * math.ceil(seconds / _MOST_ROWS / 10))
    rows = max(1, math.ceil((seconds - 1) / row))
    figure = create_figure(13, 4.5 + 0.28 * rows)
    grid = figure.add_gridspec(2, 3, height_ratios=(0.5 + 0.28 * rows, 3.2))
    _plot_timeline(figure.add_subplot(grid[0, :]), report, row, rows)
    actors: tuple[Actor, Actor] = ("others", "speaker")
    for place, (who, actor) in enumerate(zip((USER, AGENT), actors, strict=True)):
        axes = figure.add_subplot(grid[1, place])
        _plot_ftos(axes, report.comparison.fto[actor], report.comparison.people_fto[actor], who)
    _plot_coupling(figure.add_subplot(grid[1, 2]), report)
    session = report.session
    cut = "" if session.complete else ", cut short"
    title = f"{session.folder.name}, {session.began}{cut}; people of {plain_label(report.people)}"
    figure.suptitle(title, fontsize=11)
    save_png(figure, path, dpi=100)


def _plot_timeline(axes: Axes, report: SessionReport, seconds: float, rows: int) -> None:
    """Plots the IPUs of both sides in rows.

    Args:
      axes: to be drawn on.
      report: of the session.
      seconds: of a row.
      rows: number of rows.
    """
    conversation = report.conversation
    for who, colour in zip((USER, AGENT), _COLOURS, strict=True):
        own = conversation.speaker == who
        onset, end = conversation.onset[own], conversation.end[own]
        for number in range(rows):
            begin = number * seconds
            inside = (onset < begin + seconds) & (end > begin)
            left = np.maximum(onset[inside] - begin, 0)
            width = np.minimum(end[inside] - begin, seconds) - left
            axes.broken_barh(
                np.column_stack([left, width]).tolist(),
                (number + (0.08 if who == USER else 0.48), 0.36),
                color=colour,
                label=SPEAKERS[who] if not number else None,
            )
    ticks = range(0, rows, max(1, rows // 10))
    axes.set_yticks(
        [tick + 0.46 for tick in ticks],
        [f"{tick * seconds // 60:.0f}:{tick * seconds % 60:02.0f}" for tick in ticks],
    )
    axes.set(xlim=(0, seconds), ylim=(rows, 0), xlabel="seconds of the row")
    axes.legend(frameon=False, fontsize="small", loc="lower right", bbox_to_anchor=(1, 1), ncols=2)


def _plot_ftos(axes: Axes, fto: np.ndarray, people_fto: np.ndarray, who: int) -> None:
    """Plots a density over people's.

    Args:
      axes: to be drawn on.
      fto: [M] of the side.
      people_fto: [M] of people.
      who: `USER` or `AGENT`.
    """
    bins = int(np.clip(2 * np.sqrt(max(len(fto), 1)), 10, 50))
    for values, count, name, style in (
        (people_fto, 50, "people", {"fill": True, "color": "0.8"}),
        (fto, bins, SPEAKERS[who], {"color": _COLOURS[who], "lw": 1.5}),
    ):
        edges = np.linspace(*_LIMITS, count + 1)
        axes.stairs(fto_density(values, edges), edges, label=offsets_label(name, values, *_LIMITS), **style)
    axes.axvline(0, color="black", lw=0.8, ls="--")
    axes.set(xlim=_LIMITS, xlabel="floor-transfer offset (s)", ylabel="density (1/s)")
    axes.set_title(f"the {SPEAKERS[who]} answers", fontsize=10)
    axes.legend(frameon=False, fontsize="small", loc="upper right")


def _plot_coupling(axes: Axes, report: SessionReport) -> None:
    """Plots the user's FTOs over the agent's before them, with the regression line."""
    pairs = find_pairs(report.conversation, SPEAKERS[AGENT], Definitions())
    axes.plot(pairs.first, pairs.second, ".", color="0.35", markersize=4)
    one = report.coupling[0]
    if one.slope is not None and len(pairs.first):
        x = np.array([pairs.first.min(), pairs.first.max()])
        y = pairs.second.mean() + one.slope * (x - pairs.first.mean())
        axes.plot(x, y, color=_COLOURS[USER], lw=1.5)
    axes.set(xlabel="agent's offset (s)", ylabel="user's next offset (s)")
    slope = (
        "too few pairs" if one.slope is None else f"slope {one.slope:+.2f} [{one.low:+.2f}, {one.high:+.2f}]"
    )
    axes.set_title(f"does the user follow? {slope}", fontsize=10)
