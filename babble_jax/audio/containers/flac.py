"""FLAC: files that were joined, of which libsndfile decodes the first; a length that its encoder did not know."""

import os
from pathlib import Path

from babble_jax.audio.containers.part import Container, Part

_MARKS = (b"fLaC\x00\x00\x00\x22", b"fLaC\x80\x00\x00\x22")
"""What a file begins with: its mark, and that of a stream's description, of 34 bytes."""
_CHUNK = 2**20


def examine(path: Path) -> Container:
    """Finds the files that were joined in a FLAC file."""
    starts: list[int] = []
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        position, carry = 0, b""
        while chunk := file.read(_CHUNK):
            content = carry + chunk
            for mark in _MARKS:
                place = content.find(mark)
                while place >= 0:
                    starts.append(position - len(carry) + place)
                    place = content.find(mark, place + 1)
            position += len(chunk)
            carry = content[-7:]
    starts = sorted(set(starts))
    if len(starts) < 2:
        return Container()
    parts = [Part(start, stop) for start, stop in zip(starts, [*starts[1:], size], strict=True)]
    return Container(
        tuple(parts), notes=(f"holds {len(parts)} files that were joined, and all of them are read",)
    )


def has_length(head: bytes) -> bool:
    """Returns whether the head of a FLAC file says how many samples follow; an encoder into a pipe does not know."""
    return head[:4] != b"fLaC" or head[21:26][0] & 15 > 0 or any(head[22:26])
