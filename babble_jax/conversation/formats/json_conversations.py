"""Makes the annotation of conversations of the segments in JSON; `seglst` and `transcript_json` use it."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax.conversation.annotation import Annotation, Tier
from babble_jax.conversation.formats.json_segments import (
    Finder,
    Segment,
    choose_finest,
    choose_list,
)
from babble_jax.conversation.formats.times import ask_rate, doubt_unit, make_parser
from babble_jax.conversation.layout.table_options import parse_time_unit
from babble_jax.conversation.source import Skip, Source, quote
from babble_jax.plural import plural

NO_SPEAKER = (
    "no segment names its speaker, as a transcript without diarization; if each file is one speaker's, say how its "
    "name tells by --conversation"
)
_VALUE = re.compile(r"'.*'|(?<= )[-+]?[\d.]\S*(?=$| (?:is|$))")
"""A value in a reason, so that reasons that differ in nothing else are one."""
_NAMELESS = "speech"
_MOST_CHARACTERS = 120  # of the names of lists in a note


def read_conversations(
    value: Any, source: Source, unit: str | None = None
) -> tuple[list[Annotation], list[Skip]]:
    """Reads the conversations of a value of JSON.

    Args:
      value: of JSON.
      source: the file.
      unit: of all times, where the names of their fields do not say it; None for seconds.

    Returns:
      Their annotation, none where no segment names a speaker; and the reasons of what was passed over, each with the
      number of segments.
    """
    finder = Finder()
    finder.search(value)
    times = _Times(source, unit)
    one_speaker = source.layout.conversation is not None
    lists = {
        path: named
        for path, own in finder.outermost.items()
        if (named := [one for one in own if one_speaker or _names_speaker(one)])
    }
    if not lists:
        return [], [Skip(source.path, None, NO_SPEAKER if finder.outermost else "no segment with times")]
    seconds = {
        path: sum(end - onset for onset, end in map(times.estimate, own)) for path, own in lists.items()
    }
    path = choose_list(lists, seconds)
    finest = choose_finest(lists[path])
    if question := times.question(finest):
        return [], [Skip(source.path, None, question)]
    reasons = Counter(["no speaker"] * (len(finder.outermost[path]) - len(lists[path])))
    by_id: dict[str, list[tuple[Segment, float, float]]] = {}
    for segment in finest:
        try:
            onset, end = times.parse(segment)
        except ValueError as error:
            reasons[_VALUE.sub("...", str(error))] += 1
            continue
        if segment.speaker is None and not one_speaker:
            reasons["no speaker"] += 1
            continue
        id = segment.conversation or Path(source.path).stem
        by_id.setdefault(id, []).append((segment, onset, end))
    skipped = [
        Skip(source.path, None, f"{reason}, of {plural(count, 'segment')}")
        for reason, count in reasons.items()
    ]
    rows = [row for own in by_id.values() for row in own]
    if question := times.doubt(rows):
        return [], [Skip(source.path, None, question)]
    notes = (f"the segments are those of {_describe(finest)}",) if rows and finest[0].path != ("[]",) else ()
    return [_annotate(id, own, source, notes) for id, own in by_id.items()], skipped


def _names_speaker(segment: Segment) -> bool:
    return segment.speaker is not None or any(map(_names_speaker, segment.inner))


def _describe(segments: Sequence[Segment]) -> str:
    """Names the lists that segments are in."""
    paths = Counter(".".join(one.path).replace(".[]", "[]") for one in segments)
    text = " and ".join(path for path, _ in paths.most_common(2))[:_MOST_CHARACTERS]
    return text if text.isprintable() else quote(text)


class _Times:
    """The times of segments, in the unit that they are in.

    Args:
      source: the file.
      unit: of all times; None to take that which the name of the field says, or seconds.
    """

    def __init__(self, source: Source, unit: str | None):
        stated = source.layout.time_unit
        self._time_unit = None if stated is None else parse_time_unit(stated)
        self._unit = unit
        self._integers, self._clock = True, False
        self._parsers = {}

    def _parser(self, unit: str | None):
        if unit not in self._parsers:
            self._parsers[unit] = make_parser(unit, self._time_unit)
        return self._parsers[unit]

    def unit(self, segment: Segment) -> str | None:
        """Returns the unit of a segment's times; None where nothing says it."""
        columns = segment.columns
        named = [columns[role].unit for role in ("start", "end", "duration") if role in columns]
        return next((unit for unit in named if unit is not None), self._unit)

    def parse(self, segment: Segment) -> tuple[float, float]:
        """Parses onset and end of a segment, in seconds; raises `ValueError` with the reason, for a `Skip`."""
        parse, fields = self._parser(self.unit(segment)), segment.fields
        onset = parse(fields["start"])
        last = fields["end"] if "end" in fields else fields["duration"]
        self._clock |= ":" in fields["start"]
        self._integers &= fields["start"].isdigit() and last.isdigit()
        end = parse(last)
        if "end" not in fields:
            return onset, max(onset, round(onset + end, 9))
        if end < onset:
            raise ValueError(f"the end {quote(last)} is before the start {quote(fields['start'])}")
        return onset, end

    def estimate(self, segment: Segment) -> tuple[float, float]:
        """Parses onset and end of a segment; 0 where they are broken."""
        try:
            return self.parse(segment)
        except ValueError:
            return 0.0, 0.0

    def question(self, segments: Sequence[Segment]) -> str | None:
        """Asks for the rate of samples or frames, where nothing says it."""
        if self._time_unit is not None:
            return None
        column = segments[0].columns["start"]
        return ask_rate(self.unit(segments[0]), column.name)

    def doubt(self, rows: Sequence[tuple[Segment, float, float]]) -> str | None:
        """Doubts the unit of (segment, onset, end); None where the times are plausible."""
        if self._time_unit is not None or not rows:
            return None
        onset, end = [onset for _, onset, _ in rows], [end for _, _, end in rows]
        unit = "clock" if self._clock else self.unit(rows[0][0])
        return doubt_unit(onset, end, self._integers, unit, rows[0][0].columns["start"].name)


def _annotate(
    id: str, rows: Sequence[tuple[Segment, float, float]], source: Source, notes: tuple[str, ...]
) -> Annotation:
    """Makes the annotation of one conversation: a tier for each speaker, or one of labels that may be speakers."""
    by_label = all(segment.label for segment, _, _ in rows)
    text = by_label or any("text" in segment.fields for segment, _, _ in rows)
    by_speaker: dict[str, list[tuple[Segment, float, float]]] = {}
    for row in rows:
        name = "label" if by_label else row[0].speaker or _NAMELESS
        by_speaker.setdefault(name, []).append(row)
    tiers = tuple(
        Tier(
            name,
            np.array([onset for _, onset, _ in own], np.float64),
            np.array([end for _, _, end in own], np.float64),
            labels=[segment.fields.get("text", "") for segment, _, _ in own] if text else None,
            speaker=None if by_label or name == _NAMELESS else name,
        )
        for name, own in by_speaker.items()
    )
    single = sum(len(segment.fields.get("text", "").split()) <= 1 for segment, _, _ in rows)
    words = text and not by_label and rows[0][0].path != ("[]",) and single >= 0.95 * len(rows)
    return Annotation(
        id,
        source.path,
        tiers,
        unit="word" if words else "utterance",
        speakers_known=not by_label,
        empty="speech",
        notes=notes,
    )
