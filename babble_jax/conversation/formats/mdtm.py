"""MDTM: `meeting channel start duration type NA gender speaker`, as `pyannote.db.odessa.ami` ships AMI.

- Rows of the type `speaker` make segments; `;;` comments are passed over without a note.
- The window is the first onset to the last end.
- The time resolution is estimated from the onsets: 0.001 s in AMI. Durations have five significant digits there.
"""

import re

from babble_jax.conversation.annotation import Annotation
from babble_jax.conversation.source import (
    Row,
    Skip,
    Source,
    annotate,
    parse_lines,
    parse_onset_duration,
    quote,
)

NAME = "mdtm"

_LINE = re.compile(
    r"^\S+[ \t]+\S+[ \t]+\S+[ \t]+\S+[ \t]+speaker[ \t]+\S+[ \t]+\S+[ \t]+\S+[ \t]*\r?$", re.MULTILINE
)


def sniff(head: str) -> bool:
    """Returns whether the first lines of a file hold a row of this format."""
    return _LINE.search(head) is not None


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads every conversation of a file, whatever their number."""
    conversations, skipped = parse_lines(source, _row)
    return [annotate(rows, source) for rows in conversations.values()], skipped


def _row(line: str) -> Row | None:
    fields = line.split()
    if fields[0].startswith(";;"):
        return None
    if len(fields) != 8:
        raise ValueError(f"{len(fields)} fields where there should be 8")
    if fields[4] != "speaker":
        raise ValueError(f"the type is '{quote(fields[4])}' where it should be 'speaker'")
    return Row(fields[0], fields[7], *parse_onset_duration(fields[2], fields[3]))
