"""Streams that a user names as files: FIFOs, terminals, and open files of this process such as /dev/stdout."""

import os
import sys
from pathlib import Path
from typing import BinaryIO


def own_descriptor(path: Path) -> int | None:
    """Returns the number of the open file of this process that a path such as /dev/stdout names, if it names one."""
    for _ in range(40):  # links
        path = path.parent.resolve() / path.name
        if path.parent in (Path(f"/proc/{os.getpid()}/fd"), Path("/dev/fd")) and path.name.isdecimal():
            return int(path.name)
        if not path.is_symlink():
            return None
        path = path.parent / path.readlink()
    return None


def open_stream(path: Path) -> BinaryIO:
    """Opens a stream for writing; an open file of this process is written on where it stands, not from its start."""
    descriptor = own_descriptor(path)
    if descriptor is None:
        return path.open("wb")
    sys.stdout.flush()
    return os.fdopen(os.dup(descriptor), "wb")
