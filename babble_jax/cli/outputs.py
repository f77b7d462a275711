"""Checks the names of files that verbs write."""

from pathlib import Path

from babble_jax.errors import BabbleError
from babble_jax.files import check_writable


def check_output(path: Path, suffix: str) -> None:
    """Checks before long work that a verb can write a file, and that its name says what the verb writes.

    Args:
      path: of the file; a stream such as /dev/stdout may have any name.
      suffix: of the format that the verb writes.

    Raises:
      BabbleError: nothing can be written there, or the name ends otherwise.
    """
    if not check_writable(path) and path.suffix.lower() != suffix:
        remedy = path.with_suffix(suffix).name
        raise BabbleError(f"{path}: only {suffix} is written here; call the file {remedy}, say.")
