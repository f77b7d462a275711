"""Temporary files and folders beside those that are written: their names, and what killed processes left of them.

A file or folder that is being written is `.NAME.babble-unfinished-12345678`, an earlier folder while another takes its
place `.NAME.babble-replaced-12345678`, and the lock file of a folder `.NAME.babble-lock`.
"""

import contextlib
import functools
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from babble_jax import locks

_UNFINISHED, _REPLACED, _LOCK = ".babble-unfinished-", ".babble-replaced-", ".babble-lock"
_TEMPORARY = re.compile(rf"\.(.*)({_UNFINISHED}|{_REPLACED})[0-9a-f]{{8}}(\..*)?", re.DOTALL)
FOLDER_LOCK = _LOCK
"""Lock file in a folder that is filled over time."""
_NAME = 40  # characters of a name that its temporary name begins with
_SUFFIX = 20  # characters of a suffix by which a writer may choose a format

MAX_NAME = 255 - len(f".{_REPLACED}12345678")
"""Bytes of the longest name of a folder that can be replaced."""


def create_beside(path: Path, create: Callable[[Path], object], suffix: bool = False) -> Path:
    """Creates a file or folder under a temporary name beside another, and returns its path.

    Args:
      path: of the other.
      create: creates it at the path that it is given; raises `FileExistsError` where there is something.
      suffix: whether the temporary name ends in the suffix of `path`.
    """
    end = path.suffix if suffix and len(path.suffix) <= _SUFFIX else ""
    return _create(path, f"{path.name[:_NAME]}{_UNFINISHED}", create, end)


def set_aside(out: Path) -> Path:
    """Renames a folder that is to be replaced, so that `remove_partial` puts it back while nothing is in its place."""
    return _create(out, f"{out.name}{_REPLACED}", out.rename)


def _create(path: Path, name: str, create: Callable[[Path], object], end: str = "") -> Path:
    while True:
        temporary = path.with_name(f".{name}{secrets.token_hex(4)}{end}")
        with contextlib.suppress(FileExistsError):
            create(temporary)
            return temporary


def remove_aside(old: Path) -> None:
    """Removes a folder that was set aside; a half of it is never put back."""
    remove(create_beside(old, old.rename))


def remove(path: Path) -> None:
    """Removes a file or a folder as far as that is possible."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def lock_path(out: Path) -> Path:
    """Returns the lock file of a folder, beside it; long names are cut and told apart by their digest."""
    name = out.name
    if len(name) > _NAME:
        name = f"{name[:_NAME]}-{hashlib.sha256(os.fsencode(name)).hexdigest()[:12]}"
    return out.with_name(f".{name}{_LOCK}")


@contextlib.contextmanager
def make_folder(folder: Path) -> Iterator[None]:
    """Makes a folder and those above it; where the block raises, those that were missing are removed again."""
    missing = []
    for above in (folder, *folder.parents):
        if above.exists():
            break
        missing.append(above)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for above in missing:
            with contextlib.suppress(OSError):  # not empty: another process writes there
                above.rmdir()
        raise


@functools.cache
def remove_partial_once(folder: Path) -> None:
    """Sweeps a folder into which this process writes its first file; folders of thousands of files stay fast."""
    remove_partial(folder)


def remove_partial(folder: Path) -> None:
    """Removes what killed processes left unfinished in a folder.

    A folder that was to be replaced, and whose replacement had not come into its place, is put back. What cannot be
    removed or put back stays.

    Args:
      folder: what is unfinished in it has a living process, or is removed.
    """
    try:
        names = sorted(entry.name for entry in os.scandir(folder))
    except OSError:
        return
    for name in names:
        match = _TEMPORARY.fullmatch(name)
        if match is None and not (name.startswith(".") and name.endswith(_LOCK) and name != _LOCK):
            continue
        path = folder / name
        with contextlib.suppress(OSError), locks.claim_abandoned(path) as claimed:
            if not claimed:
                continue
            if match is None or match[2] == _UNFINISHED:
                remove(path)
            elif (folder / match[1]).exists():
                remove_aside(path)
            else:
                path.rename(folder / match[1])
