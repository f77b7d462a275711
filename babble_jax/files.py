"""Files and folders that are written completely or not at all."""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babble_jax.errors import BabbleError

_UNFINISHED = "-unfinished-"  # in the name of a file that is being written

MANIFEST = "manifest.json"
"""Identifies a folder: JSON with its `kind` and, in `sha256`, the digest of each other file by its name."""
KIND_PREFIX = "babble_jax "
"""Begins the `kind` of every manifest that this package writes."""


@contextlib.contextmanager
def atomic_write(path: str | os.PathLike) -> Iterator[Path]:
    """Yields a temporary path beside `path`, which is renamed to `path` on success and removed on any error.

    The temporary name ends as `path` does, since writers choose their format by the suffix.

    Args:
      path: of the file; missing folders above it are made.

    Raises:
      BabbleError: there can be no such file.
    """
    path = Path(path)
    check_writable(path)
    with wrap_oserror(path):
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
        with wrap_oserror(path):
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def remove_partial(folder: Path) -> None:
    """Removes the temporary files that `atomic_write` left in a folder when its process was killed.

    Args:
      folder: into which no other process is writing.
    """
    for path in folder.glob(f".*{_UNFINISHED}*"):
        path.unlink(missing_ok=True)


def check_writable(path: str | os.PathLike) -> None:
    """Checks before long work, and without writing anything, that a file can be written at `path`.

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
def wrap_oserror(path: str | os.PathLike) -> Iterator[None]:
    """Turns any `OSError` of writing a file or folder into a `BabbleError` that names `path`.

    Raises:
      BabbleError: in place of the `OSError`.
    """
    try:
        yield
    except OSError as error:
        raise BabbleError(f"{path}: cannot be written ({error.strerror}); choose another place.") from error


def write_text(path: str | os.PathLike, text: str) -> None:
    """Writes UTF-8 text with a final newline."""
    with atomic_write(path) as temporary:
        temporary.write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8")


def write_json(path: str | os.PathLike, value: Any) -> None:
    """Writes indented JSON; NaN and infinities are refused, since JSON has none."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def sha256(path: str | os.PathLike) -> str:
    """Computes the SHA-256 digest of a file's bytes, as hexadecimal digits."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


@contextlib.contextmanager
def atomic_folder(out: str | os.PathLike, kind: str, overwrite: bool) -> Iterator[Path]:
    """Yields an empty folder beside `out`, which becomes `out` on success and is removed on any error.

    Args:
      out: the folder to write; it may exist if it is empty, or if it is of the same kind and `overwrite` is set.
      kind: the `kind` in the manifest of such a folder.
      overwrite: replace an earlier folder of the same kind, never anything else.

    Raises:
      BabbleError: `out` may not be replaced, or cannot be made.
    """
    out = Path(out).resolve()
    _check_replaceable(out, kind, overwrite)
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
        _check_replaceable(out, kind, overwrite)  # it may have been written meanwhile
        _swap(temporary, out)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _check_replaceable(out: Path, kind: str, overwrite: bool) -> None:
    if not os.path.lexists(out):
        return
    if not out.is_dir():
        raise BabbleError(f"{out}: is a file; choose a folder.")
    names = {entry.name for entry in out.iterdir()}
    if not names:
        return
    if not names <= list_own_files(out, kind):
        raise BabbleError(f"{out}: holds other files than a {kind}; choose a new folder.")
    if not overwrite:
        raise BabbleError(
            f"{out}: holds an earlier {kind}; choose a new folder, or overwrite it with --overwrite "
            "(overwrite=True in Python)."
        )


def list_own_files(folder: str | os.PathLike, kind: str = "") -> set[str]:
    """Lists the names of a folder's manifest and of the files in it; none if it is not one of this package.

    Args:
      folder: any folder.
      kind: the `kind` that the manifest must have; where empty, any that begins with `KIND_PREFIX`.
    """
    path = Path(folder, MANIFEST)
    try:
        manifest = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        own = manifest["kind"] == kind if kind else manifest["kind"].startswith(KIND_PREFIX)
        return {MANIFEST, *map(str, manifest["sha256"])} if own else set()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return set()


def _swap(new: Path, out: Path) -> None:
    """Renames `new` to `out`; an earlier folder is removed only when the new one is in place."""
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
