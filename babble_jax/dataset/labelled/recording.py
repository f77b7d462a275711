"""A recording with what is spoken in it: phones with times, phones alone, or text.

Axes: N symbols.
"""

import dataclasses
from pathlib import Path
from typing import Literal

import numpy as np

SymbolKind = Literal["auto", "phones", "graphemes"]
LabelSource = Literal["auto", "lab", "textgrid", "text"]
SILENCE = "pau"
"""Symbol of silence among phones, whatever a folder calls it."""


@dataclasses.dataclass(frozen=True, eq=False)
class Labels:
    """The labels of a recording, in order of time.

    Attributes:
      symbols: N phones, `SILENCE` among them, no two silences in a row; or N graphemes.
      onset: [N] float64 seconds; None where the times are not known.
      end: [N] float64 seconds; None where the times are not known.
    """

    symbols: tuple[str, ...]
    onset: np.ndarray | None = None
    end: np.ndarray | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class LabelledRecording:
    """A recording of a folder, and its labels.

    Attributes:
      path: of the sound file.
      name: of the file relative to the folder of the sounds, with forward slashes: it decides the split.
      seconds: duration by its header.
      labels: what is spoken; None where nothing says it.
      text: its transcript as it stands in the folder; None without one.
    """

    path: Path
    name: str
    seconds: float
    labels: Labels | None = None
    text: str | None = None


def join_silences(rows: list[tuple[str, float, float]], silences: frozenset[str]) -> Labels:
    """Makes labels of rows, with one name for silence and one silence where several follow each other.

    Args:
      rows: (name, onset, end) in order of time, seconds.
      silences: names of silence, in lower case.
    """
    joined: list[tuple[str, float, float]] = []
    for name, onset, end in rows:
        symbol = SILENCE if name.lower() in silences else name
        if symbol == SILENCE and joined and joined[-1][0] == SILENCE:
            joined[-1] = (SILENCE, joined[-1][1], end)
        else:
            joined.append((symbol, onset, end))
    onsets, ends = (np.array([row[i] for row in joined], np.float64) for i in (1, 2))
    return Labels(tuple(row[0] for row in joined), onsets, ends)
