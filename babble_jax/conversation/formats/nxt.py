"""NXT, the NITE XML Toolkit's format of words with times: a file for each speaker.

- *Map Task* (`q1ec1.f.timed-units.xml`, `q1ec1.g.timed-units.xml`: a pair): `<tu>`, a word, is speech. `<noi
  type="laugh">` is laughter and `<noi type="unintelligible">` speech. `<sil>` and all other noises (breaths, lip
  smacks, low amplitude, non-vocal, coughs) are silence: they are not addressed to the other, and as speech the
  breaths before and after a turn would hide its edges. The units of a speaker tile the recording from 0, but end with
  the last that was annotated, not with the recording: the window is 0 to the later end of the two, and the other
  speaker is silent until then. Times have four decimals. The group is the quad of people, the first three letters of
  the id.
- *AMI* and *ICSI* (`EN2001a.A.words.xml`: any number) and *Switchboard NXT* (`sw2005.A.terminals.xml`): `<w>`,
  `<word>` and `<phonword>` are speech. `<vocalsound>` is laughter where its type or description says so, and
  otherwise silence, as in the Map Task. Punctuation (`punc="true"`, `c="."`, `<punc>`), `<gap>`, `<disfmarker>`,
  `<transformerror>` and `<nonvocalsound>` are no segment; a word without times (`n/a` in Switchboard) is none either.
  The window is the first onset to the last end of all speakers.
- The id of the root says whose words they are, `tu.q1ec1.f`, `EN2001a.A.words` or `sw2005-A-terminals`; where it has
  none, the name of the file does, in the same form.

The format: Carletta et al., "The NITE XML Toolkit" (2003); Calhoun et al., "The NXT-format Switchboard Corpus"
(2010); the metadata files of AMI 1.6.2.
"""

import re
from pathlib import Path
from typing import Any

from babble_jax.conversation.annotation import Annotation
from babble_jax.conversation.conversation import Mark
from babble_jax.conversation.formats.markup import Markup
from babble_jax.conversation.layout.labels import MAX_LABEL_LENGTH
from babble_jax.conversation.source import Row, Skip, Source, annotate, parse_interval, quote

NAME = "nxt"
TIME_RESOLUTION = 0.0001
"""Seconds, of the Map Task."""

_UNITS = frozenset({"tu", "sil", "noi"})
_WORDS = frozenset({"w", "word", "phonword"})
_SOUNDS = frozenset({"vocalsound"})
_ELEMENTS = re.compile(r"<(?:tu|sil|noi|w|word|phonword|vocalsound)\s")
_ROOT = re.compile(r"<nite:(?:root|\w{1,40}_stream)[\s>]")
_MARKS = {"laugh": Mark.LAUGHTER, "unintelligible": Mark.SPEECH}
_NO_TIMES = frozenset({"", "n/a", "non-aligned", "unaligned"})
_PUNCTUATION = frozenset(".,?!:;-")


def sniff(head: str) -> bool:
    """Returns whether a file begins as a root element of NXT with words or timed units in it."""
    return _ROOT.search(head) is not None and _ELEMENTS.search(head) is not None


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads the speaker of a conversation that a file holds. Of a file that is not well-formed nothing is taken."""
    units = _Units(source)
    if not units.parse():
        return [], units.skipped
    units.give_up_begun()
    if not units.rows:
        return [], units.skipped or [Skip(source.path, None, "no timed unit")]
    properties: dict[str, Any] = {"files": "any"}
    if units.is_map_task:
        end = max(row.end for row in units.rows)
        properties = {"files": "pair", "windows": [(0.0, end)], "time_resolution": TIME_RESOLUTION}
    return [annotate(units.rows, source, unit="word", **properties)], units.skipped


class _Units(Markup):
    def __init__(self, source: Source):
        super().__init__(source)
        self.rows: list[Row] = []
        self.is_map_task = False
        self._inside = False
        self._conversation: str | None = None
        self._speaker = ""
        self._open: tuple[float, float, Mark | None] | None = None
        self._begun: tuple[str, str, int] | None = None  # of a word in parts: start, label and line
        self._label = self._kind = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        outermost, self._inside = not self._inside, True
        if outermost and name.startswith("nite:"):
            self._set_speaker(attributes.get("nite:id", attributes.get("id", "")))
            return
        if self._conversation is None:
            return
        part = ""
        if name in _UNITS and (self.is_map_task or name == "tu"):
            mark = Mark.SPEECH if name == "tu" else _MARKS.get(attributes.get("type", ""))
            times = parse_interval(attributes.get("start", ""), attributes.get("end", ""))
        elif name in _SOUNDS:
            start, end = _time(attributes, "start"), _time(attributes, "end")
            if not (start and end):
                return
            mark, times = _classify_sound(attributes), parse_interval(start, end)
        elif name in _WORDS and not _is_punctuation(attributes):
            start, end = _time(attributes, "start"), _time(attributes, "end")
            if not (start or end):
                return
            if not start and self._begun is not None:
                start, part = self._begun[:2]
                self._begun = None
            self.give_up_begun()
            if not end:
                self._begun = (start, attributes.get("orth", ""), self.line)
                return
            if not start:
                raise ValueError("a word without a start")
            mark, times = Mark.SPEECH, parse_interval(start, end)
        else:
            return
        self._open = (*times, mark)
        self._label, self._kind = part + attributes.get("orth", ""), _kind(attributes)

    def give_up_begun(self) -> None:
        """Lists a word that has begun and does not end."""
        if self._begun is not None:
            self.skipped.append(Skip(self.source.path, self._begun[2], "a word without an end"))
            self._begun = None

    def end(self, name: str) -> None:
        if self._open is not None and (name in _UNITS or name in _WORDS or name in _SOUNDS):
            assert self._conversation is not None
            label = self._label.strip() or (f"<{self._kind}>" if self._kind else "")
            self.rows.append(Row(self._conversation, self._speaker, *self._open, label))
            self._open = None

    def text(self, characters: str) -> None:
        if self._open is not None and len(self._label) <= MAX_LABEL_LENGTH:
            self._label += characters[: MAX_LABEL_LENGTH + 1]

    def _set_speaker(self, id: str) -> None:
        """Takes conversation and speaker from the id of the root, or from the name of the file."""
        unit = re.fullmatch(r"tu\.(\S+)\.(\w+)", id)
        match = unit or re.fullmatch(r"(\S+?)[.-](\w+)[.-]\w+", id or Path(self.source.path).stem)
        if match is None:
            raise ValueError(f"the root's id '{quote(id)}' names no speaker (tu.q1ec1.f, EN2001a.A.words)")
        self.is_map_task = unit is not None
        self._conversation, self._speaker = match[1], match[2]


def _time(attributes: dict[str, str], which: str) -> str:
    """Returns the `start` or `end` of an element as text; "" where it has none."""
    for key in (f"{which}time", f"nite:{which}", which):
        if attributes.get(key, "").strip().lower() not in _NO_TIMES:
            return attributes[key]
    return ""


def _kind(attributes: dict[str, str]) -> str:
    return attributes.get("type", attributes.get("description", ""))


def _classify_sound(attributes: dict[str, str]) -> Mark | None:
    return Mark.LAUGHTER if "laugh" in _kind(attributes).lower() else None


def _is_punctuation(attributes: dict[str, str]) -> bool:
    """Tells whether a word is none: AMI and ICSI have punctuation among them."""
    return attributes.get("punc") == "true" or attributes.get("c", "") in _PUNCTUATION
