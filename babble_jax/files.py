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
from babble_jax.streams import open_stream, own_descriptor
from babble_jax.temporaries import (
    FOLDER_LOCK,
    MAX_NAME,
    create_beside,
    lock_path,
    make_folder,
    remove,
    remove_aside,
    remove_partial,
    remove_partial_once,
    set_aside,
)

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_DISK = (*_NO_ROOM, errno.EIO, errno.EROFS, errno.EFBIG)
_FULL = 64 * 1024  # free bytes below which a disk counts as full

MANIFEST = "manifest.json"
"""Identifies a folder: JSON with its `kind` and, in `sha256`, the digest of each other file by its name."""
KIND_PREFIX = "babble_jax "
"""Begins the `kind` of every manifest that this package writes."""
_PLURALS = (" tables", " stimuli")  # at the end of the kinds that are several things


@contextlib.contextmanager
def atomic_write(path: str | os.PathLike) -> Iterator[Path]:
    """Yields a temporary path beside `path`, which is renamed to `path` on success and removed on any error.

    The temporary name ends as `path` does, since writers choose their format by the suffix. A symbolic link is
    followed. A FIFO or a character device (standard output) is written to when the temporary file is complete. A file
    that is replaced hands on its rights.

    Args:
      path: of the file; missing folders above it are made.

    Raises:
      BabbleError: there can be no such file, or it cannot be written.
    """
    path = Path(path)
    if check_writable(path):
        with scratch_folder() as folder:
            temporary = folder / path.name
            with name_disk_errors(path, folder):
                yield temporary
            with wrap_oserror(path), temporary.open("rb") as source, open_stream(path) as stream:
                shutil.copyfileobj(source, stream)
        return
    target = path.resolve()
    with contextlib.ExitStack() as stack:
        with wrap_oserror(path):
            stack.enter_context(make_folder(target.parent))
            remove_partial_once(target.parent)
            create = functools.partial(create_beside, target, _create_file, suffix=True)
            temporary = stack.enter_context(locks.claim_new(create, remove))
        stack.callback(remove, temporary)
        with name_disk_errors(path, temporary):
            yield temporary
        with wrap_oserror(path):
            if target.exists():
                shutil.copymode(target, temporary)
            temporary.replace(target)


def _create_file(path: Path) -> None:
    path.touch(exist_ok=False)


@contextlib.contextmanager
def name_disk_errors(path: str | os.PathLike, temporary: Path) -> Iterator[None]:
    """Turns what a writer raises because of the disk into a `BabbleError` that names `path`.

    Args:
      path: to be written in the end.
      temporary: file or folder that the block writes. An `OSError` that names a file elsewhere remains as it is.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except BabbleError as error:
        if str(temporary) not in str(error):
            raise
        raise BabbleError(str(error).replace(str(temporary), str(path))) from error
    except Exception as error:
        if _free_bytes(temporary.parent) < _FULL:
            raise BabbleError(_failure(path, OSError(errno.ENOSPC, ""))) from error
        # A library in C++ raises what it likes, with the system's words in its message.
        number = next((n for n in _DISK if os.strerror(n) in str(error)), None)
        if isinstance(error, OSError):
            name = error.filename
            elsewhere = isinstance(name, str | bytes) and not Path(os.fsdecode(name)).is_relative_to(
                temporary
            )
            number = None if elsewhere and error.errno not in _NO_ROOM else error.errno or number or errno.EIO
        if number is None:
            raise
        reason = error.strerror if isinstance(error, OSError) and error.strerror else os.strerror(number)
        raise BabbleError(_failure(path, OSError(number, reason))) from error


def _failure(path: str | os.PathLike, error: OSError) -> str:
    """Returns the sentence for an `OSError` of writing a file or folder."""
    if error.errno in _NO_ROOM:
        return f"{path}: cannot be written (there is no room left); make room there."
    return f"{path}: cannot be written ({error.strerror or error}); choose another place."


def _free_bytes(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return _FULL


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yields an empty folder among the system's temporary files, which is removed in the end.

    What killed processes left there is swept.

    Raises:
      BabbleError: there can be no such folder.
    """
    root = Path(tempfile.gettempdir()).resolve()
    remove_partial_once(root)
    with contextlib.ExitStack() as stack:
        with wrap_oserror(root):
            create = functools.partial(create_beside, root / "scratch", lambda path: path.mkdir(0o700))
            folder = stack.enter_context(locks.claim_new(create, remove))
        stack.callback(remove, folder)
        yield folder


