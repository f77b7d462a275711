"""What the readers of all formats share: the lines of a source, the times on them, and what was passed over.

Axes: R rows of one conversation in one file.
"""

import dataclasses
import math
from pathlib import Path

import numpy as np

from babble_jax.conversation.conversation import Conversation, Mark, Unit


@dataclasses.dataclass(frozen=True)
class Skip:
    """Something that was not read: a line (from 1) or, where `line` is None, a file or a part of it."""

    file: str
    line: int | None
    reason: str


@dataclasses.dataclass(frozen=True)
class Source:
    """The text of one annotation file.

    Attributes:
      path: where it was found.
      text: its characters; a byte that is no UTF-8 is U+FFFD.
    """

    path: str
    text: str

    @property
    def folders(self) -> tuple[str, ...]:
        """Names of the folders above the file, nearest first."""
        return tuple(parent.name for parent in Path(self.path).absolute().parents)[:-1]


@dataclasses.dataclass
class Rows:
    """Grows one conversation row by row.

    Attributes:
      speaker: [R] names.
      onset: [R] seconds.
      offset: [R] seconds.
      mark: [R] marks.
    """

    speaker: list[str] = dataclasses.field(default_factory=list)
    onset: list[float] = dataclasses.field(default_factory=list)
    offset: list[float] = dataclasses.field(default_factory=list)
    mark: list[int] = dataclasses.field(default_factory=list)

    def add(self, speaker: str, onset: float, offset: float, mark: Mark = Mark.SPEECH) -> None:
        """Appends one segment."""
        self.speaker.append(speaker)
        self.onset.append(onset)
        self.offset.append(offset)
        self.mark.append(int(mark))

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Onset [R] and offset [R] float64 seconds, mark [R] uint8."""
        return (
            np.array(self.onset, np.float64),
            np.array(self.offset, np.float64),
            np.array(self.mark, np.uint8),
        )

    def conversation(
        self,
        id: str,
        corpus: str,
        *,
        unit: Unit,
        language: str | None = None,
        group: str | None = None,
        window: tuple[float, float] | None = None,
        grid: float = 0.0,
    ) -> Conversation:
        """The conversation; its window is the first onset to the last offset where none is given."""
        names = tuple(sorted(set(self.speaker)))
        index = {name: i for i, name in enumerate(names)}
        onset, offset, mark = self.arrays()
        if window is None:
            window = (float(onset.min()), float(offset.max()))
        return Conversation(
            id=id,
            corpus=corpus,
            speakers=names,
            speaker=np.array([index[name] for name in self.speaker], np.int32),
            onset=onset,
            offset=offset,
            mark=mark,
            unit=unit,
            language=language,
            group=id if group is None else group,
            windows=np.array([window], np.float64),
            grid=grid,
        )


def seconds(text: str) -> float:
    """A time in seconds, from 0.

    Raises:
      ValueError: with the reason in a few words, for a `Skip`.
    """
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{text[:40]!r} is not a time in seconds") from None
    if not math.isfinite(value):
        raise ValueError(f"the time {text!r} is not finite")
    if value < 0:
        raise ValueError(f"the time {text} is negative")
    return value


def interval(start: str, end: str) -> tuple[float, float]:
    """Two times, the second not before the first; equal ones pass, the definitions of the events drop them.

    Raises:
      ValueError: with the reason in a few words, for a `Skip`.
    """
    onset, offset = seconds(start), seconds(end)
    if offset < onset:
        raise ValueError(f"the end {end} is before the start {start}")
    return onset, offset


def lasting(start: str, duration: str) -> tuple[float, float]:
    """Onset and offset from onset and duration.

    The sum is rounded to the nanosecond, so that 0.1 + 0.2 is the 0.3 that the next row may start at.

    Raises:
      ValueError: with the reason in a few words, for a `Skip`.
    """
    onset = seconds(start)
    if duration.strip().startswith("-"):
        raise ValueError(f"the duration {duration} is negative")
    return onset, round(onset + seconds(duration), 9)


def legible(line: str) -> None:
    """Checks that a line was decoded.

    Raises:
      ValueError: the line holds bytes that are no UTF-8.
    """
    if "\ufffd" in line:
        raise ValueError("the line holds bytes that are not UTF-8")
