"""UEM, the unpartitioned evaluation map of NIST: `file channel start end`, the stretches that were annotated.

- It says what was observed of conversations that other files hold, of any format: those of the same id have these
  windows in place of their own. Stretches of several channels are united.
- `;` begins a comment.

The format: "The 2009 (RT-09) Rich Transcription Meeting Recognition Evaluation Plan" (NIST), section 5.3.
pyannote.database tests this reader.
"""

import re

from babble_jax.conversation.annotation import Annotation
from babble_jax.conversation.formats import kaldi
from babble_jax.conversation.source import Row, Skip, Source, count_matches, parse_interval, parse_lines
from babble_jax.conversation.windows import unite

NAME = "uem"

_TIME = r"[0-9]+(?:\.[0-9]*)?"
_LINE = re.compile(
    rf"[ \t]*\S+[ \t]+(?:[A-Za-z]?[0-9]{{1,2}}|[A-Za-z]|[A-Z]{{2,3}}|<NA>|<na>)[ \t]+{_TIME}[ \t]+{_TIME}[ \t]*"
)


def sniff(head: str) -> bool:
    """Returns whether all lines of a file's head, but one in ten, are rows of this format, and not of Kaldi's."""
    matches, count = count_matches(head, _LINE)
    return matches > 0 and matches >= 0.9 * count and not kaldi.sniff(head)


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads the windows of every conversation of a file; the annotations have no tier."""
    conversations, skipped = parse_lines(source, _row)
    annotations = []
    for id, rows in conversations.items():
        windows = unite((row.onset, row.end) for row in rows)
        if windows:
            annotations.append(Annotation(id, source.path, (), windows=windows))
        else:
            skipped.append(Skip(source.path, None, "a conversation whose windows are all empty"))
    return annotations, skipped


def _row(line: str) -> Row | None:
    if line.lstrip().startswith(";"):
        return None
    fields = line.split()
    if len(fields) != 4:
        raise ValueError(f"{len(fields)} fields where there should be 4 (file channel start end)")
    return Row(fields[0], fields[1], *parse_interval(fields[2], fields[3]))
