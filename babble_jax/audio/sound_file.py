"""A sound file of any type that libsndfile decodes, checked and read block by block.

Axes: T samples of a block, C channels. Amplitudes are float32 as the file says them: floats may lie beyond full scale.
"""

import contextlib
import mmap
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

from babble_jax.audio.containers import flac, mp3, ogg, uncompressed
from babble_jax.audio.containers.part import Container, Part, PartFile
from babble_jax.audio.resampling import StreamResampler
from babble_jax.errors import BabbleError
from babble_jax.input_files import is_file, is_folder

MIN_SECONDS = 0.010  # seconds
MOST_AMPLITUDES = 2**31
"""Amplitudes of all channels that a file may say to hold: 8 GiB once read, 37 hours of one channel at 16 kHz."""
_BLOCK = 2**16
"""Amplitudes of all channels in a block."""


class SoundFile:
    """A sound file whose head is sound; `blocks` decodes it, once for each call.

    Args:
      path: of the file, of which the content tells the type.

    Attributes:
      path: of the file.
      rate: Hz.
      channels: number of channels.
      frames: samples of each channel by the heads of the file; None where they do not say.
      notes: what is out of the ordinary, each the end of a sentence that begins with the file.

    Raises:
      BabbleError: the file is missing, empty, truncated or no audio.
    """

    def __init__(self, path: str | os.PathLike):
        self.path = Path(path)
        if is_folder(self.path):
            raise BabbleError(f"{path}: is a folder; name one sound file.")
        if not is_file(self.path):
            raise BabbleError(f"{path}: there is no such file; check the path.")
        if not self.path.is_file():  # to open a pipe would wait for ever
            raise BabbleError(f"{path}: is no regular file; name a sound file on disk.")
        if self.path.stat().st_size == 0:
            raise BabbleError(f"{path}: the file is empty; delete it or fetch it again.")
        with self._as_one_sentence():
            container = _examine(self.path)
            self._parts: tuple[Part | None, ...] = container.parts or (None,)
            self._opened: _Decoder | None = (
                None  # for the first call of `blocks`: to open it takes as long as to read
            )
            heads = []
            for part in self._parts:
                if part is None:
                    self._opened = file = _decoder(self.path)
                    heads.append((file.samplerate, file.channels, self._count_frames(file, part)))
                    continue
                with _open(self.path, part) as file:
                    heads.append((file.samplerate, file.channels, self._count_frames(file, part)))
        # Of a file that is cut libsndfile's reason says less.
        if container.missing:
            raise BabbleError(
                f"{path}: the file is truncated, it lacks {container.missing} at its end; fetch it again."
            )
        self.notes = container.notes
        self.rate, self.channels, _ = heads[0]
        if len({(rate, channels) for rate, channels, _ in heads}) > 1:
            self.notes += (f"its parts differ in rate or channels, and become as the first, {self.rate} Hz",)
        counts = [None if n is None else round(n * self.rate / rate) for rate, _, n in heads]
        self.frames = None if None in counts else sum(n for n in counts if n is not None)
        if self.frames is not None and self.frames * self.channels > MOST_AMPLITUDES:
            self._refuse_length(self.frames)

    def blocks(self) -> Iterator[np.ndarray]:
        """Yields the amplitudes in blocks of [T, C] float32, T > 0.

        Raises:
          BabbleError: the file is truncated, shorter than 10 ms, damaged, or holds a NaN or an infinity.
        """
        count = 0
        for part in self._parts:
            for block in self._part_blocks(part):
                finite = np.isfinite(block)
                if not finite.all():
                    first = (count + int(np.argmin(finite.all(axis=1)))) / self.rate
                    raise BabbleError(
                        f"{self.path}: NaN or infinite amplitude at {first:.3f} s; export it again or leave it out."
                    )
                count += len(block)
                if count * self.channels > MOST_AMPLITUDES:
                    self._refuse_length(count)
                yield block
        if count < MIN_SECONDS * self.rate:
            raise BabbleError(
                f"{self.path}: holds {count / self.rate * 1000:.3g} ms of sound, less than "
                f"{MIN_SECONDS * 1000:.0f} ms; leave the file out."
            )

    def _part_blocks(self, part: Part | None) -> Iterator[np.ndarray]:
        """Decodes a part, at the rate and with the channels of the file."""
        opened, self._opened = self._opened, None
        with self._as_one_sentence(), opened or _open(self.path, part) as file:
            frames, count = self._count_frames(file, part), 0
            resampler = StreamResampler(file.samplerate, self.rate, self.channels)
            while True:
                block = file.read(_BLOCK // file.channels, dtype="float32", always_2d=True)
                count += len(block)
                if file.channels != self.channels and len(block):
                    block = np.repeat(block.mean(axis=1, keepdims=True), self.channels, axis=1)
                block = resampler.push(block) if len(block) else resampler.finish()
                if len(block):
                    yield block
                if resampler.finished:
                    break
        if frames is not None and count < frames:
            raise BabbleError(
                f"{self.path}: the file is truncated, it lacks {frames - count} of {frames} frames at its end; "
                "fetch it again."
            )

    def _count_frames(self, file: soundfile.SoundFile, part: Part | None) -> int | None:
        """Returns the samples of each channel that a head says; None where a FLAC stream does not."""
        if file.format == "FLAC":
            with self.path.open("rb") as head:
                head.seek(0 if part is None else part.start)
                if not flac.has_length(head.read(26)):
                    return None
        return file.frames

    def _refuse_length(self, frames: int) -> None:
        hours = [x / self.rate / 3600 for x in (frames * self.channels, MOST_AMPLITUDES)]
        raise BabbleError(
            f"{self.path}: says that it holds {hours[0]:.3g} h of sound in all channels, more than fits into "
            f"memory; it is damaged, or must be cut into parts of {hours[1]:.3g} h."
        )

    @contextlib.contextmanager
    def _as_one_sentence(self) -> Iterator[None]:
        try:
            yield
        except (
            soundfile.LibsndfileError,
            TypeError,
            ValueError,
        ) as error:  # ValueError: what cannot be sought in
            reason = getattr(error, "error_string", str(error)).strip().rstrip(".")
            raise BabbleError(
                f"{self.path}: cannot be read as audio ({reason}); it is damaged, "
                f"truncated or of another kind: fetch it again, or convert it to wav."
            ) from error
        except OSError as error:
            raise BabbleError(
                f"{self.path}: cannot be read ({error.strerror}); check the path and its rights."
            ) from error


class _Decoder(soundfile.SoundFile):
    """Reads on from where it is; soundfile seeks after each block, which some decoders do not do to the bit."""

    def seekable(self) -> bool:
        """Returns False."""
        return False


def header_seconds(path: str | os.PathLike) -> float:
    """Reads the length of a sound file from its heads, in seconds; 0 where it is refused or they do not say.

    Of FLAC only the first head is read: to look for more would be to read the file.
    """
    if not Path(path).is_file():  # to open a pipe would wait for ever
        return 0.0
    try:
        with Path(path).open("rb") as head:
            is_flac = head.read(4) == b"fLaC"
        if is_flac:
            with _open(Path(path), None) as file:
                return file.frames / file.samplerate if file.frames <= MOST_AMPLITUDES else 0.0
        sound = SoundFile(path)
    except (BabbleError, OSError, soundfile.LibsndfileError):
        return 0.0
    return (sound.frames or 0) / sound.rate


@contextlib.contextmanager
def _open(path: Path, part: Part | None) -> Iterator[soundfile.SoundFile]:
    """Opens a file, or a part of it, without its name, by which libsndfile would guess."""
    if part is None:
        with _decoder(path) as file:
            yield file
    else:
        with PartFile(path, part) as content, _Decoder(content) as file:  # pyright: ignore[reportArgumentType]
            yield file


def _decoder(path: Path) -> _Decoder:
    return _Decoder(os.open(path, os.O_RDONLY), closefd=True)


def _examine(path: Path) -> Container:
    """Looks at the container of a file."""
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] in (b"RIFF", b"RIFX", b"RF64") and head[8:] == b"WAVE":
            return uncompressed.examine_wav(path)
        if head[:4] == b"OggS":
            return ogg.examine(path)
        if head[:4] == b"fLaC":
            return flac.examine(path)
        if head[:4] == b"FORM":
            return uncompressed.examine_aiff(path)
        if head[:4] == b"riff":
            return uncompressed.examine_w64(path)
        if head[:4] == b"caff":
            return uncompressed.examine_caf(path)
        if head[:4] in (b".snd", b"dns."):
            return uncompressed.examine_au(path)
        if head[:7] == b"NIST_1A":
            return uncompressed.examine_sphere(path)
        if head[:3] == b"ID3" or (head[:1] == b"\xff" and mp3.parse_header(head[:4])):
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return mp3.examine(data) or Container()
    return Container()
