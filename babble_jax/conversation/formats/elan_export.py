"""ELAN's export as tab-delimited text (ELAN manual, File > Export As > Tab-delimited Text).

Two shapes; where the header names a column `Tier` or `Participant`, it is a `table`:

- without a header, a row for each annotation: tier, participant if it is exported, begin, end and duration in one to
  three notations (hh:mm:ss.ms, ss.msec, msec), value, and the name of the file if it is exported. It is recognized by
  begin and duration, which make the end.
- with a header (`Begin Time - ss.msec` ...), a column for each tier: a cell with text is an annotation.

Tiers are as those of an EAF: the participant speaks, or the name of the tier says who does. The window is the first
begin to the last end; the time resolution is 0.001 s. Times in frames are passed over for those beside them.
"""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from babble_jax.conversation.annotation import Annotation, Tier
from babble_jax.conversation.formats.columns import Column, choose_columns, list_missing
from babble_jax.conversation.formats.delimited import first_line, read_rows, split_line
from babble_jax.conversation.formats.times import make_parser
from babble_jax.conversation.source import Skip, Source, parse_interval

NAME = "elan_export"
TIME_RESOLUTION = 0.001

_KINDS = (
    ("clock", re.compile(r"\d{1,3}:\d\d:\d\d\.\d{1,3}", re.ASCII)),
    ("s", re.compile(r"\d{1,7}[.,]\d{1,3}", re.ASCII)),
    ("smpte", re.compile(r"\d{1,3}:\d\d:\d\d[:;]\d\d", re.ASCII)),
    ("ms", re.compile(r"\d{1,9}", re.ASCII)),
)
_BEST = ("s", "clock", "ms")
_PARSERS = {kind: make_parser(kind, None) for kind in _BEST}
_TOLERANCE = 0.0021  # seconds: ELAN rounds begin, end and duration each by itself


class _Shape(NamedTuple):
    """Columns of a row without a header.

    Attributes:
      first: index of the first time.
      step: number of notations.
      groups: 3 for begin, end and duration; 2 for begin and end.
      use: index of the notation that is read.
      kind: of that notation.
    """

    first: int
    step: int
    groups: int
    use: int
    kind: str


