"""The TSV of Whisper and its kin: `start`, `end` in whole milliseconds and `text`, tabs between them.

The format is that of `whisper.utils.WriteTSV` (Radford et al. 2023, https://github.com/openai/whisper). The speaker, if
there is one, stands in the text, as in captions: `captions` says how.

- The conversation is the file, observed from the first onset to the last end.
"""

import re
from pathlib import Path

from babble_jax.conversation.annotation import Annotation
from babble_jax.conversation.formats.captions import Cue, attribute
from babble_jax.conversation.source import Skip, Source, parse_interval, parse_milliseconds

NAME = "whisper_tsv"

_HEADER = re.compile(r"\s*start\tend\ttext[ \t]*(?:\n|$)")


def sniff(head: str) -> bool:
    """Returns whether the first line is the header of the format."""
    return _HEADER.match(head) is not None


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads the one conversation of a file."""
    header = _HEADER.match(source.text)
    if header is None:
        return [], [Skip(source.path, 1, "the first line is not start, end and text with tabs between them")]
    cues, skipped = [], []
    first = source.text.count("\n", 0, header.end()) + 1
    for number, line in enumerate(source.text[header.end() :].split("\n"), first):
        if not line.strip():
            continue
        fields = line.split("\t", 2)
        try:
            if len(fields) < 3:
                raise ValueError(f"{len(fields)} fields where there should be 3")
            cues.append(Cue(number, *parse_interval(fields[0], fields[1], parse_milliseconds), fields[2]))
        except ValueError as error:
            skipped.append(Skip(source.path, number, str(error)))
    annotations, without = attribute(cues, source, Path(source.path).stem)
    return annotations, sorted([*skipped, *without], key=lambda skip: skip.line or 0)
