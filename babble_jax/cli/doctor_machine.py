"""Facts about the machine, read from the system: processor, cores, memory, folders, variables.

They come from Linux's own files; where a system has none, the value is None.
"""

import os
import platform
import re
import tempfile
from pathlib import Path
from typing import Any

from babble_jax.cli.estimate import memory_bytes

_INSTRUCTIONS = (
    *("avx", "avx2", "fma", "f16c", "avx_vnni", "avx512f", "avx512bw", "avx512_vnni"),  # x86-64
    *("asimd", "asimddp", "sve"),  # ARM
)
"""Instruction sets that the speed of the samplers depends on, by their names in /proc/cpuinfo."""
_VARIABLES = (
    *(
        "JAX_PLATFORMS",
        "JAX_ENABLE_X64",
        "XLA_FLAGS",
        "CUDA_VISIBLE_DEVICES",
        "XLA_PYTHON_CLIENT_PREALLOCATE",
    ),
    *("NUMBA_CACHE_DIR", "NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES", "NUMBA_DISABLE_JIT"),
    *("OMP_NUM_THREADS", "PYTHONIOENCODING", "LANG", "LC_ALL", "TMPDIR"),
)
"""Variables of the environment that change what the package does."""


def read_cpu() -> dict[str, Any]:
    """Reads the processor's name, its instruction sets, and how many cores this process may use."""
    text = _read("/proc/cpuinfo")
    model = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    flags = re.search(r"^(?:flags|Features)\s*: (.+)$", text, re.MULTILINE)
    has = set() if flags is None else {*flags[1].split()}
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "model": platform.processor() or platform.machine() if model is None else model[1].strip(),
        "cores": os.cpu_count(),
        "usable": usable,
        "quota": _read_quota(),
        "instructions": [name for name in _INSTRUCTIONS if name in has],
    }


def read_memory() -> dict[str, int | None]:
    """Reads the memory of the machine, or of the container where that has less, in bytes."""
    available = re.search(r"^MemAvailable: +(\d+) kB$", _read("/proc/meminfo"), re.MULTILINE)
    total = memory_bytes()
    limit = _read("/sys/fs/cgroup/memory.max").strip()
    values = [total] if not limit.isdigit() else [total, float(limit)]
    return {
        "total_bytes": int(min(values)) if min(values) < float("inf") else None,
        "available_bytes": None
        if available is None
        else int(min(1024 * float(available[1]), *values, total)),
    }


def read_variables() -> dict[str, str]:
    """Returns the variables of the environment that matter here, those that are set."""
    return {name: os.environ[name] for name in _VARIABLES if name in os.environ}


def is_writable(folder: Path) -> bool:
    """Returns whether a file can be made in a folder."""
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


def abbreviate_home(text: str) -> str:
    """Returns a text with `~` in place of the user's home."""
    home = str(Path.home())
    return text if home in ("/", "") else re.sub(rf"{re.escape(home)}(?=/|\b|$)", "~", text)


def _read_quota() -> float | None:
    """Returns the number of cores that a container may use at most; None where there is no limit."""
    quota, _, period = _read("/sys/fs/cgroup/cpu.max").strip().partition(" ")
    return int(quota) / int(period) if quota.isdigit() and period.isdigit() else None


def _read(path: str) -> str:
    """Returns the text of one of the system's own files; empty where it cannot be read."""
    try:
        with Path(path).open(encoding="utf-8", errors="replace") as file:
            return file.read(1 << 20)
    except OSError:
        return ""