def sniff(head: str) -> bool:
    """Returns whether the first row is one of an annotation, or a header with a column for each tier."""
    return _tier_columns(head) is not None or _shape(first_line(head)) is not None


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads every conversation of a file: one for each file that its rows name, or else one."""
    columns = _tier_columns(source.text)
    shape = _shape(first_line(source.text))
    if columns is None and shape is None:
        return [], [
            Skip(
                source.path,
                1,
                "no row of tier, begin, end and duration with tabs between them, and no header",
            )
        ]
    skipped: list[Skip] = []
    tiers: dict[str, dict[tuple[str, str], list[tuple[float, float, str]]]] = {}
    rows = _rows_of_columns(source, columns) if columns is not None else _rows_of_shape(source, shape)
    for number, row in rows:
        if isinstance(row, ValueError):
            skipped.append(Skip(source.path, number, str(row)))
            continue
        id, tier, speaker, onset, end, value = row
        tiers.setdefault(id, {}).setdefault((tier, speaker), []).append((onset, end, value))
    stem = Path(source.path).stem
    return [_annotate(id or stem, own, source) for id, own in tiers.items()], skipped


_Row = tuple[str, str, str, float, float, str]
"""Conversation, tier, speaker ("" where the file does not say), onset, end and value."""


def _rows_of_shape(source: Source, shape: _Shape | None) -> Iterator[tuple[int, _Row | ValueError]]:
    assert shape is not None
    for number, line in enumerate(source.text.split("\n"), 1):
        if not line.strip() or line.startswith(('"#', "#")):
            continue
        row = _try_row(line, shape)
        if isinstance(row, ValueError) and (
            other := _shape(line)
        ):  # tables that were aligned by hand with tabs
            row = _try_row(line, other)
        yield number, row


def _try_row(line: str, shape: _Shape) -> _Row | ValueError:
    try:
        return _parse_row(line, shape)
    except ValueError as error:
        return error


def _parse_row(line: str, shape: _Shape) -> _Row:
    """Parses a row without a header; raises `ValueError` with the reason, for a `Skip`."""
    if "\ufffd" in line:
        raise ValueError("the line holds bytes that are not UTF-8")
    fields = [field.strip() for field in line.split("\t")]
    last = shape.first + shape.step * shape.groups
    if len(fields) < last:
        raise ValueError(f"{len(fields)} fields where there should be at least {last}")
    begin, end = (fields[shape.first + n * shape.step + shape.use] for n in range(2))
    onset, finish = parse_interval(begin, end, _PARSERS[shape.kind])
    speaker = next(filter(None, fields[1 : shape.first]), "")
    file = next((field for field in fields[last:] if field.lower().endswith(".eaf")), "")
    value = next((field for field in fields[last:] if field and not field.lower().endswith(".eaf")), "")
    return _stem(file), fields[0] or "tier", speaker, onset, finish, value


def _rows_of_columns(
    source: Source, columns: tuple[str, dict[str, Column], list[Column]] | None
) -> Iterator[tuple[int, _Row | ValueError]]:
    assert columns is not None
    delimiter, by_role, tiers = columns
    line = first_line(source.text)
    names = split_line(line, delimiter)
    start, end = by_role["start"], by_role.get("end")
    duration = by_role.get("duration")
    parsers = {role: make_parser(column.unit, None) for role, column in by_role.items()}
    for number, row in read_rows(source.text, delimiter, len(names)):
        if isinstance(row, ValueError):
            yield number, row
        elif row != names:
            try:
                onset = parsers["start"](row[start.position])
                if end is not None:
                    finish = parsers["end"](row[end.position])
                else:
                    finish = round(onset + parsers["duration"](row[duration.position if duration else 0]), 9)
                if finish < onset:
                    raise ValueError("the end is before the start")
            except ValueError as error:
                yield number, error
                continue
            file = row[by_role["conversation"].position] if "conversation" in by_role else ""
            for tier in tiers:
                if row[tier.position]:
                    yield number, (_stem(file), tier.name, "", onset, finish, row[tier.position])


def _stem(file: str) -> str:
    return re.sub(r"\.eaf$", "", re.split(r"[/\\]", file)[-1], flags=re.IGNORECASE)


def _annotate(
    id: str, tiers: dict[tuple[str, str], list[tuple[float, float, str]]], source: Source
) -> Annotation:
    return Annotation(
        id,
        source.path,
        tuple(
            Tier(
                name,
                np.array([onset for onset, _, _ in rows], np.float64),
                np.array([end for _, end, _ in rows], np.float64),
                labels=[value for _, _, value in rows],
                speaker=speaker or None,
            )
            for (name, speaker), rows in tiers.items()
        ),
        time_resolution=TIME_RESOLUTION,
    )


def _tier_columns(text: str) -> tuple[str, dict[str, Column], list[Column]] | None:
    """Returns the delimiter, the columns of times and file, and those of tiers; None without such a header."""
    line = first_line(text)
    if "begin time -" not in line[:10_000].lower():
        return None
    delimiter = max("\t;,", key=line.count)
    try:
        names = split_line(line, delimiter)
    except ValueError:
        return None
    by_role = choose_columns(names)
    if list_missing(by_role, speaker=False) or {"speaker", "tier"} & set(by_role):
        return None
    by_role = {
        role: by_role[role] for role in ("start", "end", "duration", "conversation") if role in by_role
    }
    times = re.compile(r"(?:begin time|end time|duration) - |file ?(?:path|name)$|\d*$", re.IGNORECASE)
    tiers = [
        Column(index, name, name, None)
        for index, name in enumerate(names)
        if name and not times.match(name) and index not in [column.position for column in by_role.values()]
    ]
    return (delimiter, by_role, tiers) if tiers else None


def _shape(line: str) -> _Shape | None:
    """Returns the shape of a row without a header; None where it is none."""
    fields = [field.strip() for field in line.split("\t", 20)]
    if len(fields) < 4 or _kind(fields[0]) is not None:
        return None
    kinds = [_kind(field) for field in fields]
    for groups, step, first in itertools.product((3, 2), (4, 3, 2, 1), (1, 2, 3, 4)):
        notations = kinds[first : first + step]
        if kinds[first : first + step * groups] != notations * groups or len(set(notations)) < step:
            continue
        kind = next((one for one in _BEST if one in notations), None)
        if kind is None or None in notations:
            continue
        shape = _Shape(first, step, groups, notations.index(kind), kind)
        if _agree(fields, shape):
            return shape
    return None


def _kind(field: str) -> str | None:
    return next((kind for kind, pattern in _KINDS if pattern.fullmatch(field)), None)


def _agree(fields: list[str], shape: _Shape) -> bool:
    """Returns whether begin and duration make the end, or, without a duration, the notation is that of ELAN alone."""
    try:
        times = [
            _PARSERS[shape.kind](fields[shape.first + n * shape.step + shape.use])
            for n in range(shape.groups)
        ]
    except ValueError:
        return False
    if shape.groups == 3:
        return abs(times[0] + times[2] - times[1]) <= _TOLERANCE and times[1] > 0
    return times[0] <= times[1] and "clock" in [
        _kind(field) for field in fields[shape.first : shape.first + shape.step]
    ]
