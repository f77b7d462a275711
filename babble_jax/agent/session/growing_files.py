"""Files that grow while they are read by others: what is in them is complete at every moment.

Axes: T samples.
"""

import contextlib
import os
import struct
from pathlib import Path

MOST_WAV_BYTES = 2**32 - 4096
"""Bytes of sound that a wav can hold."""
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")


class GrowingFile:
    """A file to which bytes are appended, all of them or none.

    Args:
      path: of the file, which must not exist.

    Attributes:
      size: bytes that are in the file.
    """

    def __init__(self, path: Path):
        self.path, self.size = path, 0
        self._descriptor = os.open(
            path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o666
        )

    def append(self, content: bytes | bytearray) -> None:
        """Appends bytes.

        Raises:
          OSError: they cannot be written; the file is as before, and they can be appended again later.
        """
        try:
            self._write(content, self.size)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self.size)
            raise
        self.size += len(content)

    def _write(self, content: bytes | bytearray, at: int) -> None:
        view = memoryview(
            bytes(content)
        )  # a copy: an error holds the view, and a bytearray with a view cannot grow
        while view:
            count = os.pwrite(self._descriptor, view, at)
            view, at = view[count:], at + count

    def close(self) -> None:
        """Closes the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1


class GrowingWav(GrowingFile):
    """A PCM16 wav to which samples are appended; its header is refreshed each time, after them.

    Between the two there are more samples than the header says, which players and Praat pass over.

    Args:
      path: of the file, which must not exist.
      rate: Hz.
      channels: number of channels.
    """

    def __init__(self, path: Path, rate: int, channels: int):
        super().__init__(path)
        self._rate, self._channels = rate, channels
        super().append(self._header(0))

    @property
    def samples(self) -> int:
        """T, which the header says, of each channel."""
        return (self.size - _HEADER.size) // (2 * self._channels)

    def append(self, content: bytes | bytearray) -> None:
        """Appends samples, interleaved int16 of little end.

        Raises:
          OSError: they cannot be written; the file is as before.
        """
        super().append(content)
        self._write(self._header(self.size - _HEADER.size), 0)

    def _header(self, count: int) -> bytes:
        """Returns the header of a wav of so many bytes of sound."""
        width = 2 * self._channels
        return _HEADER.pack(
            b"RIFF", _HEADER.size - 8 + count, b"WAVE",
            b"fmt ", 16, 1, self._channels, self._rate, width * self._rate, width, 16,
            b"data", count,
        )  # fmt: skip
