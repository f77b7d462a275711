"""Finds the files below a folder that a user names: sorted, none of them hidden, and not without end."""

import os
from collections.abc import Iterator
from pathlib import Path

from babble_jax.errors import BabbleError

MOST_FILES = 1_000_000
"""Files and folders below one folder, beyond which it is probably not the one that was meant."""
_SYSTEM = frozenset(
    {
        "proc",
        "sysfs",
        "cgroup",
        "cgroup2",
        "debugfs",
        "tracefs",
        "securityfs",
        "configfs",
        "bpf",
        "pstore",
        "efivarfs",
    }
    | {"devpts", "mqueue", "hugetlbfs", "binfmt_misc", "autofs", "fusectl", "selinuxfs", "nsfs"}
)
"""Types of file systems that hold no files of anybody."""


def walk_files(folder: str | os.PathLike, most: int = MOST_FILES) -> Iterator[tuple[str, list[str]]]:
    """Yields each folder below one, itself included, with the sorted names of its files.

    A link to a folder elsewhere is followed, once; one into what is walked anyway, or to a folder above it, is not, so
    that loops end. Hidden files and folders, and file systems of the kernel such as /proc, are
    left out.

    Args:
      folder: where to begin.
      most: files and folders in all.

    Raises:
      BabbleError: there are more, or the folder is one of the kernel's.
    """
    system, count = _system_devices(), 0
    if _device(folder) in system:
        raise BabbleError(
            f"{folder}: is a folder of the system, which holds no files of yours; name another one."
        )
    targets = [Path(folder).resolve()]  # of the walk and of the links that are followed
    for above, folders, names in os.walk(folder, followlinks=True):
        count += len(folders) + len(names)
        if count > most:
            raise BabbleError(
                f"{folder}: holds more than {most} files and folders; name a folder nearer to the files."
            )
        folders[:] = [
            name
            for name in sorted(folders)
            if not name.startswith(".")
            and _device(Path(above, name)) not in system
            and _is_new(Path(above, name), targets)
        ]
        yield above, sorted(name for name in names if not name.startswith("."))


def _is_new(folder: Path, targets: list[Path]) -> bool:
    """Returns whether a folder is no link, or one to a folder that is not walked yet; adds that to `targets`."""
    if not folder.is_symlink():
        return True
    try:
        target = folder.resolve()
    except (OSError, RuntimeError):  # links in a circle
        return False
    if targets[0].is_relative_to(target) or any(target.is_relative_to(other) for other in targets):
        return False
    targets.append(target)
    return True


def _device(folder: str | os.PathLike) -> int | None:
    try:
        return Path(folder).stat().st_dev  # of what a link points to
    except OSError:
        return None


def _system_devices() -> set[int]:
    """Returns the numbers of the kernel's file systems; none where the system does not list them."""
    devices = set()
    try:
        with Path("/proc/self/mountinfo").open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                mount, _, source = line.partition(" - ")
                if source.split(" ")[0] in _SYSTEM:
                    major, minor = mount.split()[2].split(":")
                    devices.add(os.makedev(int(major), int(minor)))
    except (OSError, ValueError, IndexError):
        pass
    return devices
