"""Opens a file of annotation: its encoding, and the format that its content shows."""

import codecs
from types import ModuleType

from babble_jax.conversation.formats import channels, chat, elan, mdtm, ms98, nxt, rttm, table, textgrid
from babble_jax.conversation.layout.layout import NO_OPTIONS, Layout

# Each module has NAME, sniff(head) and parse(source). No two of them take the same file for theirs. `channels` opens
# the file by its path, the others are given its text.
FORMATS: dict[str, ModuleType] = {
    module.NAME: module for module in (ms98, rttm, mdtm, nxt, textgrid, elan, chat, table, channels)
}  # fmt: skip

HEAD = 65536
"""Bytes of a file that show its format."""
_MARKED = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", codecs.BOM_UTF8: "utf-8-sig"}


def detect_encoding(data: bytes) -> str:
    """Detects the encoding of a text.

    By its mark; UTF-16 without one by the zero bytes of its ASCII characters; else UTF-8; or where it is not, cp1252,
    which holds all letters of Latin-1, unless the file holds more characters of UTF-8 than broken bytes.

    Args:
      data: of the complete file.

    Returns:
      A name that Python knows.
    """
    for mark, encoding in _MARKED.items():
        if data.startswith(mark):
            return encoding
    head = data[:HEAD]
    for first, encoding in ((0, "utf-16-be"), (1, "utf-16-le")):
        zeros, others = head[first::2].count(0), head[1 - first :: 2].count(0)
        if len(head) >= 4 and zeros > 0.6 * len(head[first::2]) and others < 0.1 * len(head):
            return encoding
    try:
        data.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    if sum(not one.isascii() for one in text) > 2 * broken:
        return "utf-8"
    try:
        data.decode("cp1252")
    except UnicodeDecodeError:
        return "utf-8"
    return "cp1252"


def decode(data: bytes, encoding: str) -> str:
    """Decodes text, its lines ended by newlines whatever ended them; what is in no encoding is U+FFFD.

    Args:
      data: of the file.
      encoding: of it.
    """
    return data.decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n")


def detect_format(head: str, only: str | None, layout: Layout = NO_OPTIONS) -> str | None:
    """Returns the name of the format that a file's head shows; None where it is none.

    Args:
      head: first characters of the file.
      only: the one format that is looked for; None for all.
      layout: with the columns of a table that the user names.
    """
    for name, module in FORMATS.items():
        if only in (None, name):
            if table.sniff(head, layout) if module is table else module.sniff(head):
                return name
    return None
