"""CTM, the time marks of words of NIST: `file channel start duration word [confidence [type [speaker]]]`.

- A row is a word. Of alternatives (`<ALT_BEGIN> ... <ALT> ... <ALT_END>`) the first counts. Labels of silence,
  laughter and noise are those of the layout; `;;` begins a comment.
- The speaker is the eighth field, where a file has it, and otherwise the channel. A file with one channel has one
  speaker: it is joined with others by the names of the files.
- The conversation is the file field; where names agree but for a channel at their end (`sw02001-A`, `sw02001-B`), it
  is their beginning, and that channel the speaker. The window is the first onset to the last end.

The format: "CTM" in the documentation of the NIST Scoring Toolkit (SCTK), doc/infmts.htm; with type and speaker:
"RT-09 Evaluation Plan" (NIST), appendix A.
"""

import re

from babble_jax.conversation.annotation import Annotation
from babble_jax.conversation.formats import elan_export, stm
from babble_jax.conversation.formats.recording_names import split_channels
from babble_jax.conversation.source import (
    Row,
    Skip,
    Source,
    annotate,
    count_matches,
    parse_lines,
    parse_onset_duration,
)

NAME = "ctm"

_TIME = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+|\*)"
_CONFIDENCE = r"(?:-?[0-9.]+|NA|<NA>)"
_LINE = re.compile(
    rf"\S+[ \t]+\S+[ \t]+{_TIME}[ \t]+{_TIME}[ \t]+(?!speaker[ \t]+NA[ \t])\S+"  # MDTM
    rf"(?:[ \t]+{_CONFIDENCE}(?:[ \t]+\S+){{0,2}})?[ \t]*"
)
_SHARE = 0.8
"""Share of the lines that must be rows of this format, or else the file is of another."""


def sniff(head: str) -> bool:
    """Returns whether most lines of a file's head are rows of this format, and not of STM with numbers for words."""
    matches, count = count_matches(head, _LINE)
    return matches > 0 and matches >= _SHARE * count and not (stm.sniff(head) or elan_export.sniff(head))


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads every conversation of a file, whatever their number."""
    in_alternative = False

    def parse_row(line: str) -> Row | None:
        nonlocal in_alternative
        if line.startswith(";"):
            return None
        fields = line.split()
        if len(fields) < 5:
            raise ValueError(
                f"{len(fields)} fields where there should be at least 5 (file channel start duration word)"
            )
        if fields[2] == fields[3] == "*":
            if fields[4].upper() in ("<ALT>", "<ALT_BEGIN>", "<ALT_END>"):
                in_alternative = fields[4].upper() == "<ALT>"
            return None
        if in_alternative:
            return None
        return _row(fields)

    conversations, skipped = parse_lines(source, parse_row)
    split = split_channels(conversations)
    joined: dict[str, list[Row]] = {}
    for id, rows in conversations.items():
        if id in split:
            id, channel = split[id]
            rows = [row._replace(id=id, speaker=channel) for row in rows]
        joined.setdefault(id, []).extend(rows)
    return [annotate(rows, source, by_label=True, unit="word") for rows in joined.values()], skipped


def _row(fields: list[str]) -> Row:
    speaker = fields[7] if len(fields) > 7 and fields[7] not in ("<NA>", "NA") else fields[1]
    return Row(fields[0], speaker, *parse_onset_duration(fields[2], fields[3]), label=fields[4])
