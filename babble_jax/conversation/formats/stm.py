"""STM, the segment time marks of NIST: `file channel speaker start end <label> text`.

- A row is a segment, unless its text is empty or one of the labels of silence or noise. Rows that are not scored
  (`IGNORE_TIME_SEGMENT_IN_SCORING`) and those between segments (`inter_segment_gap`) are none, and nobody's; `;;`
  begins a comment.
- The label is a field in angle brackets before the text: with a comma in it (`<o,f0,male>`), or before nearly all
  texts. Others are what was heard (`<LAUGH>`).
- The speaker is the third field. Where a conversation names one speaker only, but two channels or more, the channels
  are the speakers.
- The conversation is the file field; the window is the first onset to the last end.

The format: "STM" in the documentation of the NIST Scoring Toolkit (SCTK), doc/infmts.htm. pyannote.database tests
this reader; it has no labels and no text.
"""

import re

from babble_jax.conversation.annotation import Annotation
from babble_jax.conversation.formats import elan_export, rttm
from babble_jax.conversation.source import (
    Row,
    Skip,
    Source,
    annotate,
    count_matches,
    parse_interval,
    parse_lines,
)

NAME = "stm"

_NUMBER = r"[0-9]+(?:\.[0-9]*)?"
_LINE = re.compile(
    rf"(?!SPEAKER[ \t])\S+[ \t]+\S+[ \t]+(?![0-9:.]*[.:][0-9]+[ \t])\S+[ \t]+{_NUMBER}[ \t]+{_NUMBER}(?:[ \t].*)?"
)
_SHARE = 0.8
"""Share of the lines that must be rows of this format, or else the file is of another."""
_LABELLED = 0.95
"""Share of the texts that begin with a field in angle brackets, from which on it is a label."""


def sniff(head: str) -> bool:
    """Returns whether most lines of a file's head are rows of this format."""
    matches, count = count_matches(head, _LINE)
    return matches > 0 and matches >= _SHARE * count and not (rttm.sniff(head) or elan_export.sniff(head))


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads every conversation of a file, whatever their number."""
    channels: dict[str, list[str]] = {}  # of the rows of each conversation
    labelled = _is_labelled(source.text)

    def parse_row(line: str) -> Row | None:
        row, channel = _row(line, labelled)
        if row is not None:
            channels.setdefault(row.id, []).append(channel)
        return row

    conversations, skipped = parse_lines(source, parse_row)
    annotations = []
    for id, rows in conversations.items():
        if len(set(channels[id])) > 1 and len({row.speaker for row in rows}) == 1:
            pairs = zip(rows, channels[id], strict=True)
            rows = [row._replace(speaker=channel) for row, channel in pairs]
        annotations.append(annotate(rows, source, by_label=True, empty="silence"))
    return annotations, skipped


def _is_labelled(text: str) -> bool:
    """Returns whether nearly all texts begin with a field in angle brackets, which is then their label."""
    texts = [
        fields[5]
        for line in text.split("\n")
        if len(fields := line.split(maxsplit=5)) == 6 and line[0] != ";"
    ]
    return len(texts) > 0 and sum(text.startswith("<") for text in texts) >= _LABELLED * len(texts)


def _row(line: str, labelled: bool) -> tuple[Row | None, str]:
    """Parses a row; returns it, None where it is nobody's, and its channel.

    Args:
      line: that is not blank.
      labelled: whether all texts begin with a label; else only one with a comma is taken for a label.
    """
    if line.startswith(";"):
        return None, ""
    fields = line.split(maxsplit=5)
    if len(fields) < 5:
        raise ValueError(
            f"{len(fields)} fields where there should be at least 5 (file channel speaker start end)"
        )
    times = parse_interval(fields[3], fields[4])
    text = fields[5].strip() if len(fields) > 5 else ""
    label = re.match(r"<([^<>\s]*)>(?:\s+|$)", text)
    if label and (labelled or "," in label[1]):
        text = text[label.end() :]
    if text.lower() == "ignore_time_segment_in_scoring" or fields[2].lower() == "inter_segment_gap":
        return None, ""
    return Row(fields[0], fields[2], *times, label=text), fields[1]
