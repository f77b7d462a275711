"""Draws figures of a dialogue: who spoke when, and its floor-transfer offsets beside the fitted distribution.

Axes: C channels, T samples, N floor-transfer offsets (FTO).
"""

import math
import os
from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, Patch

from babble_jax.conversation.conversation import Conversation
from babble_jax.dialogue.event_table import FEWEST_OFFSETS
from babble_jax.plotting import create_figure, plain_label, save_png
from babble_jax.plural import plural
from babble_jax.timing.events import Kind, Transitions

ROW_SECONDS = 20.0
_COLORS = ("#2f6db3", "#dd7a1a", "#3d8f5f", "#8a5fb0")
_GAP, _OVERLAP, _INK, _FAINT = "#f0e08f", "#ec9aa4", "#333333", "#999999"
_COLUMNS_PER_SECOND = 90  # of the waveform; about one per pixel
_HALF = 0.4  # of a block's height; tracks are 1 apart
_LABEL = 0.036  # of a row's width; what a label takes
_DPI = 160


def plot_timeline(
    path: str | os.PathLike, dialogue: Conversation, audio: np.ndarray, rate: int, transitions: Transitions
) -> None:
    """Writes a PNG: rows of 20 s, one track per speaker, IPUs as blocks that hold their waveform.

    Gaps and overlaps at which the floor passes are shaded over all tracks, with their length in ms above.

    Args:
      path: of the picture, ending in `.png`.
      dialogue: the times in the sound.
      audio: [C, T] float, one channel per speaker of `dialogue`.
      rate: Hz.
      transitions: of the dialogue; its gaps and overlaps between are shaded.
    """
    end = float(dialogue.windows[-1, 1])
    rows = max(math.ceil(end / ROW_SECONDS - 1e-6), 1)
    tracks = len(dialogue.speakers)
    width = min(end, ROW_SECONDS)
    figure = create_figure(10, 0.75 + rows * (0.5 + 0.5 * tracks))
    loud = float(np.quantile(np.abs(audio[audio != 0]), 0.999)) if np.any(audio) else 1.0
    scale = _HALF / loud  # a lone peak is cut off at the edge of its block
    for row, axes in enumerate(figure.subplots(rows, 1, squeeze=False)[:, 0]):
        start = row * ROW_SECONDS
        _shade(axes, transitions, start, start + width, tracks)
        for index in range(tracks):
            _plot_track(axes, dialogue, index, tracks - 1 - index, (start, start + width))
            _plot_waveform(
                axes, audio[index], rate, tracks - 1 - index, start, scale, _COLORS[index % len(_COLORS)]
            )
        axes.set(xlim=(start, start + width), ylim=(-0.55, tracks - 0.25))
        axes.set_yticks(
            range(tracks),
            [plain_label(name) for name in dialogue.speakers[::-1]],
            fontweight="bold",
            fontsize=11,
        )
        for label, index in zip(axes.get_yticklabels(), range(tracks - 1, -1, -1), strict=True):
            label.set_color(_COLORS[index % len(_COLORS)])
        axes.set_xticks(np.arange(start, start + width + 1e-6, 2 if width > 8 else 1))
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", labelsize=9, color=_FAINT)
        axes.spines["bottom"].set_color(_FAINT)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.axvline(end, color=_INK, linewidth=1, visible=end < start + width)
    figure.supxlabel("seconds", fontsize=10)
    figure.legend(
        handles=[
            Patch(color=_GAP, label="gap (+ms)"),
            Patch(color=_OVERLAP, label="overlap (\N{MINUS SIGN}ms)"),
        ],
        loc="outside upper right",
        ncols=2,
        frameon=False,
        fontsize=9,
    )
    save_png(figure, path, dpi=_DPI)


