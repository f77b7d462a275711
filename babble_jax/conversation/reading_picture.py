"""Draws how annotation was understood: the first minutes of a conversation, a row for each speaker."""

import os

import numpy as np
from matplotlib.patches import Patch

from babble_jax.conversation.conversation import Conversation, Mark
from babble_jax.plotting import create_figure, plain_label, save_png

_COLORS = {Mark.SPEECH: "#2f6db3", Mark.LAUGHTER: "#dd7a1a", Mark.VOCAL_NOISE: "#8a5fb0"}
_NAMES = {Mark.SPEECH: "speech", Mark.LAUGHTER: "laughter", Mark.VOCAL_NOISE: "vocal noise"}
_LINE = 30.0  # seconds


def plot_reading(path: str | os.PathLike, conversation: Conversation, minutes: float = 2.0) -> None:
    """Writes a PNG of the segments of a conversation as they were understood, in lines of half a minute.

    Args:
      path: of the picture.
      conversation: the first seconds of its first window are drawn.
      minutes: to draw at most.

    Raises:
      BabbleError: the file cannot be written.
    """
    begin, finish = (float(edge) for edge in conversation.windows[0])
    finish = max(min(finish, begin + 60 * minutes), begin + 1e-3)
    lines = max(1, int(np.ceil((finish - begin) / _LINE - 1e-9)))
    count = max(1, len(conversation.speakers))
    figure = create_figure(10, 0.8 + lines * (0.45 + 0.22 * count))
    for row, axes in enumerate(figure.subplots(lines, 1, squeeze=False)[:, 0]):
        start = begin + row * _LINE
        for speaker in range(count):
            for mark, color in _COLORS.items():
                own = (conversation.speaker == speaker) & (conversation.mark == mark)
                own &= (conversation.end > start) & (conversation.onset < min(start + _LINE, finish))
                spans = np.stack(
                    [conversation.onset[own], (conversation.end - conversation.onset)[own]], axis=1
                )
                axes.broken_barh(
                    spans, (count - 1 - speaker - 0.38, 0.76), color=color, linewidth=0.3, edgecolor="white"
                )
        axes.set(xlim=(start, start + min(_LINE, finish - begin)), ylim=(-0.6, count - 0.4))
        axes.set_yticks(range(count), [plain_label(name[:20]) for name in conversation.speakers[::-1]])
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(axis="y", length=0)
    marks = [mark for mark in _COLORS if np.any(conversation.mark == mark)]
    patches = [Patch(color=_COLORS[mark], label=_NAMES[mark]) for mark in marks]
    figure.legend(handles=patches, loc="outside upper right", ncols=3, frameon=False)
    figure.suptitle(plain_label(conversation.id), fontsize=10, x=0.02, ha="left")
    figure.supxlabel("seconds", fontsize=9)
    save_png(figure, path)
