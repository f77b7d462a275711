"""Notes on standard error: what a reader did of its own accord, a line each."""

import sys

from babble_jax.printable import escape_unprintable


def print_note(text: str) -> None:
    """Prints a note, in which what is not printable is escaped."""
    print(f"note: {escape_unprintable(text)}", file=sys.stderr)
