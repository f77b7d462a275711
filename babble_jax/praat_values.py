"""Reads the values of a Praat text file one after another, and knows the line of each.

Praat reads free-standing numbers, quoted strings and flags, and takes everything else for comment (manual,
"TextGrid file formats"); so does this reader, for the long and the short form alike.
"""

import re
from collections.abc import Iterator

_TOKEN = re.compile(r'"((?:[^"]|"")*)"|(?<!\S)([-+]?(?:\.?\d\S*|(?i:nan|inf)(?!\S)))|![^\n]*')
_MOST_QUOTED = 40  # characters


class PraatValues:
    """The values of a file, one after another.

    Args:
      text: of the file.

    Attributes:
      line: of the last value, from 1 on.
    """

    def __init__(self, text: str):
        self._tokens: Iterator[re.Match] = _TOKEN.finditer(text)
        self._source, self._at = text, 0
        self.line = 1

    def text(self) -> str:
        """Returns the next value, a quoted string; raises `ValueError` where it is none."""
        token = self._next()
        if token[1] is None:
            raise ValueError(f"'{_quote(token[0])}' where there should be a quoted string")
        return token[1].replace('""', '"')

    def number(self) -> str:
        """Returns the next value, a number, as it is written; raises `ValueError` where it is none."""
        token = self._next()
        if token[1] is not None:
            raise ValueError(f"'{_quote(token[0])}' where there should be a number")
        return token[2]

    def count(self) -> int:
        """Returns the next value, a number of things; raises `ValueError` where it is none."""
        digits = self.number()
        if not digits.isdecimal() or len(digits) > 9:
            raise ValueError(f"'{_quote(digits)}' where there should be a count")
        return int(digits)

    def _next(self) -> re.Match:
        for token in self._tokens:
            self.line += self._source.count("\n", self._at, token.start())
            self._at = token.start()
            if token[1] is not None or token[2] is not None:
                return token
        raise ValueError("the file ends early")


def _quote(text: str) -> str:
    text = text[:_MOST_QUOTED]
    return text if text.isprintable() else repr(text)[1 : _MOST_QUOTED + 1]
