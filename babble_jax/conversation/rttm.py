"""RTTM, the rich transcription time marks of NIST: `SPEAKER file channel onset duration <NA> <NA> name <NA>
<NA>`.

- Only `SPEAKER` rows make segments; the other types of the format and `;;` comments are passed over in
  silence.
- The conversation is the file field, without a `.cha` or `.wav` at its end; channels are not told apart.
- Nothing is said about what was observed: the window is the first onset to the last offset.
- The grid is found from the onsets: 0.01 s in CALLHOME and in AMI.
"""

import re

from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.corpora import corpus_of
from babble_jax.conversation.source import Row, Skip, Source, assemble, gather, lasting, short

NAME = "rttm"
SIDES = 1

_LINE = re.compile(r"^SPEAKER\s+\S+\s+\S+\s+\S+\s+\S+", re.MULTILINE)
_OTHERS = {
    "SEGMENT", "NOSCORE", "NO_RT_METADATA", "LEXEME", "NON-LEX", "NON-SPEECH", "FILLER", "EDIT", "IP", "SU",
    "CB",
    "A/P", "SPKR-INFO",
}  # fmt: skip


def sniff(head: str) -> bool:
    """Whether the first lines of a file hold a row of this format."""
    return _LINE.search(head) is not None


def parse(source: Source) -> tuple[list[Conversation], list[Skip]]:
    """Every conversation of a file, whatever their number."""
    conversations, skipped = gather(source, _row)
    return [
        assemble(rows, corpus_of(id, source.folders), "utterance") for id, rows in conversations.items()
    ], skipped


def _row(line: str) -> Row | None:
    fields = line.split()
    if fields[0] in _OTHERS or fields[0].startswith(";"):
        return None
    if fields[0] != "SPEAKER":
        raise ValueError(f"'{short(fields[0])}' is no type of RTTM row")
    if len(fields) < 8:
        raise ValueError(f"{len(fields)} fields where there should be at least 8")
    if fields[7] == "<NA>":
        raise ValueError("the speaker has no name")
    return Row(re.sub(r"\.(cha|wav)$", "", fields[1]), fields[7], *lasting(fields[3], fields[4]))
