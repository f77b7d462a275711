"""Reads lines of fields between commas, semicolons, tabs, bars or blanks, with the quotes of CSV (RFC 4180).

A field in quotes may hold line breaks. A quote that is not closed costs the line that it stands in, not the rest of the
file: lines are joined only where that gives a row of the right number of fields. Between blanks the last field is the
rest of the line; R's `write.table` begins a row by its number in quotes, which the header does not name.
"""

import csv
import re
from collections.abc import Iterator

DELIMITERS = (",", ";", "\t", "|")
BLANKS = " "
"""Delimiter of fields between any number of blanks and tabs."""
_MOST_LINES = 50
"""Lines of one row at most."""
_NO_ROW = re.compile(r'\s*$|"?#|sep=.$')
"""Lines that hold no row: blank ones, comments, ELAN's `"#file:` and Excel's `sep=;`."""


def first_line(text: str) -> str:
    """Returns the first line that is neither blank nor a comment."""
    position = 0
    while position < len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        line = text[position:end]
        if not _NO_ROW.match(line):
            return line
        position = end + 1
    return ""


def split_line(line: str, delimiter: str) -> list[str]:
    """Splits a row into its fields, without the blanks around them.

    Args:
      line: of the row.
      delimiter: between the fields.

    Raises:
      ValueError: its quotes are broken.
    """
    if '"' not in line:
        return line.split() if delimiter == BLANKS else [field.strip() for field in line.split(delimiter)]
    if delimiter == BLANKS:
        line = " ".join(line.split())
    try:
        return [field.strip() for field in next(csv.reader([line], delimiter=delimiter, strict=True))]
    except csv.Error as error:
        raise ValueError(f"the quotes or fields of the line are broken ({error})") from None


def read_rows(text: str, delimiter: str, count: int) -> Iterator[tuple[int, list[str] | ValueError]]:
    """Yields (number of its line, fields) of each row, or the reason why the line is broken.

    Args:
      text: of the file.
      delimiter: between the fields.
      count: number of fields of a row; empty ones after them are left out.
    """
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if _NO_ROW.match(line):
            continue
        row = _split(line, delimiter, count)
        if isinstance(row, ValueError) and line.count('"') % 2:
            last = _close_quote(lines, number)
            if last is not None:
                joined = _split("\n".join(lines[number - 1 : last + 1]), delimiter, count)
                if not isinstance(joined, ValueError):
                    yield number, joined
                    number = last + 1
                    continue
        if isinstance(row, ValueError) and delimiter in "\t|" and line.count(delimiter) == count - 1:
            row = [field.strip() for field in line.split(delimiter)]  # quotes that are part of the text
        yield number, row


def _close_quote(lines: list[str], number: int) -> int | None:
    """Returns the index of the next line with an odd number of quotes, at or after `number`; None if it is far away."""
    for index in range(number, min(number + _MOST_LINES, len(lines))):
        if lines[index].count('"') % 2:
            return index
    return None


def _split(line: str, delimiter: str, count: int) -> list[str] | ValueError:
    if "\ufffd" in line:
        return ValueError("the line holds bytes that are not UTF-8")
    try:
        fields = split_line(line, delimiter)
    except ValueError as error:
        return error
    if delimiter == BLANKS and len(fields) > count:
        fields = fields[1:] if line.lstrip().startswith('"') else line.split(None, count - 1)
    if len(fields) != count and not (len(fields) > count and not any(fields[count:])):
        return ValueError(f"{len(fields)} fields where the first line names {count}")
    return fields[:count]
