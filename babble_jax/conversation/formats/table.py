"""Tables of segments: a row each, with a comma, semicolon, tab or bar between the columns, or with blanks.

- The first line names the columns, in any order; `columns` says which names have which content, `--columns start=tmin`
  that of others. Needed are a speaker (or a tier), a start, and an end or a duration; other columns are passed over.
  Lines of comments (`#`) before it are passed over too.
- Without a column for it the file is one conversation; of a path to a recording its name is the conversation.
- Quoting is as in any CSV, with line breaks too. A comma may be the decimal point.
- Times are seconds, or the unit that the name of the column says (`start_ms`), or `--time-unit`; also hh:mm:ss.msec.
  What would be no speech as seconds is refused: see `times`.
- `mark` is `speech` (also where it is empty or absent), `laughter` or `vocal_noise`; a column of text is looked up in
  the table of labels where no mark says what a row is.
- Rows by tier (Praat's "Down to Table", ELAN's export) are tiers as those of a TextGrid, of which the layout chooses. A
  column `label` without a speaker names the speakers, if it looks so.
- The table of IPUs that `babble events --out` writes is read as IPUs, all of them speech whatever their text, within
  the observed windows that it names (`window_start`, `window_end`). Its other tables hold no segments.
- In other tables the window is the first start to the last end; the time resolution is estimated from the starts. A row
  counts as an utterance, or as a word where the column of text is called so.
"""

import csv
import dataclasses
import io
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from babble_jax import files
from babble_jax.conversation.annotation import Annotation, Tier
from babble_jax.conversation.conversation import Conversation, Mark
from babble_jax.conversation.formats.columns import Column, choose_columns, list_missing
from babble_jax.conversation.formats.delimited import BLANKS, DELIMITERS, first_line, read_rows, split_line
from babble_jax.conversation.formats.times import ASK, ask_rate, doubt_unit, make_parser
from babble_jax.conversation.layout.labels import classify_label
from babble_jax.conversation.layout.layout import NO_OPTIONS, Layout
from babble_jax.conversation.layout.table_options import parse_columns, parse_time_unit
from babble_jax.conversation.segments import plain_names, sort_segments
from babble_jax.conversation.source import TOO_LATE, Skip, Source, parse_interval, quote
from babble_jax.conversation.windows import unite

NAME = "table"

REMEDY = "say which column it is by --columns, such as --columns speaker=NAME start=NAME"
"""End of the sentence that says which columns are missing."""

_WRITTEN = ("conversation", "speaker", "start", "end")
_NOBODY = ("", "na", "<na>", "nan", "n/a", "null", "none")
_MAX_HEADER = 60  # characters of a header that a message shows
_DELIMITER_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", BLANKS: "blanks"}
_MEDIA = re.compile(
    r"\.(?:wav|flac|mp3|mp4|m4a|ogg|sph|aif|aiff|avi|mov|mkv|webm|cha|eaf|textgrid|csv|txt|trs)$",
    re.IGNORECASE,
)
_IPUS = {"reason_ipu", "reason_turn"}
_WINDOW = ("window_start", "window_end")
_RESULTS = ({"from", "to", "fto"}, {"kind", "from", "to", "duration"}, {"ipu_count", "pause_count"})
"""Columns of the tables of events: of IPUs, and those of which at least one of the others has all."""
_WORDS = ("word", "words", "token", "punctuatedword")


@dataclasses.dataclass(frozen=True)
class _Header:
    line: str
    delimiter: str
    names: list[str]
    columns: dict[str, Column]


class _Segment(NamedTuple):
    id: str
    tier: str
    speaker: str | None
    onset: float
    end: float
    label: str
    mark: Mark | None


def sniff(head: str, layout: Layout = NO_OPTIONS) -> bool:
    """Returns whether the first line that is not blank names the columns.

    Args:
      head: first characters of the file.
      layout: with the columns that the user names.
    """
    return _header(head, layout) is not None


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads every conversation of a table, whatever their number."""
    header = _header(source.text, source.layout)
    if header is None:
        return [], [Skip(source.path, 1, describe_columns(source.text, source.layout))]
    table = _Table(source, header)
    return table.parse()


def describe_columns(text: str, layout: Layout = NO_OPTIONS) -> str:
    """Says which columns a table must have, and which the first line of a text names, in part of a sentence.

    Args:
      text: of the file, or its head.
      layout: with the columns that the user names.
    """
    line = first_line(text)
    names = max((line.split(delimiter) for delimiter in DELIMITERS), key=len)
    names = [name.strip().strip('"') for name in names]
    by_user = parse_columns(layout.columns)
    by_role = choose_columns(names, by_user)
    missing = list_missing(by_role) or [
        f"column {quote(name)}" for role, name in by_user.items() if role not in by_role
    ]
    header = ", ".join(map(quote, names))
    header = header if len(header) <= _MAX_HEADER else f"{header[:_MAX_HEADER]}..."
    return (
        "the first line of a table must name its speaker, start and end (or duration), and here, with the columns "
        f"{header}, none is the {' or the '.join(missing) or 'speaker'}"
    )


def holds_results(head: str) -> bool:
    """Returns whether a file is a table of events, without segments, that `babble events --out` wrote."""
    names = set(first_line(head).split(","))
    return any(columns <= names for columns in _RESULTS)


def resembles(head: str) -> bool:
    """Returns whether the first line looks like that of a table, of which some column is missing."""
    line = first_line(head)
    delimiter = max(DELIMITERS, key=line.count)
    names = [name.strip().strip('"') for name in line.split(delimiter)]
    return (
        len(names) > 2
        and len({"speaker", "tier", "start", "end", "duration"} & set(choose_columns(names))) > 1
    )


def write_csv(path: str | os.PathLike, conversation: Conversation) -> None:
    """Writes a row per segment, in order of time, to the microsecond; the columns are those that a table must have."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_WRITTEN)
    (id,), speakers = plain_names([conversation.id]), plain_names(conversation.speakers)
    for index, onset, end in sort_segments(conversation):
        rows.writerow([id, speakers[index], f"{onset:.6f}", f"{end:.6f}"])
    files.write_text(path, text.getvalue())


