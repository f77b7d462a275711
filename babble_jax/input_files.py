"""Reads files that a user names: regular files of bounded size, as bytes, text or JSON.

JSON from anywhere may be deep, long or full of digits, so that a parser runs out of stack, memory or time. Here it is
bounded before it is parsed, and every fault is one sentence that names the file and the line.
"""

import json
import math
import os
import re
import stat
from pathlib import Path
from typing import Any

from babble_jax.errors import BabbleError

MAX_BYTES = 256 * 1024**2
"""Largest file of text or JSON that is read, unless a caller allows more."""
MAX_DEPTH = 64
"""Deepest nesting of JSON."""
_MAX_DIGITS = 400  # of a number in JSON: the largest finite float has 309

_REMEDY = "mend or replace the file"
_CHUNK = 1024**2  # bytes
# Possessive: a string of megabytes takes neither stack nor memory.
_TOKENS = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]|[-+.0-9eE]{401,}', re.DOTALL)


def is_file(path: str | os.PathLike) -> bool:
    """Returns whether there is a file at a path, a device or a FIFO too; a name that no file can have has none."""
    try:
        return not stat.S_ISDIR(Path(path).stat().st_mode)
    except (OSError, ValueError):
        return False


def is_folder(path: str | os.PathLike) -> bool:
    """Returns whether there is a folder at a path; a name that no folder can have has none."""
    try:
        return stat.S_ISDIR(Path(path).stat().st_mode)
    except (OSError, ValueError):
        return False


def read_bytes(path: str | os.PathLike, max_bytes: int = MAX_BYTES) -> bytes:
    """Reads a file.

    Args:
      path: of a regular file, or of a link to one.
      max_bytes: largest size.

    Raises:
      BabbleError: there is no such file, it is none (a folder, a device, a FIFO), is larger, or cannot be read.
    """
    path = Path(path)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise BabbleError(f"{path}: is a folder; name a file.")
        if not stat.S_ISREG(status.st_mode):
            raise BabbleError(f"{path}: is no regular file; copy what it gives into one.")
        content = bytearray()
        with path.open("rb") as stream:
            while len(content) <= max_bytes and (chunk := stream.read(_CHUNK)):
                content += chunk
    except (FileNotFoundError, ValueError):  # ValueError: a name with a NUL
        raise BabbleError(f"{path}: there is no such file; check the path.") from None
    except OSError as error:
        raise BabbleError(
            f"{path}: cannot be read ({error.strerror}); check the path and its rights."
        ) from error
    if len(content) > max_bytes:
        raise BabbleError(
            f"{path}: is larger than {max_bytes / 1e6:.0f} MB; check whether it is the right file."
        )
    return bytes(content)


def read_text(path: str | os.PathLike, max_bytes: int = MAX_BYTES) -> str:
    """Reads a file of UTF-8 text; line ends become newlines.

    Args:
      path: see `read_bytes`.
      max_bytes: see `read_bytes`.

    Raises:
      BabbleError: see `read_bytes`; or a line is not UTF-8.
    """
    content = read_bytes(path, max_bytes)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BabbleError(f"{path}, line {line}: is not UTF-8; save the file as UTF-8.") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_json(path: str | os.PathLike, max_bytes: int = MAX_BYTES, remedy: str = _REMEDY) -> Any:
    """Reads a file of JSON.

    Args:
      path: see `read_bytes`.
      max_bytes: see `read_bytes`.
      remedy: of a file that is no JSON, the end of the sentence.

    Returns:
      The value; its numbers are finite.

    Raises:
      BabbleError: see `read_text`; or it is no JSON, nested too deeply, or holds a number that is too long.
    """
    return parse_json(read_text(path, max_bytes), str(path), remedy)


def parse_json(text: str, source: str, remedy: str = _REMEDY, finite: bool = True) -> Any:
    """Parses JSON as `read_json` does.

    Args:
      text: the JSON.
      source: name of the file in messages.
      remedy: of what is no JSON, the end of the sentence.
      finite: whether NaN and Infinity, which Python writes for numbers though JSON has none, are refused.

    Raises:
      BabbleError: it is no JSON, nested too deeply, or holds a number that is too long or not finite.
    """
    _check_bounds(text, source, remedy)
    constant = _refuse_constant if finite else float
    try:
        return json.loads(text, parse_constant=constant, parse_float=_parse_float, parse_int=_parse_int)
    except json.JSONDecodeError as error:
        raise BabbleError(f"{source}, line {error.lineno}: is no JSON ({error.msg}); {remedy}.") from None
    except ValueError as error:
        raise BabbleError(f"{source}: {error}; {remedy}.") from None


def _check_bounds(text: str, source: str, remedy: str) -> None:
    """Raises `BabbleError` where brackets outside of strings are nested too deeply, or a number is too long."""
    depth = 0
    for token in _TOKENS.finditer(text):
        first = token[0][0]
        if first in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                line = text.count("\n", 0, token.start()) + 1
                raise BabbleError(f"{source}, line {line}: is nested more than {MAX_DEPTH} deep; {remedy}.")
        elif first in "]}":
            depth -= 1
        elif first != '"':
            line = text.count("\n", 0, token.start()) + 1
            raise BabbleError(
                f"{source}, line {line}: holds a number of more than {_MAX_DIGITS} digits; {remedy}."
            )


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"holds {name}, which is no number of JSON")


def _parse_float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"holds the number {digits[:20]}, which is too large")
    return value


def _parse_int(digits: str) -> int:
    _parse_float(digits)  # what no float holds
    return int(digits)
