"""Opens a file of annotation: its encoding, and the format that its content shows."""

import codecs
import contextlib
from types import ModuleType

from babble_jax.conversation.formats import (
    array_record,
    audacity,
    buckeye,
    channels,
    chat,
    ctm,
    elan,
    elan_export,
    kaldi,
    lab,
    mdtm,
    ms98,
    nxt,
    rttm,
    santa_barbara,
    seglst,
    srt,
    stm,
    table,
    textgrid,
    transcriber,
    transcript_json,
    uem,
    webvtt,
    whisper_tsv,
)
from babble_jax.conversation.layout.layout import NO_OPTIONS, Layout

# Each module has NAME, sniff(head) and parse(source). No two of them take the same file for theirs. `channels` opens
# the file by its path, the others are given its text.
FORMATS: dict[str, ModuleType] = {
    module.NAME: module for module in (
        ms98, rttm, mdtm, nxt, textgrid, elan, chat, srt, webvtt, whisper_tsv, seglst, transcript_json, elan_export,
        transcriber, buckeye, stm, ctm, uem, kaldi, santa_barbara, audacity, lab, table, channels,
    )
}  # fmt: skip

FORMAT_NAMES = (*FORMATS, array_record.NAME)
"""Formats that are read; array_record is no text, and is told by its first bytes."""

HEAD = 65536
"""Bytes of a file that show its format."""
_MARKED = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", codecs.BOM_UTF8: "utf-8-sig"}


def decode(data: bytes) -> tuple[str, str]:
    """Decodes text, its lines ended by newlines whatever ended them.

    The encoding is told by its mark; UTF-16 without one by the zero bytes of its ASCII characters; else it is UTF-8; or
    where it is not, cp1252, which holds all letters of Latin-1, unless the file holds more characters of UTF-8 than
    broken bytes. A byte that is in no encoding is U+FFFD.

    Args:
      data: of the file.

    Returns:
      The text, and Python's name of the encoding.
    """
    encoding = _marked_encoding(data)
    try:
        text = data.decode(encoding or "utf-8")
    except UnicodeDecodeError:
        text = data.decode(encoding or "utf-8", errors="replace")
        if encoding is None and sum(not one.isascii() for one in text) <= 2 * text.count("\ufffd"):
            with contextlib.suppress(UnicodeDecodeError):
                text, encoding = data.decode("cp1252"), "cp1252"
    return text.replace("\r\n", "\n").replace("\r", "\n"), encoding or "utf-8"


def _marked_encoding(data: bytes) -> str | None:
    """Detects an encoding by its mark, or UTF-16 by its zero bytes; None for another one."""
    for mark, encoding in _MARKED.items():
        if data.startswith(mark):
            return encoding
    head = data[:HEAD]
    if len(head) < 4 or b"\0" not in head:
        return None
    for first, encoding in ((0, "utf-16-be"), (1, "utf-16-le")):
        zeros, others = head[first::2].count(0), head[1 - first :: 2].count(0)
        if zeros > 0.6 * len(head[first::2]) and others < 0.1 * len(head):
            return encoding
    return None


def detect_format(head: str, only: str | None, layout: Layout = NO_OPTIONS) -> str | None:
    """Returns the name of the format that a file's head shows; None where it is none.

    Args:
      head: first characters of the file.
      only: the one format that is looked for; None for all.
      layout: with the columns of a table that the user names.
    """
    for name, module in FORMATS.items():
        if only not in (None, name):
            continue
        if table.sniff(head, layout) if module is table else module.sniff(head):
            return name
    return None
