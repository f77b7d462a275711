"""Compiles functions by numba, once for each machine: the code is stored in a folder of the user.

So are other results that a start would wait for (`recall`).

numba's own cache raises an error where it can write neither beside the source nor into the home, notices no change in
another file whose functions are inlined, and lets two processes that compile at once mix up their files. Here each
function has one file for each signature, CPU and version of its sources, written completely or not at all; whatever
cannot be read is compiled again, and whatever cannot be written is not stored.
"""

import contextlib
import functools
import hashlib
import os
import pickle
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numba.core.caching
import numba.core.codegen
import numba.core.compiler
import numba.core.runtime
import numba.core.serialize
import platformdirs

from babble_jax import files
from babble_jax.errors import BabbleError
from babble_jax.input_files import read_json


def cpu_features() -> frozenset[str]:
    """Lists the features of the CPU that numba compiles for, by their names in LLVM.

    They are those of this machine, unless `NUMBA_CPU_FEATURES` or `NUMBA_CPU_NAME=generic` says otherwise.
    """
    config: Any = numba.config  # pyright: ignore[reportPrivateImportUsage]
    text = config.CPU_FEATURES
    if text is None:
        text = numba.core.codegen.get_host_cpu_features()
    return frozenset(name[1:] for name in text.split(",") if name.startswith("+"))


def compile_native(sources: Path, **flags: Any) -> Callable[[Callable], Any]:
    """Makes a decorator that compiles a function by numba when it is first called, or loads what was compiled before.

    The function computes with numbers, arrays and tuples of them: no sets, no dictionaries, no threads of numba's.

    Args:
      sources: the file or the folder that holds the function and all that is inlined into it; any change there
        compiles it anew.
      **flags: of `numba.njit`.
    """

    def decorate(function: Callable) -> Any:
        dispatcher: Any = numba.njit(**flags)(function)
        dispatcher._cache = _StoredCode(function, sources)
        return dispatcher

    return decorate


class _StoredCode(numba.core.caching.NullCache):
    """Loads and stores the compiled code of one function, in the place of numba's own cache.

    Args:
      function: the Python function.
      sources: see `compile_native`.
    """

    def __init__(self, function: Callable, sources: Path):
        self._function, self._sources = function, sources

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        # The code allocates arrays by numba's runtime. All that `refresh` of the context would load beside it is for
        # compiling, and takes 0.3 s.
        numba.core.runtime.rtsys.initialize(target_context)  # pyright: ignore[reportPrivateImportUsage]
        path = self._path(sig, target_context.codegen())
        if path is not None and path.is_file():
            with contextlib.suppress(Exception):  # a damaged file, of whatever kind the damage is
                reduced = pickle.loads(path.read_bytes())
                return numba.core.compiler.CompileResult._rebuild(target_context, *reduced)
        _announce(path is not None)
        return None

    def save_overload(self, sig: Any, data: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        path = self._path(sig, data.codegen)
        if path is None or data.lifted or data.library.has_dynamic_globals:
            return
        with contextlib.suppress(OSError, BabbleError), files.atomic_write(path) as temporary:
            temporary.write_bytes(numba.core.serialize.dumps(data._reduce()))

    def _path(self, sig: Any, codegen: Any) -> Path | None:
        """Returns the file of the code for a signature; None where there is no folder."""
        versions = (sys.implementation.cache_tag, numba.__version__, llvmlite.__version__)
        key = (str(sig), codegen.magic_tuple(), versions, _digest_sources(self._sources))
        return _stored_path(f"{self._function.__module__}.{self._function.__qualname__}", key, ".pickle")


def recall(name: str, key: Any, sources: Path, compute: Callable[[], Any]) -> Any:
    """Computes a value, or reads it from the folder for compiled code where it was computed before.

    Args:
      name: of the value.
      key: all that the value depends on beside the sources; a different `repr` is another value.
      sources: the file or the folder with the code that computes it.
      compute: computes a JSON value.
    """
    path = _stored_path(name, (key, _digest_sources(sources)), ".json")
    if path is not None and path.is_file():
        with contextlib.suppress(BabbleError):
            return read_json(path)
    value = compute()
    if path is not None:
        with contextlib.suppress(OSError, BabbleError):
            files.write_json(path, value)
    return value


def _stored_path(name: str, key: Any, suffix: str) -> Path | None:
    """Returns the file of a stored result; None where there is no folder."""
    folder = cache_folder()
    digest = hashlib.sha256(repr(key).encode()).hexdigest()[:16]
    return None if folder is None else folder / f"{name}-{digest}{suffix}"


@functools.cache
def _digest_sources(path: Path) -> str:
    """Computes a digest of a file, or of all Python files below a folder."""
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
        digest.update(file.relative_to(path).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


@functools.cache
def _announce(stored: bool) -> None:
    """Says on standard error, once in a process, why the start takes long."""
    outcome = "once for this machine" if stored else "at every start: no cache folder can be written"
    print(f"compiling native code, {outcome}", file=sys.stderr, flush=True)


@functools.cache
def cache_folder() -> Path | None:
    """Finds the folder for compiled code, made if absent; None where no folder can be written.

    It is `NUMBA_CACHE_DIR` where that is set, else one in the user's folder for caches, else one of the user's own in
    the folder for temporary files.
    """
    for folder in _cache_candidates():
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if _is_own(folder):
                tempfile.TemporaryFile(dir=folder).close()
                return folder
        except OSError:
            continue
    return None


def _cache_candidates() -> Iterator[Path]:
    """Yields folders for compiled code, the best first."""
    config: Any = numba.config  # pyright: ignore[reportPrivateImportUsage]
    if config.CACHE_DIR:
        yield Path(config.CACHE_DIR) / "babble_jax"
    folder = platformdirs.user_cache_path("babble_jax", appauthor=False)
    if folder.is_absolute():  # a user without a home has none
        yield folder / "native"
    yield Path(tempfile.gettempdir()) / f"babble_jax-{os.getuid() if hasattr(os, 'getuid') else 'native'}"


def _is_own(folder: Path) -> bool:
    """Tells whether only this user can write the folder: code is read from it and run."""
    if not hasattr(os, "getuid"):
        return True
    status = folder.lstat()
    writable_by_others = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not writable_by_others
