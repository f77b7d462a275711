"""RTTM, the rich transcription time marks of NIST: `SPEAKER file channel onset duration <NA> <NA> name <NA>
<NA>`.

- Only `SPEAKER` rows make segments; the other types of the format and `;;` comments are passed over
  without a note.
- The conversation is the file field, without a `.cha` or `.wav` at its end; channels are not distinguished.
- The name of a file or a speaker may hold spaces, though the format has none: the file ends before the last three
  fields before `<NA> <NA>`, the speaker before the next `<NA>` or, where there is none, before the last two fields if
  they are numbers. A row of more than ten fields in which these marks are missing is skipped.
- Beside voice types (`KCHI CHI OCH FEM MAL`, the output of the voice type classifier) `SPEECH` is what they have in
  common, and nobody's: it is left out, and listed.
- The format does not say what was observed: the window is the first onset to the last end.
- The time resolution is estimated from the onsets: 0.01 s in CALLHOME and in AMI.

The format: "The 2009 (RT-09) Rich Transcription Meeting Recognition Evaluation Plan" (NIST), appendix A. Voice types:
Lavechin et al., "An open-source voice type classifier for child-centered daylong recordings" (2020,
arXiv:2005.12656).
"""

import dataclasses
import os
import re

from babble_jax import files
from babble_jax.conversation.annotation import Annotation
from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.segments import plain_names, sort_segments
from babble_jax.conversation.source import (
    Row,
    Skip,
    Source,
    annotate,
    parse_lines,
    parse_onset_duration,
    quote,
)

NAME = "rttm"

_LINE = re.compile(r"^SPEAKER\s+\S+\s+\S+\s+\S+\s+\S+", re.MULTILINE)
_OTHERS = {
    "SEGMENT", "NOSCORE", "NO_RT_METADATA", "LEXEME", "NON-LEX", "NON-SPEECH", "FILLER", "EDIT", "IP", "SU",
    "CB",
    "A/P", "SPKR-INFO",
}  # fmt: skip
_NA = "<NA>"
_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]*)?")
_DECIMAL = re.compile(r"[-+]?[0-9]*\.[0-9]+(?:e[-+]?[0-9]+)?|-[0-9]+|NA", re.IGNORECASE)
_CERTAIN = ("0", "1")
_VOICE_TYPES = frozenset({"KCHI", "CHI", "OCH", "FEM", "MAL", "SPEECH", "UNK"})


def sniff(head: str) -> bool:
    """Returns whether the first lines of a file hold a row of this format."""
    return _LINE.search(head) is not None


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads every conversation of a file, whatever their number."""
    rows = _Rows()
    conversations, skipped = parse_lines(source, rows.parse)
    if rows.hold_numbered_names():
        rows.nine_fields = True
        conversations, skipped = parse_lines(source, rows.parse)
    return [_leave_out_union(annotate(rows, source)) for rows in conversations.values()], skipped


def _leave_out_union(annotation: Annotation) -> Annotation:
    """Marks `SPEECH` as no speaker where it stands beside the voice types that it unites."""
    names = {tier.name for tier in annotation.tiers}
    if "SPEECH" not in names or len(names & _VOICE_TYPES) < 2:
        return annotation
    types = ", ".join(sorted(names & _VOICE_TYPES - {"SPEECH"}))
    reason = f"the speech of anybody, beside the voice types {types}"
    tiers = (
        dataclasses.replace(tier, no_speech=reason) if tier.name == "SPEECH" else tier
        for tier in annotation.tiers
    )
    return dataclasses.replace(annotation, tiers=tuple(tiers))


def write_rttm(path: str | os.PathLike, conversation: Conversation) -> None:
    """Writes a SPEAKER line per segment, in order of time, to the microsecond; the channel is the speaker's, from
    1.
    """
    lines, speakers = [], plain_names(conversation.speakers, spaces=False)
    (id,) = plain_names([conversation.id], spaces=False)
    for index, onset, end in sort_segments(conversation):
        duration = round(end, 6) - round(onset, 6)  # the end is then exact to the microsecond as well
        lines.append(
            f"SPEAKER {id} {index + 1} {onset:.6f} {duration:.6f} <NA> <NA> {speakers[index]} <NA> <NA>\n"
        )
    files.write_text(path, "".join(lines))


class _Rows:
    """Parses the rows of a file, and counts those of ten fields whose name seems to hold a space.

    The older form of the format has nine, so that `Speaker 2 <NA>` at the end of a row looks like a name, a
    confidence and a last field. A confidence is a decimal, 0 or 1; but where all rows have one name, some with a 0 and
    some with a 1, these number two speakers.
    """

    def __init__(self):
        self.names = self.confidences = 0
        self.nine_fields = False
        self._certain: dict[str, set[str]] = {}  # fields that may be confidences, by name

    def hold_numbered_names(self) -> bool:
        """Returns whether the rows that were parsed hold names that end in a number, and no confidences."""
        ((_, numbers),) = self._certain.items() if len(self._certain) == 1 else [("", set())]
        return not self.confidences and (self.names > 0 or len(numbers) == len(_CERTAIN))

    def parse(self, line: str) -> Row | None:
        """Parses a row; a `ValueError` says why it is broken."""
        fields = line.split()
        columns = [column.strip() for column in line.split("\t")]
        if len(columns) in (9, 10) and all(columns):  # tabs between them, so that a text may hold blanks
            fields = columns
        if fields[0] in _OTHERS or fields[0].startswith(";"):
            return None
        if fields[0] != "SPEAKER":
            raise ValueError(f"'{quote(fields[0])}' is no type of RTTM row")
        if len(fields) < 8:
            raise ValueError(f"{len(fields)} fields where there should be at least 8")
        file, onset, duration, speaker = fields[1], fields[3], fields[4], fields[7]
        if len(fields) > 10 or (len(fields) == 10 and fields[5] != _NA == fields[6] == fields[7]):
            file, onset, duration, speaker = _split_spaced(fields)
        elif len(fields) == 10 and fields[8] != _NA == fields[9]:
            if self.nine_fields:
                speaker = f"{speaker} {fields[8]}"
            elif _DECIMAL.fullmatch(fields[8]):
                self.confidences += 1
            elif fields[8] in _CERTAIN:
                self._certain.setdefault(speaker, set()).add(fields[8])
            else:
                self.names += 1
        if speaker == _NA:
            raise ValueError("the speaker has no name")
        return Row(re.sub(r"\.(cha|wav)$", "", file), speaker, *parse_onset_duration(onset, duration))


def _split_spaced(fields: list[str]) -> tuple[str, str, str, str]:
    """Finds file, onset, duration and speaker in a row of too many fields: one of the names has spaces in it."""
    middle = next((n for n in range(5, len(fields) - 2) if fields[n] == fields[n + 1] == _NA), None)
    rest = [] if middle is None else fields[middle + 2 :]
    if _NA in rest[1:]:
        name = rest[: rest.index(_NA, 1)]
    elif len(rest) > 2 and all(_NUMBER.fullmatch(field) for field in rest[-2:]):
        name = rest[:-2]
    else:
        raise ValueError(
            f"{len(fields)} fields where there should be 10, and no <NA> that shows where the names end"
        )
    assert middle is not None
    return " ".join(fields[1 : middle - 3]), fields[middle - 2], fields[middle - 1], " ".join(name)
