"""Results: JSON files that name the commit, the date and the machine of the code which made them."""

import json
import os
from collections.abc import Sequence
from typing import Any

from babble_jax import files
from babble_jax.launch.provenance import provenance


def write_results(path: str | os.PathLike, values: dict[str, Any]) -> dict[str, Any]:
    """Writes the values of a benchmark as JSON, with the keys `commit` (where there is one), `date` and `machine`.

    Args:
      path: of the JSON file.
      values: plain JSON values.

    Returns:
      What was written.

    Raises:
      BabbleError: the file cannot be written.
    """
    values = values | provenance()
    files.write_json(path, values)
    return values


def give_rows(rows: Sequence[dict[str, Any]], as_json: bool, path: str | os.PathLike | None) -> None:
    """Gives the rows of a benchmark, or its only one, to programs and into a file.

    Args:
      rows: one at least.
      as_json: whether they are printed as JSON.
      path: of the JSON file; None for none.
    """
    result = rows[0] if len(rows) == 1 else {"rows": [*rows]}
    if as_json:
        print(json.dumps(result))
    if path is not None:
        write_results(path, result)
