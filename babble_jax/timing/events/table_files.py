"""Writes the tables of events as a folder of CSV or Parquet files with a README that describes each column."""

import csv
import dataclasses
import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, get_args

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
    tables: dict[str, Table],
    out: str | os.PathLike,
    *,
    format: TableFormat = "csv",
    definitions: Definitions | None = None,
    monologues: Sequence[str] = (),
    overwrite: bool = False,
) -> None:
    """Writes a folder with a file for each table, a README and a manifest; all of it or nothing.

    Args:
      tables: of `events(..., tables="numpy")`.
      out: the folder, new or empty, or of earlier tables if `overwrite` says so.
      format: of the files.
      definitions: of the events, for the README; the standard ones by default.
      monologues: names of the recordings that are in no table, for the README.
      overwrite: replace earlier tables; other content is never replaced.

    Raises:
      BabbleError: `out` may not be written; or the package that writes the format is not installed.
    """
    require_format(format)
    definitions = definitions or Definitions()
    write = _write_csv if format == "csv" else _write_parquet
    with files.atomic_folder(out, KIND, overwrite) as folder:
        for name, table in tables.items():
            write(folder / f"{name}.{format}", table)
        files.write_text(folder / README, readme_text(tables, format, definitions, monologues))
        manifest = {
            "kind": KIND,
            "format": format,
            "definitions": dataclasses.asdict(definitions),
            "rows": {name: _row_count(table) for name, table in tables.items()},
            "sha256": {path.name: files.sha256(path) for path in sorted(folder.iterdir())},
        }
        files.write_json(folder / files.MANIFEST, manifest)


def readme_text(
    tables: dict[str, Table], format: TableFormat, definitions: Definitions, monologues: Sequence[str] = ()
) -> str:
    """Describes the tables of a folder: files, definitions and columns.

    Args:
      tables: of `events(..., tables="numpy")`.
      format: of the files.
      definitions: of the events.
      monologues: names of the recordings that are in no table.
    """
    rows = {name: plural(_row_count(table), "row") for name, table in tables.items()}
    rows["ftos"] = describe_levels(tables["ftos"])
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
    return "\n\n".join([*parts, columns_text("from_text" in tables["ftos"])])


def describe_levels(ftos: Table) -> str:
    """Counts the rows of the table `ftos` at each level, of which a reader has to select one."""
    ipu, turn = (int(np.count_nonzero(ftos["level"] == level)) for level in get_args(FtoLevel))
    return f"{plural(ipu, 'row')} at level ipu, {turn} at level turn; select one by the column level"


def _row_count(table: Table) -> int:
    return len(next(iter(table.values())))


def _write_csv(path: Path, table: Table) -> None:
    # Half a surrogate pair, which a damaged name may hold, is not UTF-8.
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(table)
        writer.writerows(zip(*map(_csv_fields, table.values()), strict=True))


def _csv_fields(column: np.ndarray) -> list[Any]:
    """Returns the values of a column, [R], as `csv` writes them exactly."""
    if column.dtype == bool:
        return np.where(column, "TRUE", "FALSE").tolist()
    values = column.tolist()
    if column.dtype == np.float64:
        for row in np.flatnonzero(np.isnan(column)):
            values[row] = ""
    return values


def _write_parquet(path: Path, table: Table) -> None:
    import pyarrow
    import pyarrow.parquet

    columns = {name: _arrow_column(column) for name, column in table.items()}
    pyarrow.parquet.write_table(pyarrow.table(columns), path)


def _arrow_column(column: np.ndarray) -> Any:
    import pyarrow

    if column.dtype == object:
        texts = [text.encode("utf-8", "backslashreplace").decode("utf-8") for text in column]
        return pyarrow.array(texts, pyarrow.string())
    return pyarrow.array(column, from_pandas=True)  # NaN is a missing value