def check_writable(path: str | os.PathLike) -> bool:
    """Checks before long work, and without writing anything, that a file can be written at `path`.

    Returns:
      Whether it is a stream (a FIFO, a terminal, another character device, an open file of this process such as
      /dev/stdout), which is written to and never replaced.

    Raises:
      BabbleError: it is a folder, a socket or a block device, a file that may not be written, or lies below a file or
        in a folder that may not be written.
    """
    path = Path(path)
    if not path.name:
        raise BabbleError(f"{str(path)!r}: is no name of a file; name one.")
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        mode = None
    except OSError as error:
        raise BabbleError(_failure(path, error)) from error
    if mode is not None:
        if stat.S_ISDIR(mode):
            raise BabbleError(f"{path}: is a folder; name a file.")
        if stat.S_ISBLK(mode) or stat.S_ISSOCK(mode):
            raise BabbleError(f"{path}: is a device or a socket; name a file.")
        if not os.access(path, os.W_OK):
            raise BabbleError(f"{path}: may not be written; choose another place.")
        if stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or own_descriptor(path) is not None:
            return True
    _check_parent(path, path.resolve())
    return False


def _check_parent(name: str | os.PathLike, resolved: Path) -> None:
    """Raises `BabbleError` where nothing can be made at a path.

    Args:
      name: the path as the user gave it, for the message.
      resolved: the path without links.
    """
    above = next(parent for parent in Path(name).absolute().parents if os.path.lexists(parent))
    if above.is_dir():  # neither a file nor a link that leads nowhere
        above = next(parent for parent in resolved.parents if os.path.lexists(parent))
    if not above.is_dir():
        raise BabbleError(f"{name}: lies below {above}, which is no folder; choose another place.")
    if not os.access(above, os.W_OK | os.X_OK) or above.parts[:2] in (("/", "proc"), ("/", "sys")):
        raise BabbleError(f"{name}: the folder {above} may not be written; choose another place.")


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
        raise BabbleError(_failure(path, error)) from error


def write_text(path: str | os.PathLike, text: str) -> None:
    """Writes UTF-8 text with a final newline; half a surrogate pair, which is not UTF-8, is written as an escape."""
    with atomic_write(path) as temporary:
        text = text if text.endswith("\n") else text + "\n"
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace")


def write_json(path: str | os.PathLike, value: Any) -> None:
    """Writes indented JSON; NaN and infinities are refused, since JSON has none."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def sha256(path: str | os.PathLike) -> str:
    """Computes the SHA-256 digest of a file's bytes, as hexadecimal digits."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


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
    name, out = out, check_folder(out, kind, overwrite)
    with contextlib.ExitStack() as stack:
        with wrap_oserror(name):
            stack.enter_context(make_folder(out.parent))
            stack.enter_context(locks.hold_lock(lock_path(out), name))
            _check_replaceable(name, out, kind, overwrite)  # another process may just have written it
            create = functools.partial(create_beside, out, Path.mkdir)
            temporary = stack.enter_context(locks.claim_new(create, remove))
        stack.callback(remove, temporary)
        with name_disk_errors(name, temporary):
            yield temporary
        _check_replaceable(name, out, kind, overwrite)  # it may have been written without a lock meanwhile
        with wrap_oserror(name):
            _swap(temporary, out)


@contextlib.contextmanager
def lock_folder(folder: str | os.PathLike) -> Iterator[None]:
    """Lets no other process write a folder that is filled over time, while the block runs.

    The folder is made where it is missing; if the block raises and nothing was written, it is removed again.

    Args:
      folder: that of a run.

    Raises:
      BabbleError: another process writes it, or it cannot be made; the message names the process and its host.
    """
    path = Path(folder)
    with contextlib.ExitStack() as stack:
        with wrap_oserror(folder):
            path = _resolve(path)
            _check_parent(folder, path)
            stack.enter_context(make_folder(path))
            stack.enter_context(locks.hold_lock(path / FOLDER_LOCK, folder))
        yield


