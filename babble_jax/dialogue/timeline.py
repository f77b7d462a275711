"""Draws who spoke when in a dialogue, with the waveforms.

All of it is in one coordinate system, inches of the picture, so that a long dialogue is a few collections of shapes:
matplotlib takes longer for the axes of a row than for all that is in it.

Axes: C channels, T samples, P corners of a shape.
"""

import math
import os
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Patch
from matplotlib.path import Path

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
_WIDTH, _RIGHT, _TOP, _BOTTOM = 10.0, 0.15, 0.3, 0.35  # of the picture and its margins, inches
_NAMES = 0.14  # between the left edge, the names and the rows, inches in all
_TRACK = 0.5  # height of a track, inches; the scale of a row takes as much
_TICK = 0.05  # inches
DPI = 160


class _Rows:
    """Places the rows of 20 s: seconds and tracks to inches.

    Args:
      dialogue: that is drawn.
      left: edge of the rows, inches.
    """

    def __init__(self, dialogue: Conversation, left: float):
        self.end = float(dialogue.windows[-1, 1])
        self.tracks = len(dialogue.speakers)
        self.seconds = min(self.end, ROW_SECONDS)
        self.count = max(math.ceil(self.end / ROW_SECONDS - 1e-6), 1)
        self.height = _row_height(self.tracks)
        self.left, self.scale = left, (_WIDTH - _RIGHT - left) / self.seconds
        self.top = _TOP + self.count * self.height + _BOTTOM

    def x(self, row: int, time: np.ndarray | Sequence[float] | float) -> np.ndarray:
        """Returns the place of times within a row."""
        return self.left + self.scale * (np.asarray(time) - row * ROW_SECONDS)

    def y(self, row: int, track: np.ndarray | Sequence[float] | float) -> np.ndarray:
        """Returns the place of heights, of which each track has 1, above the middle of the last speaker's track."""
        bottom = self.top - _TOP - (row + 1) * self.height + 0.72 * _TRACK
        return bottom + _TRACK * np.asarray(track)

    def parts(self, start: float, end: float) -> list[tuple[int, float, float]]:
        """Cuts an interval at the ends of rows: (row, start, end)."""
        first = max(int(start // ROW_SECONDS), 0)
        last = min(max(math.ceil(end / ROW_SECONDS), first + 1), self.count)
        edges = [(row, row * ROW_SECONDS) for row in range(first, last)]
        return [(row, max(start, at), min(end, at + ROW_SECONDS)) for row, at in edges]


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
    tracks = len(dialogue.speakers)
    names = [plain_label(name) for name in dialogue.speakers]
    rows = math.ceil(float(dialogue.windows[-1, 1]) / ROW_SECONDS - 1e-6)
    height = _TOP + max(rows, 1) * _row_height(tracks) + _BOTTOM
    figure = create_figure(_WIDTH, height, layout=None)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, _WIDTH), ylim=(0, height))
    axes.set_axis_off()
    place = _Rows(dialogue, _width_of_names(figure, axes, names) + _NAMES)
    _shade(axes, place, transitions)
    loud = float(np.quantile(np.abs(audio[audio != 0]), 0.999)) if np.any(audio) else 1.0
    scale = _HALF / loud  # a lone peak is cut off at the edge of its block
    for index in range(tracks):
        _plot_track(axes, place, dialogue, index)
        _plot_waveform(axes, place, scale * audio[index], rate, index)
    _plot_scales(axes, place, names)
    axes.text(_WIDTH / 2, 0.03, "seconds", fontsize=10, ha="center", va="bottom")
    figure.legend(
        handles=[
            Patch(color=GAP, label="gap (+ms)"),
            Patch(color=OVERLAP, label="overlap (\N{MINUS SIGN}ms)"),
        ],
        loc="upper right",
        ncols=2,
        frameon=False,
        fontsize=9,
    )
    save_png(figure, path, dpi=DPI)


def _row_height(tracks: int) -> float:
    return _TRACK * (1 + tracks)


def _width_of_names(figure: Figure, axes: Axes, names: list[str]) -> float:
    """Measures the longest name, inches."""
    texts = [axes.text(0, 0, name, fontweight="bold", fontsize=11) for name in names]
    width = max(text.get_window_extent().width for text in texts) / figure.dpi
    for text in texts:
        text.remove()
    return width


