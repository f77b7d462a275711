"""RTTM, the rich transcription time marks of NIST: `SPEAKER file channel onset duration <NA> <NA> name <NA>
<NA>`.

- Only `SPEAKER` rows make segments; the other types of the format and `;;` comments are passed over
  without a note.
- The conversation is the file field, without a `.cha` or `.wav` at its end; channels are not distinguished.
- The format does not say what was observed: the window is the first onset to the last end.
- The time resolution is estimated from the onsets: 0.01 s in CALLHOME and in AMI.
"""

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


def sniff(head: str) -> bool:
    """Returns whether the first lines of a file hold a row of this format."""
    return _LINE.search(head) is not None


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads every conversation of a file, whatever their number."""
    conversations, skipped = parse_lines(source, _row)
    return [annotate(rows, source) for rows in conversations.values()], skipped


def write_rttm(path: str | os.PathLike, conversation: Conversation) -> None:
    """Writes a SPEAKER line per segment, in order of time, to the microsecond; the channel is the speaker's, from 1."""
    lines, speakers = [], plain_names(conversation.speakers, spaces=False)
    (id,) = plain_names([conversation.id], spaces=False)
    for index, onset, end in sort_segments(conversation):
        duration = round(end, 6) - round(onset, 6)  # the end is then exact to the microsecond as well
        lines.append(
            f"SPEAKER {id} {index + 1} {onset:.6f} {duration:.6f} <NA> <NA> {speakers[index]} <NA> <NA>\n"
        )
    files.write_text(path, "".join(lines))


def _row(line: str) -> Row | None:
    fields = line.split()
    if fields[0] in _OTHERS or fields[0].startswith(";"):
        return None
    if fields[0] != "SPEAKER":
        raise ValueError(f"'{quote(fields[0])}' is no type of RTTM row")
    if len(fields) < 8:
        raise ValueError(f"{len(fields)} fields where there should be at least 8")
    if fields[7] == "<NA>":
        raise ValueError("the speaker has no name")
    return Row(re.sub(r"\.(cha|wav)$", "", fields[1]), fields[7], *parse_onset_duration(fields[3], fields[4]))
