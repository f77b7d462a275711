"""Results: the JSON files of `experiments/results`, with the command and the commit of each."""

import dataclasses
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.report.catalogue import CATALOGUE, RESULTS, Entry

LEVELS = {"ipu": "between IPUs", "turn": "between turns"}
"""Levels of floor-transfer offsets, and what the pages call them."""


class ReportError(Exception):
    """A result that is missing, unreadable or on no page."""


@dataclasses.dataclass(frozen=True, eq=False)
class Result:
    """One JSON file.

    Attributes:
      name: of the file, without its ending.
      values: the parsed JSON object.
      entry: its line of the catalogue.
    """

    name: str
    values: dict[str, Any]
    entry: Entry

    @property
    def commit(self) -> str:
        """The commit that the file names, twelve digits of it, as code; or that of the file, where it names none."""
        commit = self.values.get("commit")
        if not commit:
            file_commit = self.values.get("file_commit")
            return f"not recorded (file of `{file_commit[:12]}`)" if file_commit else "not recorded"
        number, dirty, _ = str(commit).partition("-dirty")
        return f"`{number[:12]}{dirty}`"

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Rows of a benchmark; one that timed a single size is a row itself."""
        return self.values.get("rows", [self.values])


Results = Mapping[str, Result]


def read(folder: Path = RESULTS) -> dict[str, Result]:
    """All results of a folder, in the order of the catalogue.

    Raises:
      ReportError: a file of the catalogue is missing or is no JSON, or another file is not in the catalogue.
    """
    strangers = sorted({path.stem for path in folder.glob("*.json")} - set(CATALOGUE))
    if strangers:
        raise ReportError(
            f"{os.path.relpath(folder / strangers[0])}.json is on no page; add it to "
            "experiments/report/catalogue.py."
        )
    return {name: Result(name, _parsed(folder, name), entry) for name, entry in CATALOGUE.items()}


def _parsed(folder: Path, name: str) -> dict[str, Any]:
    path = folder / f"{name}.json"
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ReportError(
            f"{os.path.relpath(path)} is missing; make it with `{CATALOGUE[name].command}`."
        ) from None
    except ValueError as error:
        raise ReportError(f"{os.path.relpath(path)} is no JSON file ({error}).") from None
