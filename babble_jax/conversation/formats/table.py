"""Tables of segments, comma or tab between the columns: `conversation, speaker, start, end`, and `mark` if
wanted.

- The first line names the columns, in any order and case; columns of other names are passed over. Quoting is
  as in any CSV.
- `mark` is `speech` (also where it is empty or absent), `laughter` or `vocal_noise`.
- The window is the first start to the last end; the time resolution is estimated from the starts. A row counts as an
  utterance.
"""

import csv
import io
import os

from babble_jax import files
from babble_jax.conversation.annotation import Annotation
from babble_jax.conversation.conversation import Conversation, Mark
from babble_jax.conversation.segments import plain_names, sort_segments
from babble_jax.conversation.source import Row, Skip, Source, annotate, parse_interval, parse_lines, quote

NAME = "table"

_COLUMNS = ("conversation", "speaker", "start", "end")
_DELIMITERS = (",", "\t")
_MAX_HEADER = 60  # characters of a header that a message shows


def sniff(head: str) -> bool:
    """Returns whether the first line that is not blank names the columns."""
    return _header(head) is not None


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads every conversation of a table, whatever their number."""
    header = _header(source.text)
    if header is None:
        return [], [Skip(source.path, 1, describe_columns(source.text))]
    line, delimiter, names = header
    conversations, skipped = parse_lines(
        source, lambda text: None if text == line else _row(text, delimiter, names)
    )
    return [annotate(rows, source) for rows in conversations.values()], skipped


def describe_columns(text: str) -> str:
    """Says which columns a table must have, and which the first line of a text names, in part of a sentence."""
    line = _first_line(text)
    names = max((line.split(delimiter) for delimiter in _DELIMITERS), key=len)
    header = ", ".join(quote(name.strip()) for name in names)
    header = header if len(header) <= _MAX_HEADER else f"{header[:_MAX_HEADER]}..."
    return (
        f"the first line of a table must name the columns {', '.join(_COLUMNS)}, with commas or tabs between them, "
        f"and here it names {header}"
    )


def write_csv(path: str | os.PathLike, conversation: Conversation) -> None:
    """Writes a row per segment, in order of time, to the microsecond; the columns are those that a table must have."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_COLUMNS)
    (id,), speakers = plain_names([conversation.id]), plain_names(conversation.speakers)
    for index, onset, end in sort_segments(conversation):
        rows.writerow([id, speakers[index], f"{onset:.6f}", f"{end:.6f}"])
    files.write_text(path, text.getvalue())


def _header(text: str) -> tuple[str, str, list[str]] | None:
    """Returns the line that names the columns, the character between them, and the names."""
    line = _first_line(text)
    for delimiter in _DELIMITERS:
        try:
            names = [name.lower() for name in _fields(line, delimiter)]
        except ValueError:  # some other file, whose first line no table could have
            continue
        if all(names.count(name) == 1 for name in _COLUMNS):
            return line, delimiter, names
    return None


def _first_line(text: str) -> str:
    """Returns the first line that is not blank."""
    return next((line for line in text.split("\n") if line.strip()), "")


def _fields(line: str, delimiter: str) -> list[str]:
    try:
        return [field.strip() for field in next(csv.reader([line], delimiter=delimiter, strict=True))]
    except csv.Error as error:
        raise ValueError(f"the quotes or fields of the line are broken ({error})") from None


def _row(line: str, delimiter: str, names: list[str]) -> Row:
    fields = _fields(line, delimiter)
    if len(fields) != len(names):
        raise ValueError(f"{len(fields)} fields where the first line names {len(names)}")
    id, speaker, start, end = (fields[names.index(name)] for name in _COLUMNS)
    if not id or not speaker:
        raise ValueError(f"the {'speaker' if id else 'conversation'} is empty")
    mark = fields[names.index("mark")].upper() if "mark" in names else ""
    if mark and mark not in Mark.__members__:
        raise ValueError(f"the mark '{quote(mark.lower())}' is none of speech, laughter, vocal_noise")
    return Row(id, speaker, *parse_interval(start, end), Mark[mark] if mark else Mark.SPEECH)
