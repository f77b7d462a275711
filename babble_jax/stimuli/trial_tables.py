"""The lists of a set of stimuli as programs in a browser take them: tables as JSON values, with what is asked."""

import csv
import dataclasses
import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from babble_jax.errors import BabbleError
from babble_jax.input_files import is_file, read_text
from babble_jax.stimuli.spec.question import Question

_MOST_BYTES = 50_000_000


@dataclasses.dataclass(frozen=True)
class TrialTable:
    """One list of trials, as its CSV has it.

    Attributes:
      name: of the table, relative to the folder of the set.
      columns: their names.
      rows: the fields of each trial, as text.
      base: what to put in front of a `file` of the table to find it from the folder of the set.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    base: str

    @property
    def files(self) -> tuple[str, ...]:
        """The sound of each trial, relative to the folder of the set."""
        at = self.columns.index("file")
        return tuple(self.base + row[at] for row in self.rows)


def read_trial_table(folder: Path, name: str) -> TrialTable:
    """Reads the CSV of one list.

    Args:
      folder: of the set.
      name: of the table, relative to it.

    Raises:
      BabbleError: it has no column `file`, no trials, or names a file that is not there.
    """
    path = folder / name
    lines = list(csv.reader(io.StringIO(read_text(path, _MOST_BYTES).removeprefix("\ufeff"), newline="")))
    if not lines or "file" not in lines[0]:
        raise BabbleError(f"{path}, line 1: has no column file; begin with the names of the columns.")
    columns, rows = tuple(lines[0]), tuple(tuple(line) for line in lines[1:] if line)
    if not rows:
        raise BabbleError(f"{path}: has no trials; add a line for each.")
    for number, row in enumerate(rows, start=2):
        if len(row) != len(columns):
            raise BabbleError(f"{path}, row {number}: has {len(row)} fields, not {len(columns)}; mend it.")
    beside = path.parent.relative_to(folder).as_posix()
    table = TrialTable(name, columns, rows, "")
    if beside != "." and not all(is_file(folder / file) for file in table.files):
        table = dataclasses.replace(table, base=f"{beside}/")
    for file in table.files:
        if not is_file(folder / file):
            raise BabbleError(f"{path}: names {file}, which is not there; make the stimuli again.")
    return table


def describe_experiment(tables: Sequence[TrialTable], question: Question, seed: int) -> dict[str, Any]:
    """Describes lists and question as JSON values.

    Args:
      tables: the lists.
      question: asked after each sound.
      seed: of the order of each participant.

    Returns:
      The values, with an `id` that changes with any of them.
    """
    values = {
        "seed": seed,
        **{field.name: getattr(question, field.name) for field in dataclasses.fields(Question)},
        "keys": [{"key": key, "label": label} for key, label in question.keys.items()],
        "lists": [
            {
                "name": table.name,
                "base": table.base,
                "columns": list(table.columns),
                "rows": [*map(list, table.rows)],
            }
            for table in tables
        ],
    }
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    return {"id": digest[:12], **values}


def format_script(values: Any) -> str:
    """Formats JSON values so that they may stand in a script or in a page."""
    text = json.dumps(values, ensure_ascii=False, indent=1)
    for (
        character
    ) in "<\u2028\u2029":  # the beginning of a tag, and ends of lines that JSON allows within strings
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