def _plot_scales(axes: Axes, place: _Rows, names: list[str]) -> None:
    """Writes the names beside each row, and the seconds below it."""
    lines, marks = [], []
    for row in range(place.count):
        start = row * ROW_SECONDS
        bottom = float(place.y(row, -0.55))
        lines.append([(place.left, bottom), (float(place.x(row, start + place.seconds)), bottom)])
        for index, name in enumerate(names):
            axes.text(
                place.left - 0.07,
                float(place.y(row, place.tracks - 1 - index)),
                name,
                color=COLORS[index % len(COLORS)],
                fontweight="bold",
                fontsize=11,
                ha="right",
                va="center",
            )
        for time in np.arange(start, start + place.seconds + 1e-6, 2 if place.seconds > 8 else 1):
            x = float(place.x(row, time))
            marks.append([(x, bottom), (x, bottom - _TICK)])
            axes.text(x, bottom - 1.8 * _TICK, f"{time:g}", fontsize=9, ha="center", va="top")
        if place.end < start + place.seconds:
            x = float(place.x(row, place.end))
            axes.plot([x, x], [bottom, float(place.y(row, place.tracks - 0.25))], color=INK, linewidth=1)
    axes.add_collection(LineCollection(lines + marks, colors=_FAINT, linewidths=0.8), autolim=False)


def _shade(axes: Axes, place: _Rows, transitions: Transitions) -> None:
    """Shades bands over all tracks for the gaps and overlaps, with their lengths above."""
    bands = {int(Kind.GAP): (GAP, "+"), int(Kind.OVERLAP_BETWEEN): (OVERLAP, "\N{MINUS SIGN}")}
    shapes: dict[str, list[np.ndarray]] = {color: [] for color, _ in bands.values()}
    room = _LABEL * place.seconds
    last = dict.fromkeys(range(place.count), -math.inf)  # centre of the label before, of each row
    for kind, a, b in zip(transitions.kind.tolist(), transitions.start, transitions.end, strict=True):
        if kind not in bands:
            continue
        color, sign = bands[kind]
        for row, left, right in place.parts(a, b):
            (x, x2), (y, y2) = place.x(row, [left, right]), place.y(row, [-0.5, place.tracks - 0.5])
            shapes[color].append(np.array([(x, y), (x, y2), (x2, y2), (x2, y)]))
            if left == a:  # the row in which it begins
                row_end = row * ROW_SECONDS + place.seconds
                last[row] = max(min((left + right) / 2, row_end - room / 2), last[row] + room)
                axes.text(
                    float(place.x(row, last[row])),
                    float(place.y(row, place.tracks - 0.47)),
                    f"{sign}{1000 * (b - a):.0f}",
                    ha="center",
                    va="bottom",
                    fontsize=7.5,
                    color=INK,
                )
    for color, corners in shapes.items():
        axes.add_collection(PolyCollection(corners, facecolors=color, linewidths=0, zorder=0), autolim=False)


def _plot_track(axes: Axes, place: _Rows, dialogue: Conversation, index: int) -> None:
    """Draws one speaker's IPUs as blocks."""
    color, track = COLORS[index % len(COLORS)], place.tracks - 1 - index
    own = dialogue.speaker == index
    lines = [
        [(place.left, float(place.y(row, track))), (_WIDTH - _RIGHT, float(place.y(row, track)))]
        for row in range(place.count)
    ]
    blocks: list[Path] = []
    for onset, end in zip(dialogue.onset[own], dialogue.end[own], strict=True):
        for row, left, right in place.parts(onset, end):
            (x, x2), (y, y2) = place.x(row, [left, right]), place.y(row, [track - _HALF, track + _HALF])
            block = FancyBboxPatch(
                (float(x), float(y)), float(x2 - x), float(y2 - y), boxstyle="round,pad=0,rounding_size=0.03"
            )
            blocks.append(block.get_path())
    axes.add_collection(
        LineCollection(lines, colors=color, linewidths=0.6, alpha=0.5, zorder=1), autolim=False
    )
    axes.add_collection(
        PathCollection(blocks, facecolors=color, edgecolors=color, alpha=0.22, linewidths=1, zorder=1.5),
        autolim=False,
    )


def _plot_waveform(axes: Axes, place: _Rows, channel: np.ndarray, rate: int, index: int) -> None:
    """Draws the smallest and the largest amplitude per column of one speaker's channel [T], in tracks."""
    track, shapes = place.tracks - 1 - index, []
    for row in range(place.count):
        start = row * ROW_SECONDS
        part = channel[round(start * rate) : round((start + ROW_SECONDS) * rate)]
        if not len(part):
            continue
        columns = np.unique(np.arange(0, len(part), rate / _COLUMNS_PER_SECOND).astype(np.int64))
        low, high = np.minimum.reduceat(part, columns), np.maximum.reduceat(part, columns)
        x = place.x(row, start + columns / rate)
        edges = np.flatnonzero(np.diff(np.concatenate([[False], high > low, [False]])))
        y = [place.y(row, track + np.clip(bound, -_HALF, _HALF)) for bound in (low, high)]
        for first, end in edges.reshape(-1, 2):
            below, above = (np.stack([x[first:end], bound[first:end]], axis=1) for bound in y)
            shapes.append(np.concatenate([below, above[::-1]]))
    color = COLORS[index % len(COLORS)]
    axes.add_collection(PolyCollection(shapes, facecolors=color, linewidths=0, zorder=2), autolim=False)
