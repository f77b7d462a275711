"""ELAN's annotation (`.eaf`): a tier is a speaker, an annotation with times is a segment.

- The speaker is the tier's PARTICIPANT; where that is missing or empty, the speaker of the tier above it
  (PARENT_REF), and at the top the tier's own name. Which tiers are speech is the layout's to
  say; a tier whose type has a controlled vocabulary holds codes, and one whose type is named after gestures, gaze,
  comments and the like no speech.
- Annotations without times of their own (of symbolic tiers, and those of subdivided tiers whose time slots have
  no time) make no segment, and tiers without a segment, such as ELAN's and pympi's `default`, no speaker.
- Labels that say silence or noise make no segment, those that say laughter are marked so (`layout.labels`). An
  annotation without text is speech, unless its tier divides all its time into annotations with and without text.
- The conversation is the file's name without its suffix. The format does not say how long the recording is: files that
  we write say it in a property of the header, which ELAN keeps; of others the window is the first onset to the last
  end. A segment is an utterance. The time resolution is 1 ms, the format's
  unit; programs also write `1000.0`, and fractions of one.

The format: ELAN Annotation Format 3.0 (The Language Archive, MPI Nijmegen). pympi-ling, which writes our files
and tests this reader, is not used for reading: it gives no lines, takes a file of which one value is wrong for
wholly unreadable (a time slot "12.5", an id without a digit, a missing schema location), lets the second of two
equal ids overwrite the first without a word, and keeps every label.
"""

import dataclasses
import os
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from babble_jax import files
from babble_jax.conversation.annotation import Annotation, Tier
from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.formats.markup import Markup
from babble_jax.conversation.layout.labels import MAX_LABEL_LENGTH
from babble_jax.conversation.layout.tier_names import parse_tier_name
from babble_jax.conversation.segments import label_segments, plain_names
from babble_jax.conversation.source import (
    Skip,
    Source,
    parse_interval,
    parse_milliseconds,
    parse_seconds,
    quote,
)
from babble_jax.conversation.windows import unite

NAME = "elan"
TIME_RESOLUTION = 0.001

_OBSERVED = "babble_jax:observed_seconds"
"""Property with start and end of each observed window, with blanks between them."""
_DATE = "1970-01-01T00:00:00+00:00"  # the format wants a date; a real one would make every file differ


