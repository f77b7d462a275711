"""Where a result comes from: the state of the code, the versions of libraries, the machine and the date."""

import datetime
import importlib.metadata
import os
import platform
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import babble_jax

_LIBRARIES = ("babble_jax", "jax", "jaxlib", "flax", "optax", "numpy", "numba")
_MAX_DIFF = 1_000_000  # characters


def current_commit(folder: Path | None = None) -> str | None:
    """Names the commit of a checkout: its hash, with "-dirty" where tracked files differ; None outside of git.

    Args:
      folder: in the checkout; that of this package where None.
    """
    described = _git(folder, "describe", "--always", "--exclude=*", "--abbrev=40", "--dirty")
    return None if described is None else described.strip()


def uncommitted_changes(folder: Path | None = None) -> str:
    """Returns the changes of tracked files since the commit, as `git diff` prints them, up to a megabyte."""
    return (_git(folder, "diff", "HEAD") or "")[:_MAX_DIFF]


def _git(folder: Path | None, *words: str) -> str | None:
    folder = Path(babble_jax.__file__).parent if folder is None else folder
    try:
        run = subprocess.run(["git", *words], cwd=folder, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return run.stdout.decode("utf-8", errors="replace")


def versions() -> dict[str, str]:
    """Lists the versions of Python and of the libraries that compute."""
    installed = {"python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            installed[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return installed


def machine() -> dict[str, Any]:
    """Describes this machine: host, processor, cores that this process may use, and the devices of JAX if loaded."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    description = {"host": socket.gethostname(), "processor": _processor(), "cores": cores}
    if "jax" in sys.modules:
        import jax

        devices = jax.local_devices()
        description["devices"] = f"{len(devices)} {devices[0].device_kind}"
    return description


def _processor() -> str:
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as lines:
            return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def provenance(folder: Path | None = None) -> dict[str, Any]:
    """Describes where a result comes from: `commit` (where there is one), `date` (UTC) and `machine`.

    Args:
      folder: in the checkout of the code that made it; that of this package where None.
    """
    commit = current_commit(folder)
    date = datetime.datetime.now(datetime.UTC).date().isoformat()
    host = {name: value for name, value in machine().items() if name != "host"}
    return ({"commit": commit} if commit else {}) | {"date": date, "machine": host}
