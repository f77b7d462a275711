"""XML files, element by element, with the line of each.

XML attacks its readers by declarations in the file: entities and attributes of which a kilobyte unfolds to
gigabytes. Annotation needs none, so that a file which declares anything is refused; and nothing outside of a file is
ever opened, whatever it names.
"""

import xml.parsers.expat
from collections.abc import Callable
from typing import NoReturn

from babble_jax.conversation.source import Skip, Source


class _RefusalError(Exception):
    """Ends the parsing, for the reason it holds."""


class Markup:
    """Receives the elements of a file.

    A subclass gives `start`, and `end` and `text` where it wants them. A `ValueError` that `start` or `end` raises
    says in a few words what is wrong with the element: it becomes a `Skip`, and parsing goes on.
    """

    def __init__(self, source: Source):
        self.source = source
        self.skipped: list[Skip] = []
        self._parser = xml.parsers.expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._note_errors(self.start)
        self._parser.EndElementHandler = self._note_errors(self.end)
        self._parser.CharacterDataHandler = self.text
        self._parser.StartDoctypeDeclHandler = self._doctype

    def parse(self) -> bool:
        """Parses the whole file; returns False, with the reason in `skipped`, where it cannot be parsed."""
        try:
            self._parser.Parse(self.source.text, True)
        except xml.parsers.expat.ExpatError as error:
            reason = f"not well-formed XML ({xml.parsers.expat.ErrorString(error.code)})"
            self.skipped.append(Skip(self.source.path, error.lineno, reason))
        except _RefusalError as refusal:
            self.skip(str(refusal))
        else:
            return True
        return False

    @property
    def line(self) -> int:
        """The line of the present element."""
        return self._parser.CurrentLineNumber

    def skip(self, reason: str) -> None:
        """Notes that the present line is passed over."""
        self.skipped.append(Skip(self.source.path, self.line, reason))

    def refuse(self, reason: str) -> NoReturn:
        """Ends the parsing: nothing of this file can be used."""
        raise _RefusalError(reason)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Receives the beginning of an element."""

    def end(self, name: str) -> None:
        """Receives the end of an element."""

    def text(self, characters: str) -> None:
        """Receives a stretch of the text between elements."""

    def _note_errors(self, receiver: Callable[..., None]) -> Callable[..., None]:
        """Makes of a receiver of elements one that notes what it raises."""

        def receive(*arguments: object) -> None:
            try:
                receiver(*arguments)
            except ValueError as error:
                self.skip(str(error))

        return receive

    def _doctype(self, name: str, system: str | None, public: str | None, declares: bool) -> None:
        if declares:
            self.refuse("declares entities or attributes of its own, which no annotation needs")