def sniff(head: str) -> bool:
    """Returns whether a file begins as an annotation document of ELAN."""
    return re.search(r"<ANNOTATION_DOCUMENT[\s>]", head) is not None


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads the one conversation of a file. Of a file that is not well-formed nothing is taken."""
    document = _Document(source)
    if not document.parse():
        return [], document.skipped
    skipped = document.skipped
    segments: dict[str, list[tuple[float, float, str]]] = {}
    for annotation in document.annotations:
        try:
            times = document.times(annotation)
        except ValueError as error:
            skipped.append(Skip(source.path, annotation.line, str(error)))
            continue
        if times is not None:
            segments.setdefault(annotation.tier, []).append((*times, annotation.label))
    if not segments:
        return [], skipped or [Skip(source.path, None, "no annotation with times")]
    tiers = tuple(document.tier(name, rows) for name, rows in segments.items())
    id = Path(source.path).stem
    windows = document.windows()
    annotation = Annotation(id, source.path, tiers, windows=windows, time_resolution=TIME_RESOLUTION)
    return [annotation], skipped


def write_eaf(
    path: str | os.PathLike, conversation: Conversation, audio_name: str, number: np.ndarray | None = None
) -> None:
    """Writes an ELAN file: one tier per speaker, labels `A1`, `A2` ..., times rounded to the millisecond.

    Args:
      path: of the file.
      conversation: of N segments.
      audio_name: the sound file beside it, which is linked.
      number: [N] int of each segment among its speaker's, from 0, for its label; by time where absent.

    Raises:
      BabbleError: the file cannot be written.
    """
    import pympi.Elan

    eaf = pympi.Elan.Eaf(author="babble_jax")
    eaf.adocument["DATE"] = _DATE
    eaf.add_property(_OBSERVED, " ".join(f"{time:.15g}" for time in conversation.windows.flat))
    eaf.add_linked_file(audio_name, relpath=f"./{audio_name}", mimetype="audio/x-wav")
    for index, name in enumerate(plain_names(conversation.speakers)):
        eaf.add_tier(name, part=name)
        for onset, end, label in label_segments(conversation, index, number):
            eaf.add_annotation(name, round(onset * 1000), round(end * 1000), label)
    eaf.remove_tier("default")
    # As text: the package's own writer moves a file that is there to `.bak`.
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    files.write_text(path, head + pympi.Elan.to_string(eaf, encoding="unicode"))


@dataclasses.dataclass
class _Annotation:
    """An annotation as it stands in the file; time slots and tiers may come after it."""

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
        self._types: dict[str, str] = {}  # of the tiers
        self._vocabularies: set[str] = set()  # types that have one
        self._participants: dict[str, tuple[str, str]] = {}  # and the tier at the top
        self._tier: str | None = None
        self._open: _Annotation | None = None
        self._in_label = False
        self._observed: str | None = None
        self._in_observed = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "HEADER" and attributes.get("TIME_UNITS", "milliseconds") != "milliseconds":
            self.refuse(f"times in '{quote(attributes['TIME_UNITS'])}', where only milliseconds are read")
        if name == "TIME_SLOT":
            slot = _required(attributes, "TIME_SLOT_ID")
            if slot in self._slots:
                raise ValueError(f"the time slot '{quote(slot)}' for the second time")
            self._slots[slot] = attributes.get("TIME_VALUE")
        elif name == "TIER":
            self._tier = None
            self._tier = _required(attributes, "TIER_ID")
            participant, parent = attributes.get("PARTICIPANT", "").strip(), attributes.get("PARENT_REF")
            self._tiers.setdefault(self._tier, (participant, parent))
            self._types.setdefault(self._tier, attributes.get("LINGUISTIC_TYPE_REF", ""))
        elif name == "LINGUISTIC_TYPE" and attributes.get("CONTROLLED_VOCABULARY_REF", "").strip():
            self._vocabularies.add(attributes.get("LINGUISTIC_TYPE_ID", ""))
        elif name == "ALIGNABLE_ANNOTATION":
            if self._tier is None:
                raise ValueError("an annotation outside of a tier")
            slots = [_required(attributes, f"TIME_SLOT_REF{i}") for i in (1, 2)]
            self._open = _Annotation(self.line, self._tier, *slots)
            self.annotations.append(self._open)
        self._in_label = name == "ANNOTATION_VALUE"
        self._in_observed = name == "PROPERTY" and attributes.get("NAME") == _OBSERVED

    def end(self, name: str) -> None:
        self._in_label = self._in_observed = False
        if name == "ALIGNABLE_ANNOTATION":
            self._open = None
        elif name == "TIER":
            self._tier = None

    def text(self, characters: str) -> None:
        if self._in_label and self._open is not None and len(self._open.label) <= MAX_LABEL_LENGTH:
            self._open.label += characters[: MAX_LABEL_LENGTH + 1]

        elif self._in_observed:
            self._observed = (self._observed or "") + characters

    def windows(self) -> list[tuple[float, float]] | None:
        """Returns the observed windows that the header names; None where it names none, or no such times."""
        times = (self._observed or "").split()
        try:
            if len(times) % 2:
                raise ValueError("a window without an end")
            windows = [parse_interval(*pair) for pair in zip(times[::2], times[1::2], strict=True)]
        except ValueError as error:
            self.skipped.append(Skip(self.source.path, None, f"the property {_OBSERVED}: {error}"))
            return None
        return unite(windows) or None

    def times(self, annotation: _Annotation) -> tuple[float, float] | None:
        """Returns onset and end of an annotation, None where it has no times."""
        for slot in (annotation.start, annotation.end):
            if slot not in self._slots:
                raise ValueError(f"the time slot '{quote(slot)}' is missing")
        start, end = self._slots[annotation.start], self._slots[annotation.end]
        if start is None or end is None:
            return None
        self._participant(annotation.tier)
        return parse_interval(start, end, _parse_time)

    def tier(self, name: str, rows: Sequence[tuple[float, float, str]]) -> Tier:
        """Makes a tier of its segments: onset, end and label."""
        (participant, top), type = self._participants[name], self._types[name]
        return Tier(
            name,
            np.array([row[0] for row in rows], np.float64),
            np.array([row[1] for row in rows], np.float64),
            [row[2] for row in rows],
            speaker=participant or None,
            top=top if top != name else None,
            closed_vocabulary=type in self._vocabularies,
            no_speech=f"its type is {quote(type)}" if parse_tier_name(type).no_speech else None,
        )

    def _participant(self, tier: str) -> tuple[str, str]:
        """Returns the participant of a tier, or of the nearest one above it that has one, and the tier at the top."""
        path: dict[str, bool] = {}  # upwards, to the first that is known
        name: str | None = tier
        while name in self._tiers and name not in self._participants:
            if name in path:
                raise ValueError(f"the tier '{quote(tier)}' is above itself")
            path[name] = True
            name = self._tiers[name][1]
        participant, top = self._participants.get(name or "", ("", [*path, tier][len(path) - 1]))
        for name in reversed(path):
            participant = self._tiers[name][0] or participant
            self._participants[name] = (participant, top)
        if "\ufffd" in (participant or top):
            raise ValueError("the tier's name holds bytes that are not UTF-8")
        return participant, top


def _parse_time(text: str) -> float:
    """Parses milliseconds into seconds: whole ones, as the format has them, or a decimal, as programs write them."""
    text = text.strip()
    decimal = re.fullmatch(r"[0-9]+\.[0-9]*", text)
    return parse_seconds(f"{text}e-3") if decimal else parse_milliseconds(text)


def _required(attributes: dict[str, str], key: str) -> str:
    """Returns an attribute that must be there."""
    if not attributes.get(key, "").strip():
        raise ValueError(f"an element without {key}")
    return attributes[key].strip()
