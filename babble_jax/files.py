"""Files that are written whole or not at all."""

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babble_jax.errors import BabbleError

_UNFINISHED = "-unfinished-"  # in the name of a file that is being written


@contextlib.contextmanager
def whole(path: str | os.PathLike) -> Iterator[Path]:
    """Yields a temporary path beside `path`; renames it to `path` on success, removes it on any error.

    The temporary name ends as `path` does, since writers choose their format by the suffix.

    Raises:
      BabbleError: there can be no such file.
    """
    path = Path(path)
    check_place(path)
    with placing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            prefix=f".{path.stem}{_UNFINISHED}", suffix=path.suffix, dir=path.parent
        )
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)  # mkstemp gives 0600
        with placing(path):
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Removes what `whole` left in a folder when the process was killed; nobody else may be writing there."""
    for path in folder.glob(f".*{_UNFINISHED}*"):
        path.unlink(missing_ok=True)


def check_place(path: str | os.PathLike) -> None:
    """Says before long work, and without writing anything, that no file can be written at `path`.

    Raises:
      BabbleError: it is a folder, or lies below a file or in a folder that may not be written.
    """
    path = Path(path)
    if path.is_dir():
        raise BabbleError(f"{path}: is a folder; name a file.")
    above = next(parent for parent in path.absolute().parents if os.path.lexists(parent))
    if not above.is_dir():
        raise BabbleError(f"{path}: lies below {above}, which is no folder; choose another place.")
    if not os.access(above, os.W_OK):
        raise BabbleError(f"{path}: the folder {above} may not be written; choose another place.")


@contextlib.contextmanager
def placing(path: str | os.PathLike) -> Iterator[None]:
    """What the system says when a file or folder is made or renamed, told with the `path` that was asked for.

    Raises:
      BabbleError: in place of any `OSError`.
    """
    try:
        yield
    except OSError as error:
        raise BabbleError(f"{path}: cannot be written ({error.strerror}); choose another place.") from error


def write_text(path: str | os.PathLike, text: str) -> None:
    """Writes UTF-8 text with a final newline."""
    with whole(path) as temporary:
        temporary.write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8")


def write_json(path: str | os.PathLike, value: Any) -> None:
    """Writes indented JSON; NaN and infinities are refused, since JSON has none."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))
