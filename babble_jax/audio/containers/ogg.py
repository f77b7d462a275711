"""Ogg (Vorbis, Opus, FLAC): files that were joined are a chain, of which libsndfile decodes the first link."""

import os
from pathlib import Path

from babble_jax.audio.containers.part import Container, Part

_HEADER = 27  # bytes of a page before the lengths of its segments
_FIRST, _LAST = 2, 4  # flags of the first and of the last page of a stream
_CHUNK = 2**16


def examine(path: Path) -> Container:
    """Finds the links of an Ogg file; the end is missing where the last page is cut or not marked as the last."""
    starts: list[int] = []
    position, flags, complete = 0, 0, False
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        while position < size:
            file.seek(position)
            head = file.read(_HEADER + 255)
            if head[:4] != b"OggS":
                position = _find_page(file, position + 1, size)
                continue
            begins = head[5:6] != b"" and bool(head[5] & _FIRST)
            if begins and (not starts or not flags & _FIRST):
                starts.append(position)
            if len(head) < _HEADER or len(head) < _HEADER + head[26]:
                complete = False
                break
            flags = head[5]
            position += _HEADER + head[26] + sum(head[_HEADER : _HEADER + head[26]])
            complete = position <= size
    if not complete or not flags & _LAST:
        return Container(missing="its last page")
    if len(starts) < 2:
        return Container()
    parts = [Part(start, stop) for start, stop in zip(starts, [*starts[1:], size], strict=True)]
    return Container(
        tuple(parts), notes=(f"holds {len(parts)} files that were joined, and all of them are read",)
    )


def _find_page(file, position: int, size: int) -> int:
    """Finds the next page from a position on; the file's size where there is none."""
    while position < size:
        file.seek(position)
        place = file.read(_CHUNK).find(b"OggS")
        if place >= 0:
            return position + place
        position += _CHUNK - 3
    return size
