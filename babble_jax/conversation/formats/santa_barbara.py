"""Transcripts of the Santa Barbara Corpus (`.trn`): `0.00 9.21⇥LENORE:⇥... So you don't need`, an intonation unit a
line.

- A line is a segment of the speaker that it names, or of the one before where it names none.
- A line that holds nothing but pauses (`...`), breath and other sounds in brackets (`(H)`, `(TSK)`) is silence, one
  of nothing but these and laughter (`@@`, `(LAUGH)`) is laughter. The times tile: pauses at the beginning or end of a
  unit are within its segment, so that gaps are shorter than what is heard.
- `>ENV` and other names after `>` are sounds of the surroundings, `MANY`, `ALL`, `BOTH`, `AUD` and the like several
  people at once: they are left out, and listed. `X` and `X_2` are people who were not identified.
- Both forms of the corpus are read: times with a blank or a tab between them; lines of comments (`$`) are passed
  over.
- The conversation is the file's name without its suffix; the window is the first onset to the last end.

The format: Du Bois et al., "Santa Barbara corpus of spoken American English" (2000-2005); the transcription: Du Bois
et al., "Outline of discourse transcription" (1993).
"""

import dataclasses
import re
from pathlib import Path

from babble_jax.conversation.annotation import Annotation
from babble_jax.conversation.conversation import Mark
from babble_jax.conversation.source import (
    Row,
    Skip,
    Source,
    annotate,
    count_matches,
    parse_interval,
    parse_lines,
)

NAME = "santa_barbara"

_TIMES = r"[ \t]*([0-9]+(?:\.[0-9]*)?)[ \t]+([0-9]+(?:\.[0-9]*)?)"
_SPEAKER = r"[>*#$ ]{0,3}[A-Z][A-Z0-9_./'-]{0,30}(?: [A-Z0-9_./'-]{1,20}){0,2}[*#]?:"
_LINE = re.compile(rf"{_TIMES}[ \t]+(?:({_SPEAKER})(?:[ \t]+|$))?(.*)")
_TIME = r"[ \t]*[0-9]{1,6}(?:\.[0-9]*)?"  # more digits are of other units than seconds
_NAMED = re.compile(
    rf"{_TIME} +{_TIME}[ \t]+{_SPEAKER}(?:[ \t].*)?|{_TIME}\t+{_TIME}[ \t]+{_SPEAKER} *(?:\t.*)?"
)
_CROWD = re.compile(r"MANY|ALL|BOTH|AUD|AUDIENCE|CROWD|SEVERAL|EVERYBODY|EVERYONE|GROUP|OTHERS", re.ASCII)
_NO_WORD = re.compile(
    r"\([A-Z][A-Za-z_ ]*\)|\(\([^()]*\)\)|\(\d*(?:\.\d+)?\)|[\[\]<>&=%~|^\\/]|[0-9]|[.,?!:;_\u2013\u2014-]+|@+"
)


def sniff(head: str) -> bool:
    """Returns whether nearly all lines begin with two times, and some name a speaker, with a blank or tab around it."""
    matches, count = count_matches(head, _LINE)
    return matches >= 0.8 * count and count_matches(head, _NAMED)[0] > 0


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads the one conversation of a file."""
    id, speaker = Path(source.path).stem, ""

    def parse_row(line: str) -> Row | None:
        nonlocal speaker
        if line.lstrip().startswith(("$", "#", ";")):
            return None
        match = _LINE.fullmatch(line.rstrip())
        if match is None:
            raise ValueError("a line that does not begin with two times and a text")
        start, end, name, text = match.groups()
        speaker = name.strip(" \t:*#$") if name else speaker
        if not speaker:
            raise ValueError("no line before this one names a speaker")
        return Row(id, speaker, *parse_interval(start, end), _classify(text), text.strip())

    conversations, skipped = parse_lines(source, parse_row)
    return [_leave_out_crowds(annotate(rows, source)) for rows in conversations.values()], skipped


def _leave_out_crowds(annotation: Annotation) -> Annotation:
    """Marks the names that are no person."""
    tiers = []
    for tier in annotation.tiers:
        reason = None
        if tier.name.startswith(">"):
            reason = "sounds of the surroundings"
        elif _CROWD.fullmatch(tier.name):
            reason = "several people at once"
        tiers.append(dataclasses.replace(tier, no_speech=reason))
    return dataclasses.replace(annotation, tiers=tuple(tiers))


def _classify(text: str) -> Mark | None:
    if re.search(r"\w", _NO_WORD.sub(" ", text)):
        return Mark.SPEECH
    return Mark.LAUGHTER if "@" in text or "LAUGH" in text else None
