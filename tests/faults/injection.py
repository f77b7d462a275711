"""Makes one write step of a command fail, or kills the process there.

A step is a call that changes a file system: to open a file for writing, to make or remove a folder, to rename, to
remove, to change rights, to lock; and the end of what a writer does between `files.atomic_write` and the rename. The
interpreter's audit events tell of all of them, whichever library makes them. A library that writes without Python
(libsndfile, array_record) is caught by the end of the writing, and by a disk that is full (`test_full_disk.py`).
"""

import contextlib
import errno
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from babble_jax import files

ERRORS = {name: getattr(errno, name) for name in ("ENOSPC", "EIO", "EACCES")}
KILL = "kill"
FAULTS = (*ERRORS, KILL)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_PATHS = {
    "os.mkdir": (0, 2),
    "os.rename": (0, 2),
    "os.remove": (0, 1),
    "os.rmdir": (0, 1),
    "os.chmod": (0, 2),
    "os.truncate": (0, None),
    "os.link": (1, 3),
    "os.symlink": (1, 2),
    "os.utime": (0, 3),
}
"""Of each audit event the places of the path and of the folder's descriptor among its arguments."""

_RANDOM = re.compile(
    r"(?<=ed-)[0-9a-f]{8}\b|(?<=incomplete\.)\w{6}"
)  # in temporary names, ours and those of TFDS


class Injection:
    """Counts the write steps below some folders, and makes one of them fail.

    Args:
      roots: the folders; steps elsewhere are not counted.
      at: number of the step that fails, from 0; -1 for none.
      fault: the name of an error number, or `KILL`.

    Attributes:
      roots: see above.
      at: see above.
      steps: what was done at each step, with the relative path.
    """

    def __init__(self, roots: tuple[Path, ...], at: int = -1, fault: str = "EIO"):
        self.roots, self.at, self._fault = roots, at, fault
        self.steps: list[str] = []
        self._lock = threading.Lock()

    def event(self, name: str, arguments: tuple) -> None:
        """Takes an audit event."""
        if name == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & _WRITING:
                self._step("open", path)
        elif name == "fcntl.flock":
            self._step("flock", Path(f"/proc/self/fd/{arguments[0]}").readlink())
        elif name in _PATHS:
            place, folder = _PATHS[name]
            path = arguments[place]
            if folder is not None and isinstance(arguments[folder], int) and arguments[folder] >= 0:
                path = Path(f"/proc/self/fd/{arguments[folder]}", os.fsdecode(path))
            self._step(name.removeprefix("os."), path)

    def written(self, path: Path) -> None:
        """Takes the end of what a writer does to a temporary file."""
        self._step("write", path)

    def _step(self, name: str, path: object) -> None:
        if not isinstance(path, str | bytes | os.PathLike):
            return
        path = Path(os.fsdecode(path))
        path = path.parent.resolve() / path.name
        for root in self.roots:
            if path.is_relative_to(root):
                relative = _RANDOM.sub("*", str(path.relative_to(root)))
                with self._lock:
                    number = len(self.steps)
                    self.steps.append(f"{name} {relative}")
                if number == self.at:
                    self._fail(path)
                return

    def _fail(self, path: Path) -> None:
        if self._fault == KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        number = ERRORS[self._fault]
        raise OSError(number, os.strerror(number), str(path))


_armed: list[Injection] = []
_own = threading.local()


def _hook(name: str, arguments: tuple) -> None:
    """Takes the audit events of all threads, but those of what it does itself."""
    if not _armed or getattr(_own, "busy", False) or not (name in _PATHS or name in ("open", "fcntl.flock")):
        return
    _own.busy = True
    try:
        _armed[-1].event(name, arguments)
    finally:
        _own.busy = False


@contextlib.contextmanager
def armed(injection: Injection) -> Iterator[None]:
    """Arms an injection while the block runs."""
    body = files.name_disk_errors

    @contextlib.contextmanager
    def failing_body(path: Path, temporary: Path) -> Iterator[None]:
        with body(path, temporary):
            yield
            injection.written(temporary)

    if not _installed:
        sys.addaudithook(_hook)  # for good: there is no way to remove it
        _installed.append(True)
    files.name_disk_errors = failing_body
    _armed.append(injection)
    try:
        yield
    finally:
        _armed.clear()
        files.name_disk_errors = body


_installed: list[bool] = []
