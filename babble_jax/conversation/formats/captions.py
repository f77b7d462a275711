"""Finds who speaks in the cues of captions; `srt`, `webvtt` and `whisper_tsv` read them.

- A cue names its speaker as `NAME: ...`, `[NAME] ...`, `[NAME]: ...`, `- NAME: ...`, `>> NAME: ...` or, in WebVTT,
  `<v NAME>`. What stands before a colon, that of Chinese and Japanese too, is a name if it is one to four words, each
  with a capital or without case, and is in capitals, after a dash, or comes twice in the file, or most of its cues have
  one; what stands in brackets, if it is no sound (`[laughs]`).
- A cue without a name is taken for the speaker before it, as captions write a name where the speaker changes; a note
  says how many. A dash or `>>` without a name is another speaker, who is unknown: the cue is skipped. So is a cue of
  two speakers, whose times it does not part.
- Captions that name nobody are refused, but where `--conversation` says that each file is one speaker's.
- Times are those of display, which captions often stretch for reading.
"""

import dataclasses
import html
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from babble_jax.conversation.annotation import Annotation, Tier
from babble_jax.conversation.conversation import Mark
from babble_jax.conversation.layout.labels import classify_label
from babble_jax.conversation.source import Skip, Source

NO_SPEAKER = (
    "no cue names its speaker, as NAME: ..., [NAME] ... or <v NAME>; if each file is one speaker's, say how its name "
    "tells by --conversation"
)

_TAG = re.compile(r"<[^<>]{0,200}>|\{\\[^{}]{0,100}\}")
_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,100})?[ \t]+([^<>]{1,100})>")
_DASH = re.compile(r"(?:-(?!-)|\u2013|\u2014|\u2022|>>+|&gt;&gt;)\s*")
_COLON = re.compile(r"([^:\uff1a\[\]()<>.!?,;\"]{1,40}?)\s*[:\uff1a](?![\d/])\s*")
_BRACKETS = re.compile(r"[\[(]([^\[\]():\uff1a]{1,40})[\])]\s*(:?)\s*")
_MOST_WORDS = 4
_LEAST_NAMED, _MOST_SKIPPED = 0.1, 0.5
"""Shares of the cues with a name and without a speaker, beyond which captions do not say who speaks."""


@dataclasses.dataclass(frozen=True)
class Cue:
    """A caption.

    Attributes:
      line: number of its times, from 1.
      onset: seconds.
      end: seconds.
      text: its lines.
    """

    line: int
    onset: float
    end: float
    text: str


@dataclasses.dataclass
class _Line:
    """A line of a cue.

    Attributes:
      name: that may be its speaker's; None where it has none.
      certain: whether the format itself says that it is.
      dash: whether a mark says that the speaker changes.
      rest: the text after the name.
      full: the text without marks of the format.
    """

    name: str | None
    certain: bool
    dash: bool
    rest: str
    full: str


def attribute(cues: Sequence[Cue], source: Source, id: str) -> tuple[list[Annotation], list[Skip]]:
    """Makes the annotation of cues, a tier for each speaker.

    Args:
      cues: in the order of the file.
      source: the file.
      id: of the conversation.

    Returns:
      The annotation, none where no cue names a speaker; and the cues without one.
    """
    split = [_split(cue.text) for cue in cues]
    names = _choose_names(split)
    rows: dict[str, list[tuple[Cue, str]]] = {}
    skipped, last, unnamed = [], None, 0
    for cue, lines in zip(cues, split, strict=True):
        speakers = list(dict.fromkeys(line.name for line in lines if line.name in names and line.name))
        text = " ".join(line.rest if line.name in names else line.full for line in lines).strip()
        changes = sum(line.dash for line in lines)
        if not names and source.layout.conversation is not None:
            rows.setdefault("speech", []).append((cue, text))
        elif len(speakers) > 1 or changes > 1:
            skipped.append(
                Skip(source.path, cue.line, "the cue has two speakers, whose times it does not part")
            )
            last = speakers[-1] if speakers and lines[-1].name in names else None
        elif speakers:
            last = speakers[0]
            rows.setdefault(last, []).append((cue, text))
        elif changes or last is None:
            skipped.append(Skip(source.path, cue.line, "the cue names no speaker"))
            last = None
        else:
            unnamed += 1
            rows.setdefault(last, []).append((cue, text))
    if not cues or not rows:
        return [], [Skip(source.path, None, NO_SPEAKER if cues else "no cue with times")]
    named = len(cues) - unnamed - len(skipped)
    if named < _LEAST_NAMED * len(cues) or len(skipped) > _MOST_SKIPPED * len(cues):
        return [], [Skip(source.path, None, f"only {named} of {len(cues)} cues name their speaker")]
    notes = ()
    if unnamed:
        notes = (f"{unnamed} of {len(cues)} captions name no speaker and are taken for the speaker before",)
    tiers = tuple(_tier(name, own) for name, own in rows.items())
    return [Annotation(id, source.path, tiers, speakers_known=True, notes=notes)], skipped


def _tier(name: str, own: Sequence[tuple[Cue, str]]) -> Tier:
    onset = np.array([cue.onset for cue, _ in own], np.float64)
    end = np.array([cue.end for cue, _ in own], np.float64)
    return Tier(name, onset, end, labels=[text for _, text in own], speaker=name)


def _split(text: str) -> list[_Line]:
    """Splits a cue into its lines, each with the name that may be its speaker's."""
    lines = []
    for raw in text.split("\n"):
        voices = list(_VOICE.finditer(raw))
        if voices:
            for number, voice in enumerate(voices):
                end = voices[number + 1].start() if number + 1 < len(voices) else len(raw)
                plain = _plain(raw[voice.end() : end])
                lines.append(_Line(_plain(voice[1]), True, False, plain, plain))
        elif plain := _plain(raw):
            lines.append(_find_name(plain))
    return lines


def _plain(text: str) -> str:
    return " ".join(html.unescape(_TAG.sub("", text)).split())


def _find_name(text: str) -> _Line:
    dash = _DASH.match(text)
    rest = text[dash.end() :] if dash else text
    if (match := _BRACKETS.match(rest)) and classify_label(f"[{match[1]}]") == Mark.SPEECH:
        if match[2] or _is_name(match[1]):
            return _Line(match[1].strip(), bool(match[2]), bool(dash), rest[match.end() :], text)
    elif (match := _COLON.match(rest)) and _is_name(match[1]):
        certain = dash is not None or match[1].isupper()
        return _Line(match[1].strip(), certain, bool(dash), rest[match.end() :], text)
    return _Line(None, False, bool(dash), rest, rest)


def _is_name(text: str) -> bool:
    """Returns whether a text may be a name: a few words, each with a capital, a digit, or in letters without case."""
    words = re.split(r"[\s_]+", text.strip())
    if not 1 <= len(words) <= _MOST_WORDS or not any(character.isalpha() for character in text):
        return False
    return all(not word[:1].islower() for word in words if len(word) > 2)


def _choose_names(split: Sequence[Sequence[_Line]]) -> set[str | None]:
    """Chooses the names that are speakers': those that the format marks, that come twice, or that most cues have."""
    counts = Counter(line.name for lines in split for line in lines if line.name)
    certain = {line.name for lines in split for line in lines if line.name and line.certain}
    named = sum(any(line.name for line in lines) for lines in split)
    most = 2 * named > len(split)
    return {name for name, count in counts.items() if name in certain or count > 1 or most}
