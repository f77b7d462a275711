"""SubRip captions: a number, a line of times `00:00:01,000 --> 00:00:02,500`, and lines of text, for each.

The format has no definition but its use (https://en.wikipedia.org/wiki/SubRip); its number and the blank line between
captions are often absent, so that a caption begins at its line of times. `captions` says who speaks. pysubs2 is the
oracle of the tests, not the reader: it passes over broken lines without a word and gives no numbers of lines.

- The conversation is the file, observed from the first onset to the last end.
"""

import itertools
import re
from pathlib import Path

from babble_jax.conversation.annotation import Annotation
from babble_jax.conversation.formats.captions import Cue, attribute
from babble_jax.conversation.formats.times import parse_clock
from babble_jax.conversation.source import Skip, Source, parse_interval, quote

NAME = "srt"

_TIMES = re.compile(r"[ \t]*(\S{4,20})[ \t]*-->[ \t]*(\S{4,20})(?:[ \t].*)?", re.ASCII)
_FIRST = re.compile(
    r"\s*(?:\d{1,9}[ \t]*\n\s*)?(?:\d{1,4}:)?\d{1,2}:\d\d[,.]\d{1,3}[ \t]*-->[ \t]*\d", re.ASCII
)


def sniff(head: str) -> bool:
    """Returns whether a file begins with a line of times, or a number and one."""
    return _FIRST.match(head) is not None


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads the one conversation of a file."""
    cues, skipped = [], []
    lines = source.text.split("\n")
    starts = [number for number, line in enumerate(lines) if "-->" in line]
    for start, following in itertools.pairwise([*starts, len(lines)]):
        try:
            onset, end = parse_times(lines[start])
        except ValueError as error:
            skipped.append(Skip(source.path, start + 1, str(error)))
            continue
        text = [line.strip() for line in lines[start + 1 : following]]
        while text and not text[-1]:
            text.pop()
        if following < len(lines) and text and re.fullmatch(r"\d{1,9}", text[-1], re.ASCII):
            text.pop()  # the number of the next one
        cues.append(Cue(start + 1, onset, end, "\n".join(text)))
    if not starts:
        return [], [Skip(source.path, 1, "no line of times (00:00:01,000 --> 00:00:02,500)")]
    annotations, without = attribute(cues, source, Path(source.path).stem)
    return annotations, sorted([*skipped, *without], key=lambda skip: skip.line or 0)


def parse_times(line: str) -> tuple[float, float]:
    """Parses the line of times of a caption, into seconds.

    Raises:
      ValueError: with the reason in a few words, for a `Skip`.
    """
    match = _TIMES.fullmatch(line)
    if match is None:
        raise ValueError("the line of times is broken (00:00:01,000 --> 00:00:02,500)")
    return parse_interval(match[1], match[2], _parse_time)


def _parse_time(text: str) -> float:
    time = parse_clock(text)
    if time is None:
        raise ValueError(f"'{quote(text)}' is not a time (hh:mm:ss,msec)")
    return time
