"""A folder that is written whole or not at all, and that replaces only its own kind."""

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from babble_jax.errors import BabbleError

MANIFEST = "manifest.json"
"""By this file a folder of ours is known: JSON with `kind`, and `sha256` by the name of each other file."""


@contextlib.contextmanager
def whole_folder(out: str | os.PathLike, kind: str, overwrite: bool) -> Iterator[Path]:
    """Yields an empty folder beside `out`; it becomes `out` on success and is removed on any error.

    Args:
      out: the folder to be written; it may exist if it is empty, or of the same kind and `overwrite` says so.
      kind: what the manifest calls such a folder.
      overwrite: replace an earlier folder of the same kind, never anything else.

    Raises:
      BabbleError: `out` may not be replaced, or cannot be made.
    """
    out = Path(out).resolve()
    _check(out, kind, overwrite)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise BabbleError(f"{out}: cannot be made ({error.strerror}); choose another folder.") from error
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o777 & ~umask)  # mkdtemp gives 0700
        _check(out, kind, overwrite)  # it may have been written meanwhile
        _swap(temporary, out)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _check(out: Path, kind: str, overwrite: bool) -> None:
    if not os.path.lexists(out):
        return
    if not out.is_dir():
        raise BabbleError(f"{out}: is a file; choose a folder.")
    names = {entry.name for entry in out.iterdir()}
    if not names:
        return
    if not names <= _own_files(out, kind):
        raise BabbleError(f"{out}: holds other files than a {kind}; choose a new folder.")
    if not overwrite:
        raise BabbleError(f"{out}: holds an earlier {kind}; choose a new folder, or ask to overwrite it.")


def _own_files(out: Path, kind: str) -> set[str]:
    """Names of the files that the folder's manifest lists; none where it is of another kind."""
    try:
        manifest = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
        return {MANIFEST, *manifest["sha256"]} if manifest["kind"] == kind else set()
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _swap(new: Path, out: Path) -> None:
    """Renames `new` to `out`; what was there goes only when the new folder is in place."""
    if not out.exists():
        new.rename(out)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    out.rename(old)  # an empty folder may be renamed over
    try:
        new.rename(out)
    except BaseException:
        old.rename(out)
        raise
    shutil.rmtree(old)
