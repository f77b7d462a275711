"""The stretches of a file that are decoded one after another, each as if it were a file of its own."""

import dataclasses
import io
from pathlib import Path

UNKNOWN_LENGTH = 0xFFFFFFFF
"""Length that a program writes into a header while it does not know it; libsndfile reads to the end then."""


@dataclasses.dataclass(frozen=True)
class Part:
    """A stretch of a file.

    Attributes:
      start: first byte.
      stop: one after the last byte.
      patches: (byte of the file, content) that is read in place of what the file holds there.
      head: content that is read before the stretch.
    """

    start: int
    stop: int
    patches: tuple[tuple[int, bytes], ...] = ()
    head: bytes = b""


@dataclasses.dataclass(frozen=True)
class Container:
    """The sound in a file, as its container says and as it is.

    Attributes:
      parts: in order; empty where libsndfile is given the file as it is.
      missing: the sound that the file says to hold and does not, in a few words; empty where it is complete.
      notes: what is out of the ordinary, each the end of a sentence that begins with the file.
    """

    parts: tuple[Part, ...] = ()
    missing: str = ""
    notes: tuple[str, ...] = ()


class PartFile(io.RawIOBase):
    """Reads a part of a file as a file.

    Args:
      path: of the file.
      part: of it.
    """

    def __init__(self, path: str | Path, part: Part):
        self._file = Path(path).open("rb")  # noqa: SIM115 -- closed with this object
        self._part, self._position = part, 0

    def readable(self) -> bool:
        """Returns True."""
        return True

    def seekable(self) -> bool:
        """Returns True."""
        return True

    def tell(self) -> int:
        """Returns the position in the part."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Moves to a position in the part and returns it."""
        size = len(self._part.head) + self._part.stop - self._part.start
        base = (0, self._position, size)[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Reads bytes into a buffer and returns their number; 0 at the end."""
        view = memoryview(buffer).cast("B")
        if self._position < len(self._part.head):
            content = self._part.head[self._position : self._position + len(view)]
            view[: len(content)] = content
            self._position += len(content)
            return len(content)
        start = self._part.start + self._position - len(self._part.head)
        count = max(0, min(len(view), self._part.stop - start))
        self._file.seek(start)
        count = self._file.readinto(view[:count])
        for place, content in self._part.patches:
            first, last = max(place, start), min(place + len(content), start + count)
            if first < last:
                view[first - start : last - start] = content[first - place : last - place]
        self._position += count
        return count

    def close(self) -> None:
        """Closes the file."""
        self._file.close()
        super().close()
