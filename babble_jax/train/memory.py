"""Memory that a process frees and asks for again: kept by the process while it trains on a CPU.

XLA allocates the arrays of an update anew each time. glibc gives large blocks back to the system at once, which then
clears each page when it is next touched: a quarter of the time of an update of some ten MB goes there.
"""

import contextlib
import ctypes
import sys
from collections.abc import Iterator

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4  # parameters of mallopt(3)
_DEFAULT_TRIM, _DEFAULT_MMAP_MAX = 128 * 1024, 65536
_MOST = 2**31 - 1  # bytes of free memory at the end of the heap that are kept


@contextlib.contextmanager
def keep_freed_memory() -> Iterator[bool]:
    """Lets the process keep up to 2 GB of the memory that it frees, within this context; only glibc can do so.

    Nothing that is computed changes. At the end the memory is given back, and the settings of glibc are its defaults.

    Yields:
      Whether the C library does so.
    """
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    if not (hasattr(library, "mallopt") and hasattr(library, "gnu_get_libc_version")):
        yield False
        return
    assert library is not None
    library.mallopt(_MMAP_MAX, 0)  # large blocks come from the heap, too
    library.mallopt(_TRIM_THRESHOLD, _MOST)
    try:
        yield True
    finally:
        library.mallopt(_MMAP_MAX, _DEFAULT_MMAP_MAX)
        library.mallopt(_TRIM_THRESHOLD, _DEFAULT_TRIM)
        library.malloc_trim(0)
