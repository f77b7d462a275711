"""Draws who spoke when in a dialogue, with the waveforms.

Axes: C channels, T samples.
"""

import math
import os

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, Patch

from babble_jax.conversation.conversation import Conversation
from babble_jax.plotting import create_figure, plain_label, save_png
from babble_jax.timing.events import Kind, Transitions

ROW_SECONDS = 20.0
COLORS = ("#2f6db3", "#dd7a1a", "#3d8f5f", "#8a5fb0")
"""Of the speakers."""
GAP, OVERLAP, INK = "#f0e08f", "#ec9aa4", "#333333"
_FAINT = "#999999"
_COLUMNS_PER_SECOND = 90  # of the waveform; about one per pixel
_HALF = 0.4  # of a block's height; tracks are 1 apart
_LABEL = 0.036  # of a row's width; what a label takes
DPI = 160


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
                axes, audio[index], rate, tracks - 1 - index, start, scale, COLORS[index % len(COLORS)]
            )
        axes.set(xlim=(start, start + width), ylim=(-0.55, tracks - 0.25))
        axes.set_yticks(
            range(tracks),
            [plain_label(name) for name in dialogue.speakers[::-1]],
            fontweight="bold",
            fontsize=11,
        )
        for label, index in zip(axes.get_yticklabels(), range(tracks - 1, -1, -1), strict=True):
            label.set_color(COLORS[index % len(COLORS)])
        axes.set_xticks(np.arange(start, start + width + 1e-6, 2 if width > 8 else 1))
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", labelsize=9, color=_FAINT)
        axes.spines["bottom"].set_color(_FAINT)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.axvline(end, color=INK, linewidth=1, visible=end < start + width)
    figure.supxlabel("seconds", fontsize=10)
    figure.legend(
        handles=[
            Patch(color=GAP, label="gap (+ms)"),
            Patch(color=OVERLAP, label="overlap (\N{MINUS SIGN}ms)"),
        ],
        loc="outside upper right",
        ncols=2,
        frameon=False,
        fontsize=9,
    )
    save_png(figure, path, dpi=DPI)


def _shade(axes: Axes, transitions: Transitions, start: float, end: float, tracks: int) -> None:
    """Shades bands over all tracks for the gaps and overlaps within [start, end), with their lengths above."""
    bands = {int(Kind.GAP): (GAP, "+"), int(Kind.OVERLAP_BETWEEN): (OVERLAP, "\N{MINUS SIGN}")}
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
            axes.text(last, top + 0.03, text, ha="center", va="bottom", fontsize=7.5, color=INK)


def _plot_track(axes: Axes, dialogue: Conversation, index: int, y: float, span: tuple[float, float]) -> None:
    """Draws one speaker's IPUs as blocks at height `y`."""
    color = COLORS[index % len(COLORS)]
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
