"""Results: JSON files that name the commit of the code which made them."""

import os
import subprocess
from pathlib import Path
from typing import Any

from babble_jax import files


def current_commit() -> str | None:
    """Names the commit of this checkout: its hash, with "-dirty" where tracked files differ; None outside of git."""
    command = ["git", "describe", "--always", "--exclude=*", "--abbrev=40", "--dirty"]
    try:
        described = subprocess.run(
            command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return described.stdout.strip()


def write_results(path: str | os.PathLike, values: dict[str, Any]) -> dict[str, Any]:
    """Writes the values of an experiment or a benchmark as JSON, with the key `commit` where there is one.

    Args:
      path: of the JSON file.
      values: plain JSON values.

    Returns:
      What was written.

    Raises:
      BabbleError: the file cannot be written.
    """
    commit = current_commit()
    values = values | ({"commit": commit} if commit else {})
    files.write_json(path, values)
    return values
