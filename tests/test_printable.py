"""What a terminal should not take as it is, is escaped."""

import pytest

from babble_jax.errors import BabbleError, StoppedError
from babble_jax.printable import escape_unprintable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain name", "plain name"),
        ("İstanbul 日本\u3000語", "İstanbul 日本\u3000語"),
        ("a\nb\tc\r", r"a\nb\tc\r"),
        ("\x1b[2Jred", r"\x1b[2Jred"),
        ("\u202eabc", r"\u202eabc"),
        ("\udce9.wav", r"\udce9.wav"),
        ("a\u2028b", r"a\u2028b"),
    ],
)
def test_unprintable_characters_are_escaped(text, shown):
    assert escape_unprintable(text) == shown
    assert escape_unprintable(shown) == shown


def test_errors_are_one_printable_line_of_bounded_length():
    assert str(BabbleError("a\nb: is a folder; name a file.")) == r"a\nb: is a folder; name a file."
    assert str(StoppedError("stopped\n", 2)) == r"stopped\n"
    long = str(BabbleError(f"file: {'x' * 100_000} is no number; mend it."))
    assert len(long) < 2000
    assert long.startswith("file: x")
    assert long.endswith("is no number; mend it.")
