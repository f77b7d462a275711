"""Shows names of files and people that hold what a terminal or a line of text should not take as it is."""

import unicodedata


def escape_unprintable(text: object) -> str:
    """Escapes line ends, control characters, marks of direction and halves of surrogate pairs as Python does."""
    text = str(text)
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() or unicodedata.category(one) == "Zs" else _escape(one) for one in text
    )


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")
