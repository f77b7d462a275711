"""The table of decisions: a row for each frame of 10 ms, with all that the decision was made from.

Axes: N rows.
"""

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax.errors import BabbleError
from babble_jax.input_files import read_text
from babble_jax.timing.floor.state import FRAME

NAME = "decisions.csv"
"""Of the file."""
LOG_HAZARDS = ("log_hazard_turn", "log_hazard_backchannel")
"""Columns of `PlayerFrame.log_hazard`."""
NEEDED = (
    *("frame", "time", "other_on", *LOG_HAZARDS, "at_risk", "uniform", "event", "on", "kind", "turn_over"),
    *("user_speech", "compute_ms"),
)
"""Columns that every table has."""
_LIMITS = {
    "frame": (0, 2**53), "time": (0, 1e7), "other_on": (0, 1), "p_backchannel": (0, 1), "p_pause": (0, 1),
    "at_risk": (0, 1), "uniform": (0, 1), "event": (0, 2), "on": (0, 1), "kind": (0, 2), "user_speech": (0, 1),
    "user_clipped": (0, 1), "compute_ms": (0, 1e9), "turn_over": (-1e6, 1e6),
    **dict.fromkeys(LOG_HAZARDS, (-math.inf, 1e3)),
}  # fmt: skip
_INTEGERS = ("frame", "at_risk", "event", "on", "kind", "user_clipped")
_MAX_BYTES = 2 * 1024**3  # of one session: 30 hours
_MAX_COLUMNS = 100


def column_names(frame: Any, user: Any) -> list[str]:
    """Lists the columns: those of a `PlayerFrame` under their names, those of a `UserFrame` with `user_` before them.

    Args:
      frame: a `PlayerFrame`.
      user: a `UserFrame`.
    """
    names = ["frame", "time"]
    for name, value in zip(frame._fields, frame, strict=True):
        if name == "log_hazard":
            names += LOG_HAZARDS
        elif name != "frame":
            names += [f"{name}_{i + 1}" for i in range(len(value))] if isinstance(value, tuple) else [name]
    return [*names, "turn_over", *(f"user_{name}" for name in user._fields), "compute_ms"]


def format_rows(hop: Any, turn_over: float, sample_rate: int) -> str:
    """Formats the rows of a hop; numbers read back to the bit.

    Args:
      hop: an `EngineHop`.
      turn_over: log-odds of the cue.
      sample_rate: Hz.
    """
    tail = [turn_over, *hop.user, round(hop.milliseconds, 3)]
    tail_text = ",".join(map(_format, tail))
    lines = []
    for half, frame in enumerate(hop.frames):
        own = []
        for name, value in zip(frame._fields, frame, strict=True):
            if name != "frame":
                own += map(_format, value) if isinstance(value, tuple) else [_format(value)]
        seconds = round(hop.sample / sample_rate + half * FRAME, 6)
        lines.append(f"{2 * hop.hop + half},{seconds},{','.join(own)},{tail_text}\n")
    return "".join(lines)


def _format(value: Any) -> str:
    if value is None:
        return "nan"
    if isinstance(value, bool | np.bool_):
        return "1" if value else "0"
    return str(value) if isinstance(value, int) else repr(float(value))


def read_table(path: str | os.PathLike, complete: bool) -> tuple[dict[str, np.ndarray], str | None]:
    """Reads a table of decisions.

    Args:
      path: of the file.
      complete: whether its session was closed; otherwise its last line may be cut off.

    Returns:
      The columns by name, [N] float64; and a note, the end of a sentence that begins with the file, or None.

    Raises:
      BabbleError: it is no such table, or a value is none of its column.
    """
    head, *lines = read_text(path, _MAX_BYTES).split("\n")
    note = None
    if lines and lines.pop() and complete:
        note = "its last line is cut off, and left out"
    names = head.split(",")
    missing = [name for name in NEEDED if name not in names]
    if missing or len(set(names)) < len(names) or len(names) > _MAX_COLUMNS:
        what = f"lacks the column {missing[0]}" if missing else "names a column twice, or too many"
        raise BabbleError(f"{path}, line 1: {what}; it is no table of decisions, or damaged.")
    values = _parse(path, lines, len(names))
    columns = dict(zip(names, values.T, strict=True))
    _check(path, columns)
    return columns, note


def _parse(path: str | os.PathLike, lines: Sequence[str], width: int) -> np.ndarray:
    """Parses lines of numbers to [N, width].

    Args:
      path: of the file, for the message.
      lines: from the second of the file on.
      width: columns of a line.
    """
    if not lines:
        return np.zeros((0, width))
    try:
        if any(not line for line in lines):  # numpy would pass over them
            raise ValueError("a line is empty")
        values = np.loadtxt(lines, delimiter=",", comments=None, ndmin=2, dtype=np.float64)
        if values.shape != (len(lines), width):
            raise ValueError("lines of another width")
        return values
    except (ValueError, UnicodeError):
        for number, line in enumerate(lines, start=2):
            fields = line.split(",")
            if len(fields) != width:
                raise BabbleError(
                    f"{path}, line {number}: has {len(fields)} fields where there should be {width}; it is damaged."
                ) from None
            for field in fields:
                if not _is_number(field):
                    shown = field if len(field) <= 40 else f"{field[:40]}..."
                    raise BabbleError(
                        f"{path}, line {number}: {shown!r} is no number; it is damaged."
                    ) from None
        raise BabbleError(f"{path}: holds what is no table of numbers; it is damaged.") from None


def _is_number(field: str) -> bool:
    try:
        float(field)
        return True
    except ValueError:
        return False


def _check(path: str | os.PathLike, columns: dict[str, np.ndarray]) -> None:
    """Raises `BabbleError` where a value cannot be that of its column."""
    for name, (low, high) in _LIMITS.items():
        if name not in columns:
            continue
        values = columns[name]
        wrong = ~((values >= low) & (values <= high))
        if name in _INTEGERS:
            wrong |= values != np.floor(np.where(wrong, 0, values))
        if wrong.any():
            row = int(np.argmax(wrong))
            raise BabbleError(f"{path}, line {row + 2}: {name} is {values[row]:g}; it is damaged.")
    wrong = np.diff(columns["frame"], prepend=-1.0) <= 0
    if wrong.any():
        row = int(np.argmax(wrong))
        raise BabbleError(f"{path}, line {row + 2}: its frame is out of order; it is damaged.")


def write_parquet(path: Path, source: Path) -> bool:
    """Writes a table of decisions as Parquet too, a part at a time; returns whether the package for it is there.

    Args:
      path: of the Parquet file.
      source: the table as CSV.

    Raises:
      BabbleError: it cannot be written.
    """
    import importlib.util

    if importlib.util.find_spec("pyarrow") is None:
        return False
    import pyarrow
    import pyarrow.csv
    import pyarrow.parquet

    from babble_jax import files

    with Path(source).open(encoding="utf-8") as stream:
        names = stream.readline().rstrip("\n").split(",")
    types = {name: pyarrow.int64() if name in _INTEGERS else pyarrow.float64() for name in names}
    options = pyarrow.csv.ConvertOptions(column_types=types)
    reading = pyarrow.csv.open_csv(source, convert_options=options)
    with (
        files.atomic_write(path) as temporary,
        reading as batches,
        pyarrow.parquet.ParquetWriter(temporary, batches.schema) as writer,
    ):
        for batch in batches:
            writer.write_batch(batch)
    return True
