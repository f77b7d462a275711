"""MPEG audio (mp3): its frames counted, since what its header says of them is often wrong.

The first frame of a file may hold no sound but a header by Xing, LAME or Fraunhofer (VBRI), with the number of frames
that follow. libsndfile takes it at its word: of files that were joined it reads the first, and where the number is too
small it stops there. Without a header it guesses the number by the length of the first frames, and stops there too.
Here each stretch of frames behind such a header is a part, its header mended, or one put before it.
"""

import dataclasses
import mmap
import struct
from typing import NamedTuple

from babble_jax.audio.containers.part import Container, Part

_BITRATES = {  # kbit/s by index, of (MPEG 1, layer)
    (True, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}  # Hz
_INFO_PLACES = ((17, 9), (32, 17))
"""Bytes between the head of a frame and the name of what it holds in place of sound, by (MPEG 1, mono)."""
_LONGEST_JUNK = 2**20  # bytes before the first frame


class FrameHeader(NamedTuple):
    """The header of a frame: its length in bytes, and what stays the same throughout a stream."""

    length: int
    version: int
    layer: int
    rate: int
    mono: bool

    @property
    def stream(self) -> tuple[int, int, int, bool]:
        """Version, layer, rate and mono, which all frames of a stream have in common."""
        return self.version, self.layer, self.rate, self.mono


@dataclasses.dataclass
class _Stretch:
    """Frames behind each other; `info` is the position of the name in the header frame, if there is one."""

    start: int
    header: FrameHeader
    info: int | None
    stop: int = 0
    frames: int = 0  # with sound


def parse_header(content: bytes) -> FrameHeader | None:
    """Parses the four bytes that a frame begins with; None where they are none, or of a free bit rate."""
    if len(content) < 4 or content[0] != 0xFF or content[1] & 0xE0 != 0xE0:
        return None
    version, layer = content[1] >> 3 & 3, 4 - (content[1] >> 1 & 3)
    bitrate, rate = content[2] >> 4, content[2] >> 2 & 3
    if version == 1 or layer == 4 or bitrate in (0, 15) or rate == 3 or content[3] & 3 == 2:
        return None
    bits, hertz = _BITRATES[version == 3, layer][bitrate] * 1000, _RATES[version][rate]
    padding = content[2] >> 1 & 1
    if layer == 1:
        length = (12 * bits // hertz + padding) * 4
    else:
        length = (72 if layer == 3 and version != 3 else 144) * bits // hertz + padding
    return FrameHeader(length, version, layer, hertz, content[3] >> 6 == 3)


def begins_with_frames(head: bytes) -> bool:
    """Returns whether two frames of one stream stand at the beginning; one may follow from any bytes."""
    first = parse_header(head[:4])
    second = parse_header(head[first.length : first.length + 4]) if first else None
    return first is not None and second is not None and first.stream == second.stream


def examine(data: bytes | mmap.mmap) -> Container | None:
    """Finds the parts of an mp3 file; None where it is none."""
    stretches, cut = _find_stretches(data)
    if not stretches or (len(stretches) == 1 and stretches[0].frames < 2 and stretches[0].info is None):
        return None
    counts = [_read_counts(data, one) for one in stretches]
    last, (claim, size) = stretches[-1], counts[-1]
    # A header of which only one number is too large is wrong; the sound is there.
    if claim is not None and claim > last.frames and (cut or (size or 0) > len(data) - last.start):
        return Container(missing=f"{claim - last.frames} of {claim} frames")
    notes = ["ends within a frame: what follows is missing"] if cut else []
    wrong = [
        (frames, one.frames)
        for one, (frames, _) in zip(stretches, counts, strict=True)
        if frames is not None and frames != one.frames
    ]
    notes += [
        f"its header says {frames} frames, and {count} are there, which are read"
        for frames, count in wrong
        if abs(frames - count) > 1
    ]
    if len(stretches) == 1 and not wrong and claim is not None and not _is_vbri(data, last):
        return Container(notes=tuple(notes))
    if len(stretches) > 1:
        notes.append(f"holds {len(stretches)} files that were joined, and all of them are read")
    return Container(tuple(_mend(data, one) for one in stretches if one.frames), notes=tuple(notes))


def _find_stretches(data: bytes | mmap.mmap) -> tuple[list[_Stretch], bool]:
    """Walks through the frames: the stretches, and whether the file ends within a frame."""
    stretches: list[_Stretch] = []
    position, size, in_step, cut = 0, len(data), False, False
    while position + 4 <= size:
        head = data[position : position + 4]
        header = parse_header(head)
        if header is not None and not in_step and not begins_with_frames(data[position : position + 3000]):
            header = None
        if header is None:
            in_step = False
            position = _skip(data, position, head)
            if position > _LONGEST_JUNK and not stretches:
                break
            continue
        if position + header.length > size:
            cut = in_step
            break
        info = _find_info(data, position, header)
        if not stretches or info is not None or header.stream != stretches[-1].header.stream:
            stretches.append(_Stretch(position, header, info))
        position += header.length
        stretches[-1].stop = position
        stretches[-1].frames += info is None
        in_step = True
    return stretches, cut


def _skip(data: bytes | mmap.mmap, position: int, head: bytes) -> int:
    """Finds the next position at which a frame may begin, behind a tag or bytes that are none."""
    if head[:3] == b"ID3":
        size = data[position + 6 : position + 10]
        if len(size) == 4 and max(size) < 128:
            return position + 10 + (size[0] << 21 | size[1] << 14 | size[2] << 7 | size[3])
    if head[:3] == b"TAG" and position + 128 == len(data):
        return position + 128
    sync, tag = data.find(b"\xff", position + 1), data.find(b"ID3", position + 1, position + 4096)
    candidates = [place for place in (sync, tag) if place >= 0]
    return min(candidates, default=len(data))


def _find_info(data: bytes | mmap.mmap, position: int, header: FrameHeader) -> int | None:
    """Finds the name of the header that a frame holds in place of sound."""
    if header.layer != 3:
        return None
    for extra in (0, 2):  # a checksum goes before
        place = position + 4 + _INFO_PLACES[header.version == 3][header.mono] + extra
        if data[place : place + 4] in (b"Xing", b"Info"):
            return place
    return position + 36 if data[position + 36 : position + 40] == b"VBRI" else None


def _is_vbri(data: bytes | mmap.mmap, stretch: _Stretch) -> bool:
    return stretch.info is not None and data[stretch.info : stretch.info + 4] == b"VBRI"


def _fields(data: bytes | mmap.mmap, info: int) -> tuple[int | None, int | None]:
    """Returns the positions of the number of frames and of bytes, big-endian; None where one is not given."""
    if data[info : info + 4] == b"VBRI":
        return info + 14, info + 10
    flags = data[info + 7]
    frames = info + 8 if flags & 1 else None
    return frames, info + 8 + 4 * (flags & 1) if flags & 2 else None


def _read_counts(data: bytes | mmap.mmap, stretch: _Stretch) -> tuple[int | None, int | None]:
    """Returns the number of frames and of bytes that the header of a stretch says."""
    if stretch.info is None:
        return None, None
    frames, size = (
        None if place is None else struct.unpack(">I", data[place : place + 4])[0]
        for place in _fields(data, stretch.info)
    )
    return frames, size


def _mend(data: bytes | mmap.mmap, stretch: _Stretch) -> Part:
    """Makes a part of a stretch, with a header that says the frames and bytes that are there."""
    size = stretch.stop - stretch.start
    if stretch.info is not None and not _is_vbri(data, stretch):
        frames_place, size_place = _fields(data, stretch.info)
        if frames_place is not None:
            patches = [(frames_place, struct.pack(">I", stretch.frames))]
            if size_place is not None:
                patches.append((size_place, struct.pack(">I", size)))
            return Part(stretch.start, stretch.stop, tuple(patches))
    if stretch.header.layer != 3:
        return Part(stretch.start, stretch.stop)
    start = stretch.start + (0 if stretch.info is None else stretch.header.length)
    head = _make_info(data[stretch.start : stretch.start + 4], stretch.frames, stretch.stop - start)
    return Part(start, stretch.stop, head=head)


def _make_info(head: bytes, frames: int, size: int) -> bytes:
    """Makes the header frame of a stretch, by the four bytes of its first frame.

    Args:
      head: these bytes.
      frames: number of frames that follow.
      size: of them, in bytes.
    """
    # Without a checksum or padding, and of a bit rate at which a frame has room.
    head = bytes([head[0], head[1] | 1, 0x90 | head[2] & 0x0C, head[3]])
    header = parse_header(head)
    assert header is not None
    zeros = bytes(_INFO_PLACES[header.version == 3][header.mono])
    fields = b"Xing" + struct.pack(">III", 3, frames, header.length + size)
    return (head + zeros + fields).ljust(header.length, b"\0")
