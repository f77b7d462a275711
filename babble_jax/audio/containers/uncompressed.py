"""Wav and other uncompressed types: where the sound ends by the header, and where by the file."""

import os
import struct
from pathlib import Path
from typing import BinaryIO, NamedTuple

from babble_jax.audio.containers.part import UNKNOWN_LENGTH, Container, Part

_W64_DATA = b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"


class _Sound(NamedTuple):
    """Where the sound of a RIFF file stands: its first byte, its length, and that a second takes."""

    start: int
    length: int
    byte_rate: int


def is_unknown(length: int) -> bool:
    """Returns whether a length of 32 bits stands for one that its program did not know, being written into a pipe."""
    return length >= 0xFFFF0000 or 0x7FFF0000 <= length <= 0x80001000


def examine_wav(path: Path) -> Container:
    """Finds the sound of a wav or RF64 file, and of those that were joined to it."""
    parts: list[Part] = []
    notes: list[str] = []
    with path.open("rb") as file:
        size, start = os.fstat(file.fileno()).st_size, 0
        while start is not None:
            sound = _find_sound(file, start, size)
            if sound is None:
                break
            stop, patch, next_start = size, None, None
            if is_unknown(sound.length) and sound.start + sound.length > size:
                pass
            elif sound.start + sound.length > size:
                return Container(missing=f"{sound.start + sound.length - size} bytes")
            else:
                stop, next_start, rest = _find_end(file, sound.start + sound.length, size)
                if rest >= max(1, sound.byte_rate) or (sound.length == 0 and rest > 0):
                    patch, stop = struct.pack("<I", UNKNOWN_LENGTH), size
                    seconds = rest / max(1, sound.byte_rate)
                    notes.append(
                        f"its header says {sound.length} bytes of sound, {seconds:.3g} s fewer than follow, "
                        "and all are read"
                    )
            patches = () if patch is None else ((sound.start - 4, patch),)
            parts.append(Part(start, stop, patches))
            start = next_start
    if len(parts) > 1:
        notes.append(f"holds {len(parts)} files that were joined, and all of them are read")
    elif len(parts) == 1 and not parts[0].patches:
        parts = []
    return Container(tuple(parts), notes=tuple(notes))


def _find_sound(file: BinaryIO, start: int, size: int) -> _Sound | None:
    """Finds the sound of the RIFF file that begins at a byte; None where it has none."""
    file.seek(start)
    head = file.read(12)
    order, long_length, byte_rate = (">" if head[:4] == b"RIFX" else "<"), None, 0
    while file.tell() < size and len(chunk := file.read(8)) == 8:
        length = struct.unpack(f"{order}I", chunk[4:])[0]
        begin = file.tell()
        if chunk[:4] == b"ds64":
            long_length = struct.unpack("<Q", file.read(16)[8:].ljust(8, b"\0"))[0]
        elif chunk[:4] == b"fmt ":
            byte_rate = struct.unpack(f"{order}I", file.read(12)[8:].ljust(4, b"\0"))[0]
        elif chunk[:4] == b"data":
            unknown = long_length is not None and length == UNKNOWN_LENGTH
            return _Sound(begin, long_length if unknown and long_length else length, byte_rate)
        file.seek(begin + length + length % 2)
    return None


def _find_end(file: BinaryIO, end: int, size: int) -> tuple[int, int | None, int]:
    """Walks through the chunks behind the sound.

    Args:
      file: open.
      end: first byte behind the sound.
      size: of the file.

    Returns:
      (stop, start, rest): where the RIFF file ends, where another begins (None: nowhere), and how many bytes follow
      that are neither.
    """
    position = end
    while position < size:
        for place in (position, position + 1) if position % 2 else (position,):
            file.seek(place)
            head = file.read(12)
            if head[:4] in (b"RIFF", b"RIFX", b"RF64") and head[8:] == b"WAVE":
                return place, place, 0
            length = int.from_bytes(head[4:8], "little")
            if len(head) >= 8 and _is_name(head[:4]) and place + 8 + length <= size:
                position = place + 8 + length
                break
        else:
            file.seek(position)
            tag = file.read(4)
            is_tag = tag[:3] in (b"ID3", b"TAG") or not any(tag)  # tags of others, and zeros to fill up
            return size, None, 0 if is_tag else size - position
    return size, None, 0


def _is_name(name: bytes) -> bool:
    return all(32 <= byte < 127 for byte in name) and name.strip() != b""


def examine_aiff(path: Path) -> Container:
    """Finds what is missing of an AIFF, AIFF-C or SVX file."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(12)
        while file.tell() < size and len(chunk := file.read(8)) == 8:
            length, begin = struct.unpack(">I", chunk[4:])[0], file.tell()
            if chunk[:4] in (b"SSND", b"BODY"):
                return Container(missing=_missing(0 if is_unknown(length) else begin + length - size))
            file.seek(begin + length + length % 2)
    return Container()


def examine_w64(path: Path) -> Container:
    """Finds what is missing of a W64 file, whose chunks have names of 16 bytes and lengths with their heads."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        position = 40
        while position < size:
            file.seek(position)
            chunk = file.read(24)
            length = int.from_bytes(chunk[16:], "little")
            if chunk[:16] == _W64_DATA:
                return Container(missing=_missing(position + length - size))
            position += max(24, length + -length % 8)
    return Container()


def examine_caf(path: Path) -> Container:
    """Finds what is missing of a CAF file, whose lengths have 64 bits; -1 is one that its program did not know."""
    with path.open("rb") as file:
        size, position = os.fstat(file.fileno()).st_size, 8
        while position < size:
            file.seek(position)
            chunk = file.read(12).ljust(12, b"\0")
            length = int.from_bytes(chunk[4:], "big", signed=True)
            if chunk[:4] == b"data" or length < 0:
                return Container(missing=_missing(position + 12 + length - size))
            position += 12 + length
    return Container()


def examine_au(path: Path) -> Container:
    """Finds what is missing of an AU file, of either order of bytes."""
    with path.open("rb") as file:
        size, head = os.fstat(file.fileno()).st_size, file.read(12)
    start, length = struct.unpack(">II" if head[:4] == b".snd" else "<II", head[4:].ljust(8, b"\0"))
    return Container(missing=_missing(0 if is_unknown(length) else start + length - size))


def examine_sphere(path: Path) -> Container:
    """Finds what is missing of a NIST SPHERE file that is not compressed, by the fields of its head."""
    with path.open("rb") as file:
        size, head = os.fstat(file.fileno()).st_size, file.read(4096)
    lines = [line.split(maxsplit=2) for line in head.split(b"end_head")[0].splitlines()[2:]]
    fields = {parts[0]: parts[2] for parts in lines if len(parts) == 3}
    try:
        start = int(head.split(b"\n")[1])
        one = int(fields[b"channel_count"]) * int(fields[b"sample_n_bytes"])
        length = int(fields[b"sample_count"]) * one
    except (KeyError, ValueError, IndexError):
        return Container()
    compressed = b"," in fields.get(b"sample_coding", b"")
    return Container(missing="" if compressed else _missing(start + length - size))


def _missing(count: int) -> str:
    return f"{count} bytes" if count > 0 else ""
