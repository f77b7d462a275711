"""Writes the tables of events as a folder of CSV or Parquet files with a README that describes each column."""

import contextlib
import csv
import dataclasses
import importlib.util
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, cast, get_args

import numpy as np

from babble_jax import files
from babble_jax.conversation.reading import EVENT_TABLES
from babble_jax.errors import BabbleError
from babble_jax.plural import plural
from babble_jax.printable import escape_unprintable
from babble_jax.timing.events.columns import WORDS, columns_text
from babble_jax.timing.events.ipu import DECIMALS, Definitions
from babble_jax.timing.events.tables import Table
from babble_jax.timing.events.transfers import FtoLevel

TableFormat = Literal["csv", "parquet"]

KIND = EVENT_TABLES
README = "README"

_READ = {
    "csv": "The files are CSV: UTF-8, a comma between fields, a point in numbers, an empty field for a missing value, "
    'TRUE and FALSE.\nIn R: `read.csv("ftos.csv")`. In pandas: `pandas.read_csv("ftos.csv")`.',
    "parquet": "The files are Parquet; a missing value is null.\n"
    'In R: `arrow::read_parquet("ftos.parquet")`. In pandas: `pandas.read_parquet("ftos.parquet")`.',
}


def require_format(format: TableFormat) -> None:
    """Checks before long work that tables can be written in a format.

    Raises:
      BabbleError: the package that writes it is not installed.
    """
    if format == "parquet" and importlib.util.find_spec("pyarrow") is None:
        raise BabbleError(
            "Parquet files need the package pyarrow; install it with `pip install pyarrow` (extra: tables), or write "
            "CSV with --format-out csv."
        )


def write_tables(
    tables: dict[str, Table] | Iterable[dict[str, Table]],
    out: str | os.PathLike,
    *,
    format: TableFormat = "csv",
    definitions: Definitions | None = None,
    monologues: Sequence[str] = (),
    overwrite: bool = False,
) -> str:
    """Writes a folder with a file for each table, a README and a manifest; all of it or nothing.

    Args:
      tables: of `events(..., tables="numpy")`; or batches of them, one of which is in memory at a time.
      out: the folder, new or empty, or of earlier tables if `overwrite` says so.
      format: of the files.
      definitions: of the events, for the README; the standard ones by default.
      monologues: names of the recordings that are in no table, for the README.
      overwrite: replace earlier tables; other content is never replaced.

    Returns:
      How many rows the table of FTOs has at each level, in words.

    Raises:
      BabbleError: `out` may not be written; or the package that writes the format is not installed.
    """
    require_format(format)
    definitions = definitions or Definitions()
    batches = cast("Iterable[dict[str, Table]]", [tables] if isinstance(tables, dict) else tables)
    rows: Counter[str] = Counter()
    levels: Counter[str] = Counter()
    with files.atomic_folder(out, KIND, overwrite) as folder:
        with contextlib.ExitStack() as stack:
            writers: dict[str, Callable[[Table], None]] = {}
            has_text = False
            for batch in batches:
                for name, table in batch.items():
                    if name not in writers:
                        path = folder / f"{name}.{format}"
                        writers[name] = stack.enter_context(_OPEN[format](path, table))
                    writers[name](table)
                    rows[name] += _row_count(table)
                has_text = "from_text" in batch["ftos"]
                for fto_level in get_args(FtoLevel):
                    levels[fto_level] += int(np.count_nonzero(batch["ftos"]["level"] == fto_level))
        of_levels = f"{plural(levels['ipu'], 'row')} at level ipu, {levels['turn']} at level turn"
        of_levels += "; select one by the column level"
        readme = _readme_text(rows, of_levels, has_text, format, definitions, monologues)
        files.write_text(folder / README, readme)
        manifest = {
            "kind": KIND,
            "format": format,
            "definitions": dataclasses.asdict(definitions),
            "rows": dict(rows),
            "sha256": {path.name: files.sha256(path) for path in sorted(folder.iterdir())},
        }
        files.write_json(folder / files.MANIFEST, manifest)
    return of_levels


def _readme_text(
    counts: Mapping[str, int],
    of_levels: str,
    has_text: bool,
    format: TableFormat,
    definitions: Definitions,
    monologues: Sequence[str],
) -> str:
    """Describes the tables of a folder: files, definitions and columns.

    Args:
      counts: of the rows of each table.
      of_levels: says how many rows of the table of FTOs are at each level.
      has_text: whether there are columns of words.
      format: of the files.
      definitions: of the events.
      monologues: names of the recordings that are in no table.
    """
    rows = {name: plural(count, "row") for name, count in counts.items()} | {"ftos": of_levels}
    values = [f"- {name}: {value}" for name, value in dataclasses.asdict(definitions).items()]
    parts = [
        "# Events of conversations",
        "\n".join(f"- `{name}.{format}`: {count}" for name, count in rows.items()),
        f"{_READ[format]}\nNumbers are rounded to {DECIMALS} decimals: times to the nanosecond. Times count from the "
        "start of the recording. `conversation` joins the tables.",
        WORDS,
        "Parameters of the definitions, in seconds:",
        "\n".join(values),
    ]
    if monologues:
        names = ", ".join(map(escape_unprintable, monologues))
        parts.append(f"Recordings in which fewer than two people are heard are in no table: {names}.")
    return "\n\n".join([*parts, columns_text(has_text)])


def _row_count(table: Table) -> int:
    return len(next(iter(table.values())))


@contextlib.contextmanager
def _open_csv(path: Path, table: Table) -> Iterator[Callable[[Table], None]]:
    """Opens a CSV file with the columns of a table; yields a function that appends rows."""
    # Half a surrogate pair, which a damaged name may hold, is not UTF-8.
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(table)
        yield lambda rows: writer.writerows(zip(*map(_csv_fields, rows.values()), strict=True))


def _csv_fields(column: np.ndarray) -> list[Any]:
    """Returns the values of a column, [R], as `csv` writes them exactly."""
    if column.dtype == bool:
        return np.where(column, "TRUE", "FALSE").tolist()
    values = column.tolist()
    if column.dtype == np.float64:
        for row in np.flatnonzero(np.isnan(column)):
            values[row] = ""
    return values


@contextlib.contextmanager
def _open_parquet(path: Path, table: Table) -> Iterator[Callable[[Table], None]]:
    """Opens a Parquet file with the columns of a table; yields a function that appends rows."""
    import pyarrow.parquet

    with pyarrow.parquet.ParquetWriter(path, _arrow_table(table).schema) as writer:
        yield lambda rows: writer.write_table(_arrow_table(rows))


def _arrow_table(table: Table) -> Any:
    import pyarrow

    return pyarrow.table({name: _arrow_column(column) for name, column in table.items()})


def _arrow_column(column: np.ndarray) -> Any:
    import pyarrow

    if column.dtype == object:
        texts = [text.encode("utf-8", "backslashreplace").decode("utf-8") for text in column]
        return pyarrow.array(texts, pyarrow.string())
    return pyarrow.array(column, from_pandas=True)  # NaN is a missing value


_OPEN = {"csv": _open_csv, "parquet": _open_parquet}