def _header(text: str, layout: Layout) -> _Header | None:
    """Returns the line that names the columns, and what it says; None where a column is missing."""
    line = first_line(text)
    by_user = parse_columns(layout.columns)
    for delimiter in (*sorted(DELIMITERS, key=line.count, reverse=True), BLANKS):
        try:
            names = split_line(line, delimiter)
        except ValueError:  # some other file, whose first line no table could have
            continue
        columns = choose_columns(names, by_user)
        label = "text" in columns and columns["text"].key == "label"
        elan = "start" in columns and columns["start"].key == "begintime"
        nameless = layout.conversation is not None or (label and not elan)
        if not list_missing(columns, speaker=not nameless) and set(by_user) <= set(columns):
            return _Header(line, delimiter, names, columns)
    return None


class _Table:
    """The rows of a table.

    Args:
      source: the file.
      header: its first line.
    """

    def __init__(self, source: Source, header: _Header):
        self._source, self._header, self._columns = source, header, header.columns
        self._index = [(role, column.position) for role, column in self._columns.items()]
        self._stem = Path(source.path).stem
        self._skipped: list[Skip] = []
        self._integers, self._clock, self._decimal_comma = True, False, False  # integers, hh:mm:ss, commas
        self._holds_ipus = set(header.names) >= _IPUS
        has_windows = self._holds_ipus and set(header.names) >= set(_WINDOW)
        self._window_fields = tuple(map(header.names.index, _WINDOW)) if has_windows else ()
        self._windows: dict[str, list[tuple[float, float]]] = {}  # by conversation
        self._nameless = self._columns["text"].name if "text" in self._columns else "speech"
        unit = source.layout.time_unit
        self._time_unit = None if unit is None else parse_time_unit(unit)
        self._units = {role: self._unit(role) for role in ("start", "end", "duration")}
        self._parsers: dict[str, Callable[[str], float]] = {
            role: make_parser(unit, self._time_unit) for role, unit in self._units.items()
        }

    def _unit(self, role: str) -> str | None:
        """Returns the unit that the column of a role says, or else that of the start or end."""
        own = [self._columns[one].unit for one in (role, "start", "end") if one in self._columns]
        return next((unit for unit in own if unit is not None), None)

    def parse(self) -> tuple[list[Annotation], list[Skip]]:
        """Reads all rows."""
        start = self._columns["start"]
        if self._time_unit is None and (question := ask_rate(self._units["start"], start.name)):
            return [], [Skip(self._source.path, 1, question)]
        segments = self._segments()
        if self._time_unit is None:
            late = sum(skip.reason.endswith(TOO_LATE) for skip in self._skipped)
            if late > len(segments):
                reason = f"as seconds the times of the column {quote(start.name)} are too late for a recording: {ASK}"
                return [], [Skip(self._source.path, 1, reason)]
            onset, end = [one.onset for one in segments], [one.end for one in segments]
            unit = "clock" if self._clock else self._units["start"]
            if question := doubt_unit(onset, end, self._integers, unit, start.name):
                return [], [Skip(self._source.path, 1, question)]
        by_id: dict[str, list[_Segment]] = {}
        for segment in segments:
            by_id.setdefault(segment.id, []).append(segment)
        names = _plain_ids(list(by_id))
        notes = self._notes()
        annotations = [
            self._annotate(names[id], own, unite(self._windows.get(id, ())), notes)
            for id, own in by_id.items()
        ]
        return annotations, self._skipped

    def _segments(self) -> list[_Segment]:
        segments = []
        names = self._header.names
        for number, row in read_rows(self._source.text, self._header.delimiter, len(names)):
            try:
                if isinstance(row, ValueError):
                    raise row
                if row != names:
                    segments.append(self._segment(row))
            except ValueError as error:
                self._skipped.append(Skip(self._source.path, number, str(error)))
        return segments

    def _segment(self, row: list[str]) -> _Segment:
        fields = {role: row[index] for role, index in self._index}
        for role in ("conversation", "tier") if "tier" in fields else ("conversation", "speaker"):
            if fields.get(role, "x").lower() in _NOBODY:
                raise ValueError(f"the {role} is empty")
        id = fields.get("conversation") or self._stem
        mark = fields.get("mark", "").upper()
        if mark and mark not in Mark.__members__:
            raise ValueError(f"the mark '{quote(mark.lower())}' is none of speech, laughter, vocal_noise")
        window = [row[index] for index in self._window_fields]
        if any(window):  # rows that were added by hand may leave it out
            self._windows.setdefault(id, []).append(parse_interval(*window, parse=self._parsers["start"]))
        speaker = fields.get("speaker") or None
        tier = fields.get("tier") or speaker or self._nameless
        return _Segment(
            id, tier, speaker, *self._times(fields), fields.get("text", ""), Mark[mark] if mark else None
        )

    def _times(self, fields: dict[str, str]) -> tuple[float, float]:
        start, end, duration = fields["start"], fields.get("end", ""), fields.get("duration", "")
        self._clock |= ":" in start
        self._decimal_comma |= "," in start
        onset = self._parsers["start"](start)
        if end or not duration:
            self._integers &= start.isdigit() and end.isdigit()
            finish = self._parsers["end"](end)
            if finish < onset:
                raise ValueError(f"the end {quote(end)} is before the start {quote(start)}")
            return onset, finish
        self._integers &= start.isdigit() and duration.isdigit()
        if duration.startswith("-"):
            raise ValueError(f"the duration {quote(duration)} is negative")
        return onset, max(onset, round(onset + self._parsers["duration"](duration), 9))

    def _annotate(
        self,
        id: str,
        segments: Sequence[_Segment],
        windows: Sequence[tuple[float, float]],
        notes: tuple[str, ...],
    ) -> Annotation:
        """Makes the annotation of one conversation.

        Args:
          id: of the conversation.
          segments: its rows.
          windows: that the rows name, (start, end) in seconds; none where they name none.
          notes: how the table was understood.
        """
        by_tier: dict[tuple[str, str | None], list[_Segment]] = {}
        for segment in segments:
            by_tier.setdefault((segment.tier, segment.speaker), []).append(segment)
        has_marks = "mark" in self._columns or self._holds_ipus
        tiers = tuple(
            Tier(
                name,
                np.array([one.onset for one in own], np.float64),
                np.array([one.end for one in own], np.float64),
                labels=[one.label for one in own] if "text" in self._columns else None,
                marks=np.array([self._mark(one) for one in own], np.int8) if has_marks else None,
                speaker=speaker,
            )
            for (name, speaker), own in by_tier.items()
        )
        if self._holds_ipus:
            return Annotation(
                id,
                self._source.path,
                tiers,
                unit="ipu",
                windows=windows or None,
                speakers_known=True,
                notes=notes,
            )
        words = "text" in self._columns and self._columns["text"].key in _WORDS
        single = sum(len(one.label.split()) <= 1 for one in segments) >= 0.95 * len(segments)
        return Annotation(
            id,
            self._source.path,
            tiers,
            unit="word" if words and single else "utterance",
            speakers_known="tier" not in self._columns and "speaker" in self._columns,
            notes=notes,
        )

    def _mark(self, segment: _Segment) -> int:
        """Returns the mark of a row, or else what its text says; an IPU is speech."""
        if segment.mark is not None or not segment.label or self._holds_ipus:
            return segment.mark or Mark.SPEECH
        return classify_label(segment.label)

    def _notes(self) -> tuple[str, ...]:
        """Says how the header was understood, where it does not have the names that `write_csv` writes."""
        if self._holds_ipus:
            return ("read as IPUs: the table `ipus` of `babble events`",)
        others = [
            f"{role} from the column {quote(column.name)}"
            for role, column in self._columns.items()
            if column.name.lower() != role
        ]
        if "conversation" not in self._columns:
            others.append("one conversation, since no column names it")
        unit = "hh:mm:ss" if self._clock else self._source.layout.time_unit or self._units["start"] or "s"
        if not others and not self._decimal_comma and unit == "s":
            return ()
        others.append(f"times in {unit}{' with decimal commas' if self._decimal_comma else ''}")
        used = {column.name for column in self._columns.values()}
        if unused := [quote(name) for name in self._header.names if name and name not in used]:
            others.append(f"{', '.join(unused)} not used")
        if "text" not in self._columns and "mark" not in self._columns:
            others.append("no column of text, whose labels could say silence")
        between = _DELIMITER_NAMES[self._header.delimiter]
        return (
            f"read as a table with {between}: {', '.join(others)}; --columns and --time-unit say otherwise",
        )


def _plain_ids(ids: Sequence[str]) -> dict[str, str]:
    """Returns the names of conversations without suffixes, and without folders if all stay different."""
    stems = [_MEDIA.sub("", id) or id for id in ids]
    names = [re.split(r"[/\\]", stem)[-1] or stem for stem in stems]
    for candidates in (names, stems):
        if len(set(candidates)) == len(ids):
            return dict(zip(ids, candidates, strict=True))
    return {id: id for id in ids}
