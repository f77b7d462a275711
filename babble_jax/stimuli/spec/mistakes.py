"""Mistakes in a specification: all of them in one report, each with its line, its key and a remedy."""

import dataclasses
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from babble_jax.errors import BabbleError
from babble_jax.printable import escape_unprintable
from babble_jax.stimuli.spec.short_forms import original_key

KeyPath = tuple[str | int, ...]
"""Names of keys from the top of the file, and places in lists, from 0."""

MOST_SHOWN = 20

_PART = re.compile(r"\"[^\"]*\"|'[^']*'|[\w-]+")  # of a dotted key
_TABLE = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(rf"\s*((?:{_PART.pattern})(?:\s*\.\s*(?:{_PART.pattern}))*)\s*=")


@dataclasses.dataclass(frozen=True)
class SpecFile:
    """The file of a specification, and its text."""

    path: Path
    text: str


@dataclasses.dataclass(frozen=True)
class Mistake:
    """One thing that is wrong.

    Attributes:
      path: of the key.
      reason: what is wrong with it and the remedy: the sentence that begins with the key, without its full stop.
    """

    path: KeyPath
    reason: str

    def describe(self, text: str) -> tuple[int | None, str]:
        """Returns its line in the text of the file, None where it has none, and its sentence."""
        path = tuple(original_key(part) if isinstance(part, str) else part for part in self.path)
        return find_line(text, path), f"{format_key(path)} {self.reason}."


class SpecError(BabbleError):
    """Reports all mistakes in a specification: one in a sentence, several in a line each.

    Args:
      file: of the specification.
      mistakes: one or more.
    """

    def __init__(self, file: SpecFile, mistakes: Iterable[Mistake]):
        described = sorted(
            {mistake.describe(file.text) for mistake in mistakes},
            key=lambda one: (
                one[0] is None,
                one[0] or 0,
                one[1],
            ),  # what has no line often follows from the others
        )
        lines = [f"line {line}: {text}" if line else text for line, text in described]
        if len(lines) == 1:
            super().__init__(f"{file.path}{', ' if described[0][0] else ': '}{lines[0]}")
            return
        super().__init__(f"{file.path}: has {len(lines)} mistakes.")
        shown = [f"  {escape_unprintable(line)}" for line in lines[:MOST_SHOWN]]
        more = [f"  and {len(lines) - MOST_SHOWN} more"] if len(lines) > MOST_SHOWN else []
        self.args = ("\n".join([str(self.args[0]), *shown, *more]),)


def format_key(path: KeyPath) -> str:
    """Formats a path of keys: `factors.gap.short`, `script[2].seconds`, the place counted from 1."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def find_line(text: str, path: KeyPath) -> int | None:
    """Finds the line of the longest beginning of `path` that stands as a key or a table's name."""
    table: KeyPath = ()
    tables: dict[KeyPath, int] = {}
    match: tuple[int, int] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if header := _TABLE.match(line):
            here = table = split_key(header[2])
            if header[1] == "[[":
                tables[table] = tables.get(table, -1) + 1
                here = table = (*table, tables[table])
        elif key := _KEY.match(line):
            here = (*table, *split_key(key[1]))
        else:
            continue
        if here == path[: len(here)] and (match is None or len(here) > match[0]):
            match = (len(here), number)
    if match is None and path and isinstance(path[-1], int):
        return find_line(text, path[:-1])
    return None if match is None else match[1]


def split_key(dotted: str) -> tuple[str, ...]:
    """Splits a dotted key of TOML into its parts, without quotation marks."""
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def touches(path: KeyPath, others: Sequence[KeyPath]) -> bool:
    """Returns whether a key lies within one of others, or one of them within it."""
    path, *rest = (
        tuple(original_key(part) for part in one if isinstance(part, str)) for one in (path, *others)
    )
    return any(path[: len(other)] == other or other[: len(path)] == path for other in rest)
