"""Results: JSON files that name the commit, the date and the machine of the code which made them."""

import os
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
