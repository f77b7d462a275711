"""Plots a speaker's timing beside people's: histograms of FTOs of both directions, and each measure as a percentile.

Axes: M floor-transfer offsets (FTOs). FTOs are seconds.
"""

import os

import numpy as np
from matplotlib.axes import Axes

from babble_jax.plotting import create_figure, plain_label, save_png
from babble_jax.timing.evaluation.speaker.comparison import SpeakerComparison, SpeakerMeasure
from babble_jax.timing.evaluation.speaker.comparison_text import (
    TITLES,
    duration_text,
    format_value,
    section_titles,
)
from babble_jax.timing.evaluation.speaker.events import Actor
from babble_jax.timing.events.fto_picture import fto_density, offsets_label
from babble_jax.timing.events.intervals import FEW_GROUPS

_LIMITS = (-2.0, 3.0)
_INSIDE, _OUTSIDE = "#2f6db3", "#c0392b"


def plot_speaker_comparison(path: str | os.PathLike, comparison: SpeakerComparison, people: str) -> None:
    """Writes a PNG: FTOs of the speaker and of the others over people's, and a row for each measure.

    A row shows at which percentile of people the speaker stands, with the interval over conversations where there is
    one, and which values 95 % of people have.

    Args:
      path: of the PNG.
      comparison: of one speaker.
      people: name of the preset or corpus that people are of.
    """
    figure = create_figure(13, 7.5)
    grid = figure.add_gridspec(2, 2, width_ratios=(1, 1.25))
    name = plain_label(comparison.speaker)
    titles: dict[Actor, str] = {"speaker": f"{name} answers", "others": f"{name} is answered"}
    for i, (actor, title) in enumerate(titles.items()):
        axes = figure.add_subplot(grid[i, 0])
        _plot_ftos(axes, comparison.fto[actor], comparison.people_fto[actor], actor)
        axes.set_title(title, fontsize=10)
    _plot_rows(figure.add_subplot(grid[:, 1]), comparison)
    count = comparison.conversations
    figure.suptitle(
        f"{name} in {count} conversation{'s' if count > 1 else ''} beside {comparison.people} people, each of "
        f"{duration_text(comparison.people_seconds)} of {plain_label(people)}",
        fontsize=11,
    )
    save_png(figure, path, dpi=100)


def _plot_ftos(axes: Axes, fto: np.ndarray, people_fto: np.ndarray, actor: Actor) -> None:
    """Plots a density over people's; fewer offsets get wider bins.

    Args:
      axes: to be drawn on.
      fto: [M] seconds, of the actor.
      people_fto: [M] seconds, of people.
      actor: who answers, for the legend.
    """
    who = "this speaker" if actor == "speaker" else "the others"
    bins = int(np.clip(2 * np.sqrt(max(len(fto), 1)), 10, 50))
    for values, count, name, style in (
        (people_fto, 50, "people", {"fill": True, "color": "0.8"}),
        (fto, bins, who, {"color": _INSIDE, "lw": 1.5}),
    ):
        edges = np.linspace(*_LIMITS, count + 1)
        label = offsets_label(name, values, *_LIMITS)
        axes.stairs(fto_density(values, edges), edges, label=label, **style)
    for values, colour in ((people_fto, "0.5"), (fto, _INSIDE)):
        if len(values):
            axes.axvline(float(np.median(values)), color=colour, lw=1, ls=":")
    axes.axvline(0, color="black", lw=0.8, ls="--")
    axes.set(xlim=_LIMITS, xlabel="floor-transfer offset (s)", ylabel="density (1/s)")
    axes.legend(frameon=False, fontsize="small", loc="upper right")


def _plot_rows(axes: Axes, comparison: SpeakerComparison) -> None:
    """Plots a row per measure; a headline stands above those of each actor."""
    axes.axvspan(2.5, 97.5, color="#cfe3cf", lw=0)
    axes.axvline(50, color="#3d8f5f", lw=0.8)
    labels, position, section = [], 0, None
    for row in comparison.rows:
        if row.by != section:
            section = row.by
            labels.append((position, plain_label(section_titles(comparison.speaker)[section]).upper()))
            position += 1
        labels.append((position, TITLES[row.name, row.by]))
        _plot_row(axes, row, position, comparison.conversations >= FEW_GROUPS)
        position += 1
    axes.set_yticks([at for at, _ in labels], [label for _, label in labels], fontsize=8)
    axes.set(xlim=(-2, 102), ylim=(position - 0.5, -0.7), xlabel="percentile of people (shaded: 95 %)")
    axes.set_title("value, and in brackets 95 % of people", fontsize=10)
    axes.tick_params(axis="y", length=0)


def _plot_row(axes: Axes, row: SpeakerMeasure, position: int, with_interval: bool) -> None:
    """Plots the percentile of a measure.

    Args:
      axes: of all rows.
      row: the measure.
      position: from the top.
      with_interval: whether to draw the interval over conversations; few of them would give a line that says little.
    """
    text = format_value(row, row.value)
    if row.percentile is not None:
        colour = _INSIDE if row.verdict == "within" else _OUTSIDE
        if with_interval and row.low_percentile is not None and row.high_percentile is not None:
            axes.plot(
                [row.low_percentile, row.high_percentile], [position] * 2, color=colour, lw=2, alpha=0.5
            )
        axes.plot([row.percentile], [position], "o", color=colour, markersize=5, clip_on=False)
        text += f"  [{format_value(row, row.people_low)}, {format_value(row, row.people_high)}]"
    axes.annotate(
        text,
        (1.01, position),
        xycoords=("axes fraction", "data"),
        fontsize=8,
        va="center",
        annotation_clip=False,
    )
