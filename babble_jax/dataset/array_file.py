"""Arrays with rows for each recording in one file: written recording by recording, read slice by slice.

The file is a safetensors file, so that other programs read it too. Neither side holds an array in memory. Its metadata
hold a fingerprint of all that the arrays were computed from, and a digest of the arrays, by which a stale or damaged
file is recognized.

Axes: R recordings, F rows of a recording.
"""

import contextlib
import hashlib
import json
import threading
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from babble_jax import files
from babble_jax.errors import BabbleError
from babble_jax.input_files import parse_json

_DTYPES = {"U8": np.dtype("u1"), "F32": np.dtype("<f4"), "F64": np.dtype("<f8")}
_FINGERPRINT, _DIGEST = "fingerprint", "sha256"
_LONGEST_HEADER = 1 << 20  # bytes


class Column(NamedTuple):
    """The type of an array: a row holds `width` values, or one value where that is 0."""

    dtype: str
    width: int = 0

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of a row."""
        return (self.width,) if self.width else ()

    @property
    def row_bytes(self) -> int:
        """Size of a row."""
        return _DTYPES[self.dtype].itemsize * max(1, self.width)


class UnusableFileError(Exception):
    """The file is stale or damaged; its text says which, as the end of a sentence."""


class _Layout:
    """Positions of rows in a file.

    Args:
      columns: the arrays by name.
      counts: [R] rows of each recording.
    """

    def __init__(self, columns: Mapping[str, Column], counts: np.ndarray):
        self.columns = dict(columns)
        self.firsts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        self.starts, self.size = {}, 0  # bytes behind the header
        for name, column in self.columns.items():
            self.starts[name] = self.size
            self.size += int(self.firsts[-1]) * column.row_bytes

    def header(self, fingerprint: str, digest: str) -> bytes:
        """Makes the header of a safetensors file; its length does not depend on the digest's digits."""
        rows = int(self.firsts[-1])
        entries: dict[str, Any] = {"__metadata__": {_FINGERPRINT: fingerprint, _DIGEST: digest}}
        for name, column in self.columns.items():
            start = self.starts[name]
            entries[name] = {
                "dtype": column.dtype,
                "shape": [rows, *column.shape],
                "data_offsets": [start, start + rows * column.row_bytes],
            }
        text = json.dumps(entries).encode()
        text += b" " * (-len(text) % 8)  # safetensors aligns the arrays
        return len(text).to_bytes(8, "little") + text

    def position(self, name: str, i: int, row: int) -> int:
        """Returns the byte behind the header at which a row of recording i begins."""
        return self.starts[name] + (int(self.firsts[i]) + row) * self.columns[name].row_bytes


class ArrayWriter:
    """Writes the rows of recordings in any order.

    Args:
      file: open for writing.
      layout: positions of rows.
      start: byte at which the arrays begin.
    """

    def __init__(self, file: BinaryIO, layout: _Layout, start: int):
        self._file, self._layout, self._start = file, layout, start

    def write(self, name: str, i: int, first: int, values: np.ndarray) -> None:
        """Writes rows of recording i from row `first` on.

        Args:
          name: of the array.
          i: number of the recording.
          first: row.
          values: rows, of a type that converts to that of the array.
        """
        column = self._layout.columns[name]
        values = np.ascontiguousarray(values, _DTYPES[column.dtype])
        count = self._layout.firsts[i + 1] - self._layout.firsts[i]
        if values.shape[1:] != column.shape or first + len(values) > count:
            raise ValueError(f"{name}: rows of shape {values.shape} from {first} on do not fit recording {i}")
        self._file.seek(self._start + self._layout.position(name, i, first))
        self._file.write(values.tobytes())


@contextlib.contextmanager
def write_array_file(
    path: Path, fingerprint: str, columns: Mapping[str, Column], counts: np.ndarray
) -> Iterator[ArrayWriter]:
    """Writes a file completely or not at all; the caller writes every row.

    Args:
      path: of the file.
      fingerprint: of all that the arrays are computed from.
      columns: the arrays by name.
      counts: [R] rows of each recording.

    Raises:
      BabbleError: the file cannot be written.
    """
    layout = _Layout(columns, counts)
    with files.atomic_write(path) as temporary, files.wrap_oserror(path), temporary.open("w+b") as file:
        blank = layout.header(fingerprint, "0" * 64)
        file.write(blank)
        file.truncate(len(blank) + layout.size)
        yield ArrayWriter(file, layout, len(blank))
        file.seek(len(blank))
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        file.write(layout.header(fingerprint, digest))


class ArrayFile:
    """Reads a file that `write_array_file` wrote. Several threads may read at once; `close` closes it.

    Args:
      path: of the file.
      fingerprint: which it must have.
      columns: the arrays that it must hold.
      counts: [R] rows of each recording.
      scratch: of the file's folder, if that is temporary: closed together with this object.

    Raises:
      UnusableFileError: it is of another fingerprint or damaged.
      OSError: it cannot be opened.
    """

    def __init__(
        self,
        path: Path,
        fingerprint: str,
        columns: Mapping[str, Column],
        counts: np.ndarray,
        scratch: contextlib.ExitStack | None = None,
    ):
        self._layout, self._lock = _Layout(columns, counts), threading.Lock()
        self._file = path.open("rb")
        try:
            self._start = self._check(fingerprint)
        except BaseException:
            self._file.close()
            raise
        self.close = weakref.finalize(self, _close, self._file, scratch)

    def _check(self, fingerprint: str) -> int:
        """Checks the file, and returns the byte at which the arrays begin."""
        length = int.from_bytes(self._file.read(8), "little")
        text = self._file.read(min(length, _LONGEST_HEADER))
        try:
            metadata = parse_json(text.decode(), "the header")["__metadata__"]
            own_fingerprint, digest = metadata[_FINGERPRINT], metadata[_DIGEST]
        except (BabbleError, ValueError, KeyError, TypeError) as error:
            raise UnusableFileError("is damaged") from error
        if own_fingerprint != fingerprint:
            raise UnusableFileError("belongs to other recordings or to another version of the analysis")
        header = self._layout.header(fingerprint, str(digest))
        if len(header) != 8 + length or header[8:] != text:
            raise UnusableFileError("is damaged")
        if hashlib.file_digest(self._file, "sha256").hexdigest() != digest:  # a missing end changes it too
            raise UnusableFileError("is damaged")
        return len(header)

    def read(self, name: str, i: int, first: int, stop: int) -> np.ndarray:
        """Reads rows `first` to `stop` - 1 of recording i.

        Args:
          name: of the array.
          i: number of the recording.
          first: row.
          stop: row, at most the number of rows of the recording.

        Returns:
          [stop - first, ...] of the array's type, not writable.
        """
        column = self._layout.columns[name]
        with self._lock:
            self._file.seek(self._start + self._layout.position(name, i, first))
            content = self._file.read((stop - first) * column.row_bytes)
        return np.frombuffer(content, _DTYPES[column.dtype]).reshape(stop - first, *column.shape)


def _close(file: BinaryIO, scratch: contextlib.ExitStack | None) -> None:
    file.close()
    if scratch is not None:
        scratch.close()
