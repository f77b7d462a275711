"""Praat TextGrids: an interval tier is a speaker, an interval with a label is a segment.

- Labels that say silence make no segment, and neither do empty ones, with which Praat fills what is between
  the others. Labels that say laughter or vocal noise are marked so (`labels.MARKS`).
- Point tiers hold no stretches of time and are passed over. Tiers of the same name are one speaker.
- The conversation is the file's name without its suffix, observed from xmin to xmax. A segment is an
  utterance.
- The long and the short text form, in UTF-8 or UTF-16; the binary form is not read. The grid is found from
  the onsets.

Praat reads free-standing numbers, quoted strings and flags, and takes everything else for comment (manual,
"TextGrid file formats"); so does this reader, which thereby knows the line of each value.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.corpora import corpus_of
from babble_jax.conversation.labels import mark_of
from babble_jax.conversation.source import Row, Skip, Source, assemble, interval, short

NAME = "textgrid"
SIDES = 1

_HEAD = re.compile(r'\s*(?:File type\s*=\s*)?"ooTextFile(?: short)?"\s+(?:Object class\s*=\s*)?"TextGrid"')
_TOKEN = re.compile(r'"((?:[^"]|"")*)"|(?<!\S)([-+]?(?:\.?\d\S*|(?i:nan|inf)(?!\S)))|![^\n]*')


def sniff(head: str) -> bool:
    """Whether a file begins as a TextGrid in text form."""
    return _HEAD.match(head) is not None


def parse(source: Source) -> tuple[list[Conversation], list[Skip]]:
    """The one conversation of a file. Of a file that ends early nothing is taken."""
    values = _Values(source.text)
    rows, skipped = [], []
    try:
        for _ in ("ooTextFile", "TextGrid"):
            values.text()
        window = interval(values.number(), values.number())
        for _ in range(values.count()):
            kind, name = values.text(), values.text().strip()
            interval(values.number(), values.number())
            if kind not in ("IntervalTier", "TextTier"):
                raise ValueError(f"a tier of the class '{short(kind)}'")
            for _ in range(values.count()):
                start = values.number()
                end = values.number() if kind == "IntervalTier" else start
                line, mark = values.line, mark_of(values.text(), empty=None)
                if kind == "TextTier":
                    continue
                try:
                    if "\ufffd" in name:
                        raise ValueError("the tier's name holds bytes that are not UTF-8")
                    rows.append(Row(Path(source.path).stem, name, *interval(start, end), mark))
                except ValueError as error:
                    skipped.append(Skip(source.path, line, str(error)))
    except ValueError as error:
        return [], [*skipped, Skip(source.path, values.line, str(error))]
    if not rows:
        return [], skipped or [Skip(source.path, None, "no interval tier")]
    corpus = corpus_of(rows[0].id, source.folders)
    return [assemble(rows, corpus, "utterance", window=window)], skipped


class _Values:
    """The values of a file, one after another, and the line of the last one."""

    def __init__(self, text: str):
        self._found: Iterator[re.Match] = _TOKEN.finditer(text)
        self._source, self._at = text, 0
        self.line = 1

    def text(self) -> str:
        """The next value, a quoted string."""
        found = self._next()
        if found[1] is None:
            raise ValueError(f"'{short(found[0])}' where there should be a quoted string")
        return found[1].replace('""', '"')

    def number(self) -> str:
        """The next value, a number, as it is written."""
        found = self._next()
        if found[1] is not None:
            raise ValueError(f"'{short(found[0])}' where there should be a number")
        return found[2]

    def count(self) -> int:
        """The next value, a number of things."""
        written = self.number()
        if not written.isdecimal() or len(written) > 9:
            raise ValueError(f"'{short(written)}' where there should be a count")
        return int(written)

    def _next(self) -> re.Match:
        for found in self._found:
            self.line += self._source.count("\n", self._at, found.start())
            self._at = found.start()
            if found[1] is not None or found[2] is not None:
                return found
        raise ValueError("the file ends early")