def plot_ftos(
    path: str | os.PathLike,
    fto: np.ndarray,
    density: Callable[[np.ndarray], np.ndarray] | None,
    reference: str,
) -> None:
    """Writes a PNG: histogram of FTOs at level ipu, the fitted density where there is one, zero marked.

    Bins are 200 ms wide, 100 ms from a hundred offsets on.

    Args:
      path: of the picture, ending in `.png`.
      fto: [N] float64 seconds; what lies beyond 2 s is counted in the caption only.
      density: of the fitted distribution, per second, at an array of seconds; None where none is fitted.
      reference: name of the timing preset, or of the conversation that is replayed.
    """
    figure = create_figure(8, 4)
    axes = figure.subplots()
    reach = 2.0
    bins = np.linspace(-reach, reach, 41 if len(fto) >= 100 else 21)
    seconds = np.linspace(-reach, reach, 801)
    axes.axvspan(-reach, 0, color=_OVERLAP, alpha=0.25, linewidth=0)
    axes.axvspan(0, reach, color=_GAP, alpha=0.35, linewidth=0)
    top = 0.0
    if density is not None:
        curve = density(seconds)
        axes.plot(
            seconds,
            curve,
            color=_INK,
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
            color=_COLORS[0],
            alpha=0.75,
            label=f"this dialogue ({plural(len(fto), 'offset')})",
        )
        axes.plot(fto, np.zeros(len(fto)), "|", color=_INK, markersize=9, alpha=0.7, clip_on=True)
        top = max(top, float(np.max(counts)))
    top = top or 1.0
    axes.axvline(0, color=_INK, linewidth=1, linestyle="--")
    axes.set(
        xlim=(-reach, reach),
        ylim=(0, 1.22 * top),
        xlabel="floor-transfer offset (s)",
        ylabel="density per second",
    )
    for x, align, text in ((-0.04, "right", "overlap"), (0.04, "left", "gap")):
        axes.text(x, 1.16 * top, text, ha=align, va="center", color=_INK, fontsize=10, style="italic")
    axes.set_title(
        f"Floor-transfer offsets at level ipu, timing {plain_label(reference)}", fontsize=11, loc="left"
    )
    if len(fto) < FEWEST_OFFSETS:
        axes.text(
            0.01,
            0.6,
            "too short to compare;\nask for 60 s or more",
            transform=axes.transAxes,
            va="center",
            color=_INK,
            fontsize=9,
        )
    beyond = int(np.sum(np.abs(fto) > reach))
    if beyond:
        axes.text(
            0.99, 0.6, f"{beyond} beyond 2 s", transform=axes.transAxes, ha="right", color=_INK, fontsize=9
        )
    axes.spines[["top", "right"]].set_visible(False)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="upper right", frameon=False, fontsize=9)
    save_png(figure, path, dpi=_DPI)


def _shade(axes: Axes, transitions: Transitions, start: float, end: float, tracks: int) -> None:
    """Shades bands over all tracks for the gaps and overlaps within [start, end), with their lengths above."""
    bands = {int(Kind.GAP): (_GAP, "+"), int(Kind.OVERLAP_BETWEEN): (_OVERLAP, "\N{MINUS SIGN}")}
    bottom, top = -0.5, tracks - 0.5
    room = _LABEL * (end - start)
    last = start - room  # centre of the label before
    for kind, a, b in zip(transitions.kind.tolist(), transitions.start, transitions.end, strict=True):
        if kind not in bands or b <= start or a >= end:
            continue
        color, sign = bands[kind]
        left, right = max(a, start), min(b, end)
        axes.fill_between([left, right], bottom, top, color=color, linewidth=0, zorder=0)
        if a >= start:
            last = max(min((left + right) / 2, end - room / 2), last + room)  # labels do not touch
            text = f"{sign}{1000 * (b - a):.0f}"
            axes.text(last, top + 0.03, text, ha="center", va="bottom", fontsize=7.5, color=_INK)


def _plot_track(axes: Axes, dialogue: Conversation, index: int, y: float, span: tuple[float, float]) -> None:
    """Draws one speaker's IPUs as blocks at height `y`."""
    color = _COLORS[index % len(_COLORS)]
    axes.hlines(y, *span, color=color, linewidth=0.6, alpha=0.5, zorder=1)
    own = dialogue.speaker == index
    for onset, end in zip(dialogue.onset[own], dialogue.end[own], strict=True):
        if end > span[0] and onset < span[1]:
            axes.add_patch(
                FancyBboxPatch(
                    (onset, y - _HALF),
                    end - onset,
                    2 * _HALF,
                    boxstyle="round,pad=0,rounding_size=0.06",
                    mutation_aspect=4,
                    facecolor=color,
                    edgecolor=color,
                    alpha=0.22,
                    linewidth=1,
                    zorder=1.5,
                )
            )


def _plot_waveform(
    axes: Axes, channel: np.ndarray, rate: int, y: float, start: float, scale: float, color: str
) -> None:
    """Draws the smallest and the largest amplitude per column, at height `y`."""
    part = channel[round(start * rate) : round((start + ROW_SECONDS) * rate)]
    if not len(part):
        return
    columns = np.unique(np.arange(0, len(part), rate / _COLUMNS_PER_SECOND).astype(np.int64))
    low, high = np.minimum.reduceat(part, columns), np.maximum.reduceat(part, columns)
    times = start + columns / rate
    sounding = high > low
    low, high = np.clip(low * scale, -_HALF, _HALF), np.clip(high * scale, -_HALF, _HALF)
    axes.fill_between(times, y + low, y + high, where=sounding.tolist(), color=color, linewidth=0, zorder=2)
