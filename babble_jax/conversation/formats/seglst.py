"""SegLST, the segments of CHiME-7 and MeetEval: a list of `session_id, speaker, start_time, end_time, words`.

https://github.com/fgnt/meeteval (von Neumann et al. 2023). Times are seconds, numbers or text, or h:mm:ss.msec as in
CHiME-6. Other fields are passed over.

- The conversation is the session. The window is the first start to the last end; the time resolution is estimated from
  the starts. A row counts as an utterance.
"""

import re

from babble_jax.conversation.annotation import Annotation
from babble_jax.conversation.formats.json_conversations import read_conversations
from babble_jax.conversation.source import Skip, Source
from babble_jax.errors import BabbleError
from babble_jax.input_files import parse_json

NAME = "seglst"

_FIELDS = ("session_id", "speaker", "start_time", "end_time")


def sniff(head: str) -> bool:
    """Returns whether a file begins as a list whose first object has the fields of the format."""
    start = re.match(r"\s*\[\s*\{([^{}]{0,20000})\}\s*(?:[,\]]|$)", head)
    return start is not None and all(f'"{field}"' in start[1] for field in _FIELDS)


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads every session of a file."""
    try:
        value = parse_json(source.text, "", finite=False)
    except BabbleError as error:
        reason = str(error).lstrip(": ,").removesuffix("; mend or replace the file.")
        return [], [Skip(source.path, None, reason)]
    if not isinstance(value, list):
        return [], [Skip(source.path, None, "no list of segments")]
    return read_conversations(value, source)
