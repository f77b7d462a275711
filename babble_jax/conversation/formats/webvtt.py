"""WebVTT captions (W3C, https://www.w3.org/TR/webvtt1/): `WEBVTT`, then blocks with blank lines between them.

A line with an arrow begins a cue, as in the parser of the definition; blocks without one are comments, styles or
regions. `captions` says who speaks. webvtt-py is the oracle of the tests, not the reader: it passes over broken cues
without a word.

- The conversation is the file, observed from the first onset to the last end.
"""

import itertools
from pathlib import Path

from babble_jax.conversation.annotation import Annotation
from babble_jax.conversation.formats.captions import Cue, attribute
from babble_jax.conversation.formats.srt import parse_times
from babble_jax.conversation.source import Skip, Source

NAME = "webvtt"


def sniff(head: str) -> bool:
    """Returns whether a file begins with WEBVTT."""
    return head.lstrip("\ufeff \t\n")[:7] in ("WEBVTT", "WEBVTT\n", "WEBVTT ", "WEBVTT\t")


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads the one conversation of a file."""
    if not sniff(source.text):
        return [], [Skip(source.path, 1, "the first line is not WEBVTT")]
    cues, skipped = [], []
    lines = source.text.split("\n")
    arrows = [number for number, line in enumerate(lines) if "-->" in line and not line.startswith("NOTE")]
    for arrow, following in itertools.pairwise([*arrows, len(lines)]):
        try:
            onset, end = parse_times(lines[arrow])
        except ValueError as error:
            skipped.append(Skip(source.path, arrow + 1, str(error)))
            continue
        last = next((n for n in range(arrow + 1, following) if not lines[n].strip()), following)
        cues.append(Cue(arrow + 1, onset, end, "\n".join(lines[arrow + 1 : last])))
    annotations, without = attribute(cues, source, Path(source.path).stem)
    return annotations, sorted([*skipped, *without], key=lambda skip: skip.line or 0)
