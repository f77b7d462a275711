"""Locks between processes: who is writing a folder, and whether the writer of an unfinished file still lives.

They are `flock`s, which end with their process however it ends. A library such as filelock keeps no word of who holds
a lock, and locks no folder. Where a system has no `flock` (Windows), or a file system refuses it, nothing is locked.
"""

import contextlib
import json
import os
import socket
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from babble_jax.errors import BabbleError

try:
    import fcntl
except ImportError:
    fcntl = None

_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)  # not on Windows
_WAITS = (0.0, 0.01, 0.02, 0.04, 0.08)
"""Seconds before each try: `remove_partial` holds the lock of a dead process for less."""


@contextlib.contextmanager
def hold_lock(path: Path, subject: str | os.PathLike) -> Iterator[None]:
    """Holds a lock file while the block runs; the file is removed afterwards.

    Args:
      path: of the lock file, in a folder that is there.
      subject: what is written under the lock, for the message.

    Raises:
      BabbleError: another process holds it; the message names the process and its host.
      OSError: the file cannot be made.
    """
    if fcntl is None:
        yield
        return
    with _hold(_acquire(path, subject), path):
        yield


@contextlib.contextmanager
def wait_for_lock(path: Path, report: Callable[[str], object]) -> Iterator[None]:
    """Holds a lock file while the block runs, after other processes that hold it; the file is removed afterwards.

    Args:
      path: of the lock file, in a folder that is there.
      report: called with the name of the process that is waited for.

    Raises:
      OSError: the file cannot be made.
    """
    if fcntl is None:
        yield
        return
    while True:
        descriptor = _open(path)
        try:
            if not _try_lock(descriptor):
                report(_holder(descriptor))
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _is_at(descriptor, path):
                break
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # its earlier holder has removed it
    with _hold(descriptor, path):
        yield


def is_held(path: Path) -> bool:
    """Tells whether a living process holds a lock file; where a system has no `flock`, whether there is such a file."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | _NOFOLLOW)
    except OSError:
        return False
    try:
        return fcntl is None or not _try_lock(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _hold(descriptor: int, path: Path) -> Iterator[None]:
    """Writes into a locked file whose it is, while the block runs; removes and closes it afterwards."""
    try:
        os.truncate(descriptor, 0)
        os.write(descriptor, json.dumps({"pid": os.getpid(), "host": socket.gethostname()}).encode())
        yield
    finally:
        with contextlib.suppress(OSError):  # a lock file that nobody holds does no harm
            path.unlink(missing_ok=True)
        os.close(descriptor)


def _acquire(path: Path, subject: str | os.PathLike) -> int:
    """Opens and locks a lock file: returns its descriptor."""
    for wait in _WAITS:
        time.sleep(wait)
        descriptor = _open(path)
        try:
            if _try_lock(descriptor):
                if _is_at(descriptor, path):
                    return descriptor  # else its earlier holder has just removed it
            elif wait == _WAITS[-1]:
                raise BabbleError(
                    f"{subject}: is being written by {_holder(descriptor)}; wait until that ends, or choose another "
                    "place."
                )
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
    raise BabbleError(f"{subject}: is being written by other processes; wait until they end.")


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | _NOFOLLOW, 0o666)


def _try_lock(descriptor: int) -> bool:
    """Locks an open file or folder without waiting; returns whether no other process holds it."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        pass
    return True


def _is_at(descriptor: int, path: Path) -> bool:
    """Tells whether the open file is still the one at `path`."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _holder(descriptor: int) -> str:
    """Describes the process that holds a lock file, as far as the file says."""
    try:
        values = json.loads(os.pread(descriptor, 1000, 0))
        return f"process {int(values['pid'])} on {str(values['host'])[:100]}"
    except (ValueError, KeyError, TypeError):
        return "another process"


@contextlib.contextmanager
def claim_new(create: Callable[[], Path], discard: Callable[[Path], object]) -> Iterator[Path]:
    """Creates an unfinished file or folder and marks it as that of a living process, while the block runs.

    Args:
      create: creates it under a new name, and returns its path. It is called again where another process has swept
        the file away before it was marked.
      discard: undoes `create` where the file cannot be marked.

    Yields:
      The path, which may be renamed meanwhile.
    """
    if fcntl is None:
        yield create()
        return
    while True:
        path = create()
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        except BaseException:
            discard(path)
            raise
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if _is_at(descriptor, path):
            break
        os.close(descriptor)
    try:
        yield path
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def claim_abandoned(path: Path) -> Iterator[bool]:
    """Claims an unfinished file or folder whose process has ended, while the block runs.

    Args:
      path: of the file or folder.

    Yields:
      Whether it is claimed: false where its process lives, where nobody can tell, and where it is neither a file nor a
      folder.
    """
    if fcntl is None:
        yield False
        return
    try:
        # A FIFO would be waited for without O_NONBLOCK.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | _NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        yield False
        return
    try:
        try:
            mode = os.fstat(descriptor).st_mode
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            claimed = (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) and _is_at(descriptor, path)
        except OSError:
            claimed = False
        yield claimed
    finally:
        os.close(descriptor)
