"""Files and folders that are written completely or not at all."""

import contextlib
import errno
import functools
import hashlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babble_jax import input_files, locks
from babble_jax.errors import BabbleError

_UNFINISHED = "-unfinished-"  # in the name of a file or folder that is being written
_REPLACED = "-replaced-"  # in the name of a folder that is being replaced
_LOCK = ".babble-lock"  # ends the name of a lock file
_NAME = 40  # characters of a name that its temporary names begin with
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FULL = 64 * 1024  # free bytes below which a disk counts as full

MANIFEST = "manifest.json"
"""Identifies a folder: JSON with its `kind` and, in `sha256`, the digest of each other file by its name."""
KIND_PREFIX = "babble_jax "
"""Begins the `kind` of every manifest that this package writes."""


@contextlib.contextmanager
def atomic_write(path: str | os.PathLike) -> Iterator[Path]:
    """Yields a temporary path beside `path`, which is renamed to `path` on success and removed on any error.

    The temporary name ends as `path` does, since writers choose their format by the suffix. A symbolic link is
    followed. A FIFO or a character device (standard output) is written to when the temporary file is complete.

    Args:
      path: of the file; missing folders above it are made.

    Raises:
      BabbleError: there can be no such file, or it cannot be written.
    """
    path = Path(path)
    if check_writable(path):
        with tempfile.TemporaryDirectory() as folder:
            temporary = Path(folder, path.name)
            yield temporary
            with wrap_oserror(path), temporary.open("rb") as source, path.open("wb") as stream:
                shutil.copyfileobj(source, stream)
        return
    path = path.resolve()
    with wrap_oserror(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep_once(path.parent)

    def create() -> Path:
        handle, name = tempfile.mkstemp(
            prefix=f".{path.stem[:_NAME]}{_UNFINISHED}", suffix=path.suffix, dir=path.parent
        )
        os.close(handle)
        return Path(name)

    with contextlib.ExitStack() as stack:
        with wrap_oserror(path):
            temporary = stack.enter_context(locks.claim_new(create))
        stack.callback(temporary.unlink, missing_ok=True)
        with _disk_full_named(path):
            yield temporary
        with wrap_oserror(path):
            temporary.chmod(0o666 & ~_umask())  # mkstemp gives 0600
            temporary.replace(path)


@contextlib.contextmanager
def _disk_full_named(path: Path) -> Iterator[None]:
    """Turns whatever a library raises on a full disk into a `BabbleError` that names `path`."""
    try:
        yield
    except Exception as error:
        full = isinstance(error, OSError) and error.errno in _NO_ROOM
        if isinstance(error, BabbleError) or not (full or _free_bytes(path.parent) < _FULL):
            raise
        raise BabbleError(f"{path}: cannot be written (there is no room left); make room there.") from error


def _free_bytes(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return _FULL


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask


@functools.cache
def _sweep_once(folder: Path) -> None:
    """Sweeps a folder into which this process writes its first file; folders of thousands of files stay fast."""
    sweep(folder)


def sweep(folder: Path) -> None:
    """Removes what killed processes left unfinished in a folder.

    A folder that was to be replaced, and whose replacement had not come into its place, is put back.

    Args:
      folder: what is unfinished in it has a living process, or is removed.
    """
    for path in [*folder.glob(f".*{_UNFINISHED}*"), *folder.glob(f".*{_LOCK}")]:
        with locks.claim_abandoned(path) as claimed:
            if claimed:
                _remove(path)
    for path in folder.glob(f".*{_REPLACED}*"):
        with locks.claim_abandoned(path) as claimed:
            if claimed and (folder / path.name[1:].rpartition(_REPLACED)[0]).exists():
                _remove(path)
            elif claimed:
                path.rename(folder / path.name[1:].rpartition(_REPLACED)[0])


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def check_writable(path: str | os.PathLike) -> bool:
    """Checks before long work, and without writing anything, that a file can be written at `path`.

    Returns:
      Whether it is a stream (a FIFO, a terminal, another character device), which is written to and never replaced.

    Raises:
      BabbleError: it is a folder or a block device, a file that may not be written, or lies below a file or in a folder
        that may not be written.
    """
    path = Path(path)
    if not path.name:
        raise BabbleError(f"{str(path)!r}: is no name of a file; name one.")
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        mode = None
    except OSError as error:
        raise BabbleError(f"{path}: cannot be written ({error.strerror}); choose another place.") from error
    if mode is not None:
        if stat.S_ISDIR(mode):
            raise BabbleError(f"{path}: is a folder; name a file.")
        if stat.S_ISBLK(mode) or stat.S_ISSOCK(mode):
            raise BabbleError(f"{path}: is a device or a socket; name a file.")
        if not os.access(path, os.W_OK):
            raise BabbleError(f"{path}: may not be written; choose another place.")
        if stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or path.absolute().is_relative_to("/proc"):
            return True
        path = path.resolve()
    else:
        path = path.absolute() if not path.is_symlink() else path.resolve()
    above = next(parent for parent in path.parents if os.path.lexists(parent))
    if not above.is_dir():
        raise BabbleError(f"{path}: lies below {above}, which is no folder; choose another place.")
    if not os.access(above, os.W_OK):
        raise BabbleError(f"{path}: the folder {above} may not be written; choose another place.")
    return False


@contextlib.contextmanager
def wrap_oserror(path: str | os.PathLike) -> Iterator[None]:
    """Turns any `OSError` of writing a file or folder, but a closed pipe, into a `BabbleError` that names `path`.

    Raises:
      BabbleError: in place of the `OSError`.
    """
    try:
        yield
    except BrokenPipeError:  # the reader of a FIFO or of standard output has left
        raise
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
def atomic_folder(out: str | os.PathLike, kind: str, overwrite: bool = False) -> Iterator[Path]:
    """Yields an empty folder beside `out`, which becomes `out` on success and is removed on any error.

    Nobody else writes `out` meanwhile. A symbolic link is followed.

    Args:
      out: the folder to write; it may exist if it is empty, or if it is of the same kind and `overwrite` is set.
      kind: the `kind` in the manifest of such a folder; for a folder without a manifest what it is, in a few words.
      overwrite: replace an earlier folder of the same kind, never anything else.

    Raises:
      BabbleError: `out` may not be replaced, cannot be made, or is being written by another process.
    """
    out = Path(out).resolve()
    _check_replaceable(out, kind, overwrite)
    with contextlib.ExitStack() as stack:
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            sweep(out.parent)
            stack.enter_context(locks.hold_lock(_lock_path(out), out))
            temporary = stack.enter_context(
                locks.claim_new(lambda: _make_beside(out, out.name[:_NAME], _UNFINISHED))
            )
        except OSError as error:
            raise BabbleError(f"{out}: cannot be made ({error.strerror}); choose another folder.") from error
        stack.callback(shutil.rmtree, temporary, ignore_errors=True)
        with _disk_full_named(out):
            yield temporary
        temporary.chmod(0o777 & ~_umask())  # mkdtemp gives 0700
        _check_replaceable(out, kind, overwrite)  # it may have been written meanwhile
        with wrap_oserror(out):
            _swap(temporary, out)


def _make_beside(out: Path, name: str, purpose: str) -> Path:
    return Path(tempfile.mkdtemp(prefix=f".{name}{purpose}", dir=out.parent))


def _lock_path(out: Path) -> Path:
    """Returns the lock file of a folder, beside it; long names are cut and told apart by their digest."""
    name = out.name
    if len(name) > _NAME:
        name = f"{name[:_NAME]}-{hashlib.sha256(name.encode(errors='surrogateescape')).hexdigest()[:12]}"
    return out.with_name(f".{name}{_LOCK}")


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
        manifest = input_files.read_json(path) if path.is_file() else {}
        own = manifest["kind"] == kind if kind else manifest["kind"].startswith(KIND_PREFIX)
        return {MANIFEST, *map(str, manifest["sha256"])} if own else set()
    except (BabbleError, KeyError, TypeError, AttributeError):
        return set()


def _swap(new: Path, out: Path) -> None:
    """Renames `new` to `out`; an earlier folder is removed only when the new one is in place."""
    if not out.exists():
        new.rename(out)
        return
    # An empty folder may be renamed over; a `sweep` that comes between rename and claim puts the folder back.
    beside = _make_beside(out, out.name, _REPLACED)
    with locks.claim_new(lambda: out.rename(beside)) as old:
        try:
            new.rename(out)
        except BaseException:
            old.rename(out)
            raise
        shutil.rmtree(old)