def check_folder(out: str | os.PathLike, kind: str, overwrite: bool = False) -> Path:
    """Checks before long work that `atomic_folder` can write a folder; an earlier one that is missing is put back.

    Args:
      out: see `atomic_folder`.
      kind: see `atomic_folder`.
      overwrite: see `atomic_folder`.

    Returns:
      The folder's path without links.

    Raises:
      BabbleError: `out` may not be replaced, or cannot be made.
    """
    with wrap_oserror(out):
        remove_partial((path := _resolve(Path(out))).parent)
    _check_replaceable(out, path, kind, overwrite)
    return path


def _resolve(path: Path) -> Path:
    try:
        resolved = path.resolve()
    except RuntimeError as error:  # Python 3.11 and 3.12
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from error
    if resolved.is_symlink():  # Python 3.13 gives a loop of links back
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return resolved


def _check_replaceable(name: str | os.PathLike, out: Path, kind: str, overwrite: bool) -> None:
    """Raises `BabbleError` where a folder, `name` to its user and `out` without links, cannot be made or replaced."""
    if not os.path.lexists(out):
        return _check_parent(name, out)
    if not out.is_dir():
        raise BabbleError(f"{name}: is a file; choose a folder.")
    with wrap_oserror(name):
        try:
            (entries, own), fixed = _list_entries(out, kind), out.is_mount() or out.samefile(".")
        except FileNotFoundError:  # while another process replaces it
            return _check_replaceable(name, out, kind, overwrite)
        if not entries <= own:
            earlier = (out / f"{kind}.json").is_file() or list_own_files(out, f"{KIND_PREFIX}{kind}")
            other = (
                f"an earlier {kind}, which is not replaced"
                if earlier
                else f"other files than {_add_article(kind)}"
            )
            raise BabbleError(f"{name}: holds {other}; choose a new folder.")
        if entries and not overwrite:
            raise BabbleError(
                f"{name}: holds {_add_article(f'earlier {kind}')}; choose a new folder, or overwrite "
                f"{'them' if kind.endswith(_PLURALS) else 'it'} with --overwrite (overwrite=True in Python)."
            )
        if fixed:
            raise BabbleError(
                f"{name}: is a mount point or the current folder, which cannot be replaced; name a folder in it."
            )
    _check_parent(name, out)
    if len(os.fsencode(out.name)) > MAX_NAME:
        raise BabbleError(f"{name}: has too long a name to be replaced; choose another folder.")


def _list_entries(folder: Path, kind: str) -> tuple[set[str], set[str]]:
    """Lists what is in a folder, and its own files; where these lie in folders, what is there, as `inner/name`."""
    names, own = {entry.name for entry in folder.iterdir()}, list_own_files(folder, kind)
    inner = {name.split("/", 1)[0] for name in own if "/" in name}
    folders = {name for name in names & inner if not (folder / name).is_symlink()}
    below = [path for name in folders for path in (folder / name).rglob("*") if not path.is_dir()]
    return (names - folders) | {path.relative_to(folder).as_posix() for path in below}, own


def _add_article(words: str) -> str:
    """Puts "a" or "an" before words for one thing, and nothing before words for several or for no thing."""
    if words.endswith((*_PLURALS, " timing")):
        return words
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def list_own_files(folder: str | os.PathLike, kind: str = "") -> set[str]:
    """Lists the names of a folder's manifest and of the files below it; none if it is not one of this package.

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

    def put_back(old: Path) -> None:
        old.rename(out)

    # Another process that sweeps between rename and claim puts the folder back; then it is renamed once more.
    with locks.claim_new(functools.partial(set_aside, out), put_back) as old:
        try:
            new.rename(out)
        except BaseException:
            put_back(old)
            raise
        with contextlib.suppress(OSError):  # the next write beside it will do it
            remove_aside(old)
