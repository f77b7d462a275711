"""Praat TextGrids: an interval tier is a speaker, an interval with a label is a segment.

- Labels that say silence make no segment, and neither do empty ones, with which Praat fills what is between
  the others. Labels that say laughter or vocal noise are marked so (`labels.MARKS`).
- Point tiers hold no stretches of time and are passed over. Tiers of the same name are one speaker.
- The conversation is the file's name without its suffix, observed from xmin to xmax. A segment is an
  utterance.
- The long and the short text form, in UTF-8 or UTF-16; the binary form is not read. The time resolution is
  estimated from the onsets.

Praat reads free-standing numbers, quoted strings and flags, and takes everything else for comment (manual,
"TextGrid file formats"); so does this reader, which thereby knows the line of each value.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from babble_jax import files
from babble_jax.conversation.annotation import Annotation, Tier
from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.segments import label_segments, plain_names
from babble_jax.conversation.source import Skip, Source, parse_interval, quote

NAME = "textgrid"

_HEAD = re.compile(r'\s*(?:File type\s*=\s*)?"ooTextFile(?: short)?"\s+(?:Object class\s*=\s*)?"TextGrid"')
_TOKEN = re.compile(r'"((?:[^"]|"")*)"|(?<!\S)([-+]?(?:\.?\d\S*|(?i:nan|inf)(?!\S)))|![^\n]*')


def sniff(head: str) -> bool:
    """Returns whether a file begins as a TextGrid in text form."""
    return _HEAD.match(head) is not None


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads the one conversation of a file. Of a file that ends early nothing is taken."""
    values = _Values(source.text)
    tiers: list[Tier] = []
    skipped: list[Skip] = []
    try:
        for _ in ("ooTextFile", "TextGrid"):
            values.text()
        window = parse_interval(values.number(), values.number())
        for _ in range(values.count()):
            kind, name = values.text(), values.text().strip()
            parse_interval(values.number(), values.number())
            if kind not in ("IntervalTier", "TextTier"):
                raise ValueError(f"a tier of the class '{quote(kind)}'")
            onsets, ends, labels = [], [], []
            for _ in range(values.count()):
                start = values.number()
                end = values.number() if kind == "IntervalTier" else start
                line, label = values.line, values.text()
                if kind == "TextTier":
                    continue
                try:
                    if "\ufffd" in name:
                        raise ValueError("the tier's name holds bytes that are not UTF-8")
                    onset, end = parse_interval(start, end)
                except ValueError as error:
                    skipped.append(Skip(source.path, line, str(error)))
                    continue
                onsets.append(onset)
                ends.append(end)
                labels.append(label)
            if kind == "IntervalTier":
                tiers.append(Tier(name, np.array(onsets, np.float64), np.array(ends, np.float64), labels))
    except ValueError as error:
        return [], [*skipped, Skip(source.path, values.line, str(error))]
    if not any(map(len, tiers)):
        return [], skipped or [Skip(source.path, None, "no interval tier")]
    id = Path(source.path).stem
    return [Annotation(id, source.path, tuple(tiers), windows=[window], empty="silence")], skipped


def write_textgrid(
    path: str | os.PathLike, conversation: Conversation, number: np.ndarray | None = None
) -> None:
    """Writes a TextGrid in the long form: one interval tier per speaker, labels `A1`, `A2` ..., times unrounded.

    Args:
      path: of the file.
      conversation: of N segments.
      number: [N] int of each segment among its speaker's, from 0, for its label; by time where absent.

    Raises:
      BabbleError: the file cannot be written.
    """
    import praatio.textgrid
    from praatio.utilities.constants import Interval

    end = float(conversation.windows[-1, 1])
    grid = praatio.textgrid.Textgrid(0.0, end)
    for index, name in enumerate(plain_names(conversation.speakers)):
        intervals = [Interval(*row) for row in label_segments(conversation, index, number)]
        grid.addTier(praatio.textgrid.IntervalTier(name, intervals, 0.0, end))
    with files.atomic_write(path) as temporary:
        grid.save(str(temporary), format="long_textgrid", includeBlankSpaces=True)


class _Values:
    """The values of a file, one after another, and the line of the last one."""

    def __init__(self, text: str):
        self._tokens: Iterator[re.Match] = _TOKEN.finditer(text)
        self._source, self._at = text, 0
        self.line = 1

    def text(self) -> str:
        """Returns the next value, a quoted string."""
        token = self._next()
        if token[1] is None:
            raise ValueError(f"'{quote(token[0])}' where there should be a quoted string")
        return token[1].replace('""', '"')

    def number(self) -> str:
        """Returns the next value, a number, as it is written."""
        token = self._next()
        if token[1] is not None:
            raise ValueError(f"'{quote(token[0])}' where there should be a number")
        return token[2]

    def count(self) -> int:
        """Returns the next value, a number of things."""
        digits = self.number()
        if not digits.isdecimal() or len(digits) > 9:
            raise ValueError(f"'{quote(digits)}' where there should be a count")
        return int(digits)

    def _next(self) -> re.Match:
        for token in self._tokens:
            self.line += self._source.count("\n", self._at, token.start())
            self._at = token.start()
            if token[1] is not None or token[2] is not None:
                return token
        raise ValueError("the file ends early")
