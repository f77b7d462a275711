"""ELAN's annotation (`.eaf`): a tier is a speaker, an annotation with times is a segment.

- The speaker is the tier's PARTICIPANT; where that is missing or empty, the speaker of the tier above it
  (PARENT_REF), and at the top the tier's own name. Tiers of one speaker are taken together.
- Annotations without times of their own (of symbolic tiers, and those of subdivided tiers whose time slots have
  no time) make no segment, and tiers without a segment, such as ELAN's and pympi's `default`, no speaker.
- Labels that say silence make no segment; those that say laughter or vocal noise are marked so
  (`labels.MARKS`). An annotation without text is speech that nobody has written down yet.
- The conversation is the file's name without its suffix. How long the recording is the format does not say: the
  window is the first onset to the last offset. A segment is an utterance. The grid is 1 ms, the format's unit.

The format: ELAN Annotation Format 3.0 (The Language Archive, MPI Nijmegen). pympi-ling, which writes our files
and tests this reader, does not do for reading: it gives no lines, takes a file of which one value is wrong for
wholly unreadable (a time slot "12.5", an id without a digit, a missing schema location), lets the second of two
equal ids overwrite the first without a word, and keeps every label.
"""

import dataclasses
import re
from pathlib import Path

from babble_jax.conversation.conversation import Conversation, Mark
from babble_jax.conversation.corpora import corpus_of
from babble_jax.conversation.labels import LONGEST, mark_of
from babble_jax.conversation.markup import Markup
from babble_jax.conversation.source import Row, Skip, Source, assemble, interval, milliseconds, short

NAME = "elan"
SIDES = 1
TIME_RESOLUTION = 0.001


def sniff(head: str) -> bool:
    """Whether a file begins as an annotation document of ELAN."""
    return re.search(r"<ANNOTATION_DOCUMENT[\s>]", head) is not None


def parse(source: Source) -> tuple[list[Conversation], list[Skip]]:
    """The one conversation of a file. Of a file that is not well-formed nothing is taken."""
    document = _Document(source)
    if not document.parse():
        return [], document.skipped
    rows, skipped = [], document.skipped
    for annotation in document.annotations:
        try:
            row = document.row(annotation)
        except ValueError as error:
            skipped.append(Skip(source.path, annotation.line, str(error)))
            continue
        if row is not None:
            rows.append(row)
    if not rows:
        return [], skipped or [Skip(source.path, None, "no annotation with times")]
    return [
        assemble(rows, corpus_of(rows[0].id, source.folders), "utterance", time_resolution=TIME_RESOLUTION)
    ], skipped


@dataclasses.dataclass
class _Annotation:
    """As it stands in the file; time slots and tiers may come after it."""

    line: int
    tier: str
    start: str
    end: str
    label: str = ""


class _Document(Markup):
    def __init__(self, source: Source):
        super().__init__(source)
        self.annotations: list[_Annotation] = []
        self._slots: dict[str, str | None] = {}
        self._tiers: dict[str, tuple[str, str | None]] = {}  # participant and parent
        self._speakers: dict[str, str | None] = {}  # by tier; None where it is above itself
        self._tier: str | None = None
        self._open: _Annotation | None = None
        self._in_label = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "HEADER" and attributes.get("TIME_UNITS", "milliseconds") != "milliseconds":
            self.refuse(f"times in '{short(attributes['TIME_UNITS'])}', where only milliseconds are read")
        if name == "TIME_SLOT":
            slot = _named(attributes, "TIME_SLOT_ID")
            if slot in self._slots:
                raise ValueError(f"the time slot '{short(slot)}' for the second time")
            self._slots[slot] = attributes.get("TIME_VALUE")
        elif name == "TIER":
            self._tier = None
            self._tier = _named(attributes, "TIER_ID")
            named = attributes.get("PARTICIPANT", "").strip(), attributes.get("PARENT_REF")
            self._tiers.setdefault(self._tier, named)
        elif name == "ALIGNABLE_ANNOTATION":
            if self._tier is None:
                raise ValueError("an annotation outside of a tier")
            slots = [_named(attributes, f"TIME_SLOT_REF{i}") for i in (1, 2)]
            self._open = _Annotation(self.line, self._tier, *slots)
            self.annotations.append(self._open)
        self._in_label = name == "ANNOTATION_VALUE"

    def end(self, name: str) -> None:
        self._in_label = False
        if name == "ALIGNABLE_ANNOTATION":
            self._open = None
        elif name == "TIER":
            self._tier = None

    def text(self, characters: str) -> None:
        if self._in_label and self._open is not None and len(self._open.label) <= LONGEST:
            self._open.label += characters[: LONGEST + 1]

    def row(self, annotation: _Annotation) -> Row | None:
        """The segment of an annotation, None where it has no times."""
        for slot in (annotation.start, annotation.end):
            if slot not in self._slots:
                raise ValueError(f"the time slot '{short(slot)}' is missing")
        start, end = self._slots[annotation.start], self._slots[annotation.end]
        if start is None or end is None:
            return None
        speaker = self._speaker(annotation.tier)
        if "\ufffd" in speaker:
            raise ValueError("the tier's name holds bytes that are not UTF-8")
        times = interval(start, end, milliseconds)
        return Row(Path(self.source.path).stem, speaker, *times, mark_of(annotation.label, Mark.SPEECH))

    def _speaker(self, tier: str) -> str:
        passed = {}
        while tier not in self._speakers and tier not in passed:
            passed[tier] = True
            participant, parent = self._tiers[tier]
            if participant or parent not in self._tiers:
                self._speakers[tier] = participant or tier
            else:
                tier = parent
        speaker = self._speakers.get(tier)
        self._speakers |= dict.fromkeys(passed, speaker)
        if speaker is None:
            raise ValueError(f"the tier '{short(tier)}' is above itself")
        return speaker


def _named(attributes: dict[str, str], key: str) -> str:
    """An attribute that must be there."""
    if not attributes.get(key, "").strip():
        raise ValueError(f"an element without {key}")
    return attributes[key].strip()
