"""Messages that several verbs share."""

import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from babble_jax.errors import BabbleError
from babble_jax.printable import escape_unprintable


@contextlib.contextmanager
def as_user_error() -> Iterator[None]:
    """Turns a `ValueError`, which a config raises for options that contradict each other, into a `BabbleError`."""
    try:
        yield
    except ValueError as error:
        raise BabbleError(f"{error}.") from error


def print_json(values: Any) -> None:
    """Prints one JSON object on standard output; its text is escaped where the output's encoding lacks a character."""
    text = json.dumps(values, ensure_ascii=False, allow_nan=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(values, allow_nan=False)
    print(text)


def print_line(text: object, stream: TextIO | None = None) -> None:
    """Prints one line, in which what is not printable, in the name of a file say, is escaped.

    Args:
      text: without a line end.
      stream: standard output where None.
    """
    print(escape_unprintable(text), file=stream)


def report_reading(reading: Any, quiet: bool = False) -> None:
    """Prints on standard error how annotation was understood, and what was skipped.

    Args:
      reading: a `Reading`.
      quiet: whether only what was skipped, and what is implausible, is printed.
    """
    from babble_jax.conversation.reading_text import format_reading

    lines = format_reading(reading).split("\n")
    for line in [line for line in lines if line.startswith("warning:")] if quiet else lines:
        print_line(line, sys.stderr)
    report_skipped(reading.skipped)


def report_skipped(skipped: Sequence[Any], shown: int = 10) -> None:
    """Lists on standard error the files and lines that a reader skipped.

    Args:
      skipped: `Skip`s of a reading.
      shown: how many are listed; the others are counted.
    """
    for skip in skipped[:shown]:
        line = "" if skip.line is None else f", line {skip.line}"
        print_line(f"skipped: {skip.file}{line}: {skip.reason}", sys.stderr)
    if len(skipped) > shown:
        print(f"skipped: {len(skipped) - shown} more; `babble events --json` lists them all", file=sys.stderr)
