"""Parts that the readers of all formats share: the lines of a source, the times on them, the lines passed over.

Axes: R segments of one conversation in one file.
"""

import dataclasses
import math
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from babble_jax.conversation.annotation import SILENCE, Annotation, Tier
from babble_jax.conversation.conversation import Mark
from babble_jax.conversation.layout.layout import NO_OPTIONS, Layout

MAX_SECONDS = 1e6
"""The latest time of a recording; a float64 holds every nanosecond up to nine times this."""
TOO_LATE = "no recording is so long"
"""End of the reason why such a time is no time."""
MAX_QUOTED = 40
"""Characters of a field that a message quotes."""


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
      path: of the file.
      text: its characters; a byte that is no UTF-8 is U+FFFD.
      layout: what the user says of it.
    """

    path: str
    text: str
    layout: Layout = NO_OPTIONS


class Row(NamedTuple):
    """One segment of one conversation.

    Attributes:
      id: of the conversation.
      speaker: a name.
      onset: seconds.
      end: seconds.
      mark: what it holds; None for an annotated silence, which makes no segment but was observed.
      label: text; None where the format has none.
    """

    id: str
    speaker: str
    onset: float
    end: float
    mark: Mark | None = Mark.SPEECH
    label: str | None = None


def quote(text: str) -> str:
    """Returns a field of a file as messages quote it: 40 characters at most, what cannot be printed escaped."""
    text = text[:MAX_QUOTED]
    return text if text.isprintable() else repr(text)[1 : MAX_QUOTED + 1]


def parse_lines(
    source: Source, parse: Callable[[str], Row | None]
) -> tuple[dict[str, list[Row]], list[Skip]]:
    """Parses a file of lines into the rows of each conversation, in order, and the lines that are broken.

    Args:
      source: the file.
      parse: from a line that is not blank to its row; None for a line that holds none. A `ValueError` says in
        a few words why a line is broken.
    """
    rows, skipped = {}, []
    for number, line in enumerate(source.text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            if "\ufffd" in line:
                raise ValueError("the line holds bytes that are not UTF-8")
            row = parse(line)
        except ValueError as error:
            skipped.append(Skip(source.path, number, str(error)))
            continue
        if row is not None:
            rows.setdefault(row.id, []).append(row)
    return rows, skipped


def count_matches(head: str, pattern: re.Pattern[str]) -> tuple[int, int]:
    """Counts the lines of a file's head that match a pattern, and those that hold something; `;;` begins a comment.

    Args:
      head: first characters of the file; its last line may be cut off.
      pattern: of a complete line.
    """
    lines = [line for line in head.split("\n") if line.strip() and not line.startswith(";")]
    return sum(pattern.fullmatch(line) is not None for line in lines), len(lines)


def annotate(rows: Sequence[Row], source: Source, by_label: bool = False, **properties: Any) -> Annotation:
    """Makes the annotation of one conversation of its rows: a tier for each speaker, which the format names.

    Args:
      rows: at least one, all of one conversation.
      source: the file.
      by_label: whether the labels tell silence, laughter and noise, and not the marks of the rows.
      properties: of `Annotation`, beside those that the rows have.
    """
    by_speaker: dict[str, list[Row]] = {}
    for row in rows:
        by_speaker.setdefault(row.speaker, []).append(row)
    tiers = tuple(
        Tier(
            speaker,
            np.array([row.onset for row in own], np.float64),
            np.array([row.end for row in own], np.float64),
            labels=[row.label or "" for row in own] if any(row.label is not None for row in own) else None,
            marks=None
            if by_label
            else np.array([SILENCE if row.mark is None else row.mark for row in own], np.int8),
            speaker=speaker,
        )
        for speaker, own in by_speaker.items()
    )
    return Annotation(rows[0].id, source.path, tiers, **{"speakers_known": True, **properties})


def estimate_time_resolution(onset: np.ndarray) -> float:
    """Estimates the rounding of onsets [R]: the coarsest of 0.1, 0.01 and 0.001 s on which 19 of 20 lie, or 0."""
    for places in (1, 2, 3):
        if len(onset) and np.mean(np.abs(onset - np.round(onset, places)) < 1e-9) >= 0.95:
            return 10.0**-places
    return 0.0


def parse_seconds(text: str) -> float:
    """Parses a time in seconds, from 0.

    Raises:
      ValueError: with the reason in a few words, for a `Skip`.
    """
    try:
        value = float(text)
    except ValueError:
        value = None
    if value is None or "_" in text:  # Python's own 1_000
        raise ValueError(f"'{quote(text)}' is not a time in seconds")
    return check_time(value, text)


def parse_milliseconds(text: str) -> float:
    """Parses a time in whole milliseconds, from 0, into seconds.

    Raises:
      ValueError: with the reason in a few words, for a `Skip`.
    """
    if not re.fullmatch("[-+]?[0-9]+", text.strip()):
        raise ValueError(f"'{quote(text)}' is not a time in milliseconds")
    return check_time(float(f"{text.strip()}e-3"), text)  # the nearest float, as of any decimal


def check_time(value: float, text: str) -> float:
    """Returns a time in seconds, if it can be one of a recording.

    Args:
      value: seconds.
      text: from which it was parsed, for the message.

    Raises:
      ValueError: with the reason in a few words, for a `Skip`.
    """
    if not math.isfinite(value):
        raise ValueError(f"the time '{quote(text)}' is not finite")
    if value < 0:
        raise ValueError(f"the time {quote(text)} is negative")
    if value > MAX_SECONDS:
        raise ValueError(f"the time {quote(text)} is later than {MAX_SECONDS:.0f} s: {TOO_LATE}")
    return value


def parse_interval(
    start: str, end: str, parse: Callable[[str], float] = parse_seconds
) -> tuple[float, float]:
    """Parses two times, the second not before the first; equal ones pass, the definitions of the events drop them.

    Args:
      start: the earlier time, as it stands in the file.
      end: the later one.
      parse: of the unit: `parse_seconds` or `parse_milliseconds`.

    Raises:
      ValueError: with the reason in a few words, for a `Skip`.
    """
    times = parse(start), parse(end)
    if times[1] < times[0]:
        raise ValueError(f"the end {quote(end)} is before the start {quote(start)}")
    return times


def parse_onset_duration(start: str, duration: str) -> tuple[float, float]:
    """Parses an onset and a duration into onset and end, in seconds.

    The sum is rounded to the nanosecond, so that 0.1 + 0.2 is the 0.3 that the next row may start at.

    Raises:
      ValueError: with the reason in a few words, for a `Skip`.
    """
    onset = parse_seconds(start)
    if duration.strip().startswith("-"):
        raise ValueError(f"the duration {quote(duration)} is negative")
    return onset, max(onset, round(onset + parse_seconds(duration), 9))  # an onset may be finer than that
