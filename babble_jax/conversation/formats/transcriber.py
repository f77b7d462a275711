"""Transcriber's transcripts (`.trs`): turns, divided by points in time, with the text of each speaker between them.

- A stretch between two points (`<Sync>`) of a turn is a segment of its speaker. In a turn of several speakers each of
  them has a segment where text of theirs (`<Who nb="1"/>`) is between the points; without `<Who>`, all of them have.
- A stretch without text is silence. One that holds nothing but events (`<Event desc="rire" type="noise"/>`) is
  laughter where the description says laughter, and silence otherwise: breath, cough and noise make no segment.
- Sections of the type `nontrans` were not transcribed, unless they hold text: the windows are the other sections.
- The speaker is the name in `<Speakers>`, and the id where there is none or two have the same. A turn without speaker
  is music, noise or silence.
- The conversation is the file's name without its suffix; the language is `xml:lang`, where it is there.

The format: Barras et al., "Transcriber: development and use of a tool for assisting speech corpora production"
(2001), and its `trans-14.dtd`.
"""

import collections
import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from babble_jax.conversation.annotation import Annotation
from babble_jax.conversation.conversation import Mark
from babble_jax.conversation.formats.markup import Markup
from babble_jax.conversation.languages import language_tag
from babble_jax.conversation.layout.labels import MAX_LABEL_LENGTH, classify_label
from babble_jax.conversation.source import (
    Row,
    Skip,
    Source,
    annotate,
    parse_interval,
    parse_seconds,
    quote,
)
from babble_jax.conversation.windows import unite

NAME = "transcriber"

_MOST_SPEAKERS = 20
"""Speakers of a turn at most; Transcriber allows two."""
_MOST_EVENTS = 20
"""Events of a stretch that matter."""


def sniff(head: str) -> bool:
    """Returns whether a file begins as a transcript of Transcriber."""
    return re.search(r"<Trans[\s>]", head) is not None


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads the one conversation of a file. Of a file that is not well-formed nothing is taken."""
    document = _Document(source)
    if not document.parse():
        return [], document.skipped
    rows = document.rows()
    if not any(row.mark is not None for row in rows):
        return [], document.skipped or [Skip(source.path, None, "no turn with text")]
    windows = document.windows([row.onset for row in rows if row.mark is not None])
    return [annotate(rows, source, windows=windows, language=document.language)], document.skipped


@dataclasses.dataclass
class _Stretch:
    """What a speaker says between two points in time."""

    speaker: str
    start: str
    line: int
    text: str = ""
    events: list[str] = dataclasses.field(default_factory=list)
    end: str = ""


class _Document(Markup):
    def __init__(self, source: Source):
        super().__init__(source)
        self.language: str | None = None
        self._names: dict[str, str] = {}  # of the speakers, by id
        self._sections: list[tuple[tuple[float, float], bool]] = []  # and whether they say to be transcribed
        self._stretches: list[_Stretch] = []
        self._turn: tuple[list[str], str] | None = None  # ids of its speakers, and its end
        self._open: list[_Stretch] = []  # those between the last point and the next one
        self._current: list[_Stretch] = []  # those of them whose text follows

    def windows(self, onsets: Sequence[float]) -> list[tuple[float, float]] | None:
        """Returns the sections that were transcribed; None where the file has none.

        Args:
          onsets: of the segments, seconds.
        """
        onset = np.sort(np.array(onsets, np.float64))
        return (
            unite(
                times
                for times, transcribed in self._sections
                if transcribed or np.diff(np.searchsorted(onset, times))[0]
            )
            or None
        )

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Trans":
            self.language = language_tag(attributes.get("xml:lang", ""))
        elif name == "Speaker":
            self._names.setdefault(attributes.get("id", ""), attributes.get("name", "").strip())
        elif name == "Section":
            self._sections.append((parse_interval(*_edges(attributes)), attributes.get("type") != "nontrans"))
        elif name == "Turn":
            self._turn, self._open, self._current = None, [], []
            start, end = _edges(attributes)
            parse_interval(start, end)
            speakers = attributes.get("speaker", "").split()
            if len(speakers) > _MOST_SPEAKERS:
                raise ValueError(f"a turn of {len(speakers)} speakers, more than {_MOST_SPEAKERS}")
            self._turn = (speakers, end)
            self._begin(start)
        elif name == "Sync" and self._turn is not None:
            parse_seconds(attributes.get("time", ""))
            self._close(attributes["time"])
            self._begin(attributes["time"])
        elif name == "Who" and self._turn is not None:
            number = attributes.get("nb", "")
            if not number.isascii() or not number.isdigit() or not 1 <= int(number[:4]) <= len(self._open):
                self._current = []
                raise ValueError(f"the turn has no speaker number '{quote(number)}'")
            self._current = [self._open[int(number[:4]) - 1]]
        elif name == "Event" and attributes.get("type", "noise") == "noise":
            for stretch in self._current:
                if len(stretch.events) < _MOST_EVENTS:
                    stretch.events.append(attributes.get("desc", "")[:MAX_LABEL_LENGTH])

    def end(self, name: str) -> None:
        if name == "Turn" and self._turn is not None:
            self._close(self._turn[1])
            self._turn, self._open, self._current = None, [], []

    def text(self, characters: str) -> None:
        for stretch in self._current:
            if len(stretch.text) <= MAX_LABEL_LENGTH:
                stretch.text += characters[: MAX_LABEL_LENGTH + 1]

    def _begin(self, time: str) -> None:
        """Begins a stretch of each speaker of the turn."""
        assert self._turn is not None
        self._open = [_Stretch(speaker, time, self.line) for speaker in self._turn[0]]
        self._current = self._open

    def _close(self, time: str) -> None:
        """Ends the stretches that began at the last point."""
        for stretch in self._open:
            stretch.end = time
        self._stretches += [stretch for stretch in self._open if stretch.start != time]

    def rows(self) -> list[Row]:
        """Makes the segments of all stretches; those that end before they begin are listed."""
        id, rows, names = Path(self.source.path).stem, [], _unique_names(self._names)
        for stretch in self._stretches:
            try:
                if "\ufffd" in (name := names.get(stretch.speaker, stretch.speaker)):
                    raise ValueError("the speaker's name holds bytes that are not UTF-8")
                times = parse_interval(stretch.start, stretch.end)
            except ValueError as error:
                self.skipped.append(Skip(self.source.path, stretch.line, str(error)))
                continue
            text = " ".join(stretch.text.split())
            label = text or " ".join(f"[{event}]" for event in stretch.events if event)
            rows.append(Row(id, name, *times, _classify(text, stretch.events), label))
        return rows


def _edges(attributes: dict[str, str]) -> tuple[str, str]:
    return attributes.get("startTime", ""), attributes.get("endTime", "")


def _classify(text: str, events: Sequence[str]) -> Mark | None:
    """Classifies a stretch by its text, or by its events where it has none."""
    if text:
        value = classify_label(text)
        return Mark(value) if value >= 0 else None
    laughs = any(classify_label(f"[{event}]") == Mark.LAUGHTER for event in events if event)
    return Mark.LAUGHTER if laughs else None


def _unique_names(names: dict[str, str]) -> dict[str, str]:
    """Returns the name of each id: the id where the name is empty, both where several have the same."""
    count = collections.Counter(names.values())
    return {
        id: (name if count[name] == 1 else f"{name} ({id})") if name else id for id, name in names.items()
    }
