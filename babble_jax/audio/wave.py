"""Reads sound files of any rate and channel count, and writes PCM16 wav; an unusable file raises one sentence.

Axes: T samples, C channels. Amplitudes are float32, full scale is [-1, 1].
"""

import errno
import importlib
import os
import struct
from pathlib import Path

import librosa
import numpy as np
import soundfile

from babble_jax import files
from babble_jax.audio import pcm
from babble_jax.errors import BabbleError
from babble_jax.input_files import is_file, is_folder, read_bytes

SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")
MIN_SECONDS = 0.010  # seconds
MOST_AMPLITUDES = 2**31
"""Amplitudes of all channels that a file may say to hold: 8 GiB once read, 37 hours of one channel at 16 kHz."""
G722_RATE = 16_000
_MOST_G722 = 2**30  # bytes: 37 hours
_OGG_PAGE = 65_307  # bytes at most


def read(
    path: str | os.PathLike, sample_rate: int | None = None, mono: bool = True
) -> tuple[np.ndarray, int]:
    """Reads a sound file's amplitudes.

    Args:
      path: wav, flac, ogg or mp3, recognized by its content.
      sample_rate: Hz to resample to (soxr, high quality); None keeps the file's own.
      mono: averages the channels.

    Returns:
      (audio, rate): [T] float32 where mono, otherwise [T, C] float32; rate in Hz.

    Raises:
      BabbleError: the file is missing, empty, truncated, shorter than 10 ms or no audio, or holds a NaN or
        an infinity.
    """
    path = Path(path)
    if is_folder(path):
        raise BabbleError(f"{path}: is a folder; name one sound file.")
    if not is_file(path):
        raise BabbleError(f"{path}: there is no such file; check the path.")
    if not path.is_file():  # to open a pipe would wait for ever
        raise BabbleError(f"{path}: is no regular file; name a sound file on disk.")
    if path.stat().st_size == 0:
        raise BabbleError(f"{path}: the file is empty; delete it or fetch it again.")
    try:
        with soundfile.SoundFile(path) as file:
            rate, frames = file.samplerate, file.frames
            if frames * file.channels > MOST_AMPLITUDES:
                hours = [x / rate / 3600 for x in (frames * file.channels, MOST_AMPLITUDES)]
                raise BabbleError(
                    f"{path}: says that it holds {hours[0]:.3g} h of sound in all channels, more than fits into "
                    f"memory; it is damaged, or must be cut into parts of {hours[1]:.3g} h."
                )
            audio = file.read(dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, TypeError) as error:  # TypeError: a name that ends in .raw
        reason = getattr(error, "error_string", str(error)).strip().rstrip(".")
        raise BabbleError(
            f"{path}: cannot be read as audio ({reason}); it is damaged, "
            f"truncated or of another kind: fetch it again, or convert it to wav."
        ) from error
    except MemoryError as error:
        raise BabbleError(
            f"{path}: says that it holds more sound than fits into memory; it is damaged, or must be cut into parts."
        ) from error
    missing = _missing_end(path)
    if not missing and len(audio) < frames:
        missing = f"{frames - len(audio)} of {frames} frames"
    if missing:
        raise BabbleError(f"{path}: the file is truncated, it lacks {missing} at its end; fetch it again.")
    if len(audio) < MIN_SECONDS * rate:
        raise BabbleError(
            f"{path}: holds {len(audio) / rate * 1000:.3g} ms of sound, less than "
            f"{MIN_SECONDS * 1000:.0f} ms; leave the file out."
        )
    if not np.isfinite(audio).all():
        first = int(np.argmin(np.isfinite(audio).all(axis=1)))
        raise BabbleError(
            f"{path}: NaN or infinite amplitude at {first / rate:.3f} s; export it again or leave it out."
        )
    if mono:
        audio = audio.mean(axis=1, dtype=np.float32)
    return resample(audio, rate, sample_rate or rate), sample_rate or rate


def header_seconds(path: str | os.PathLike) -> float:
    """Reads the length of a sound file from its header, in seconds; 0 where `read` refuses the file by its header."""
    path = Path(path)
    try:
        if not path.is_file() or _missing_end(path):
            return 0.0
        with soundfile.SoundFile(path) as file:
            seconds = file.frames / file.samplerate
            return seconds if file.frames * file.channels <= MOST_AMPLITUDES else 0.0
    except (OSError, TypeError, soundfile.LibsndfileError):  # TypeError: a name that ends in .raw
        return 0.0


def resample(audio: np.ndarray, rate: int, to: int) -> np.ndarray:
    """Resamples audio to another rate (soxr, high quality).

    Args:
      audio: [T, ...] float32.
      rate: Hz, of `audio`.
      to: Hz.

    Returns:
      [T', ...] float32; `audio` itself where the rates are equal.
    """
    if rate == to:
        return audio
    return librosa.resample(audio, orig_sr=rate, target_sr=to, res_type="soxr_hq", axis=0)


def write(path: str | os.PathLike, audio: np.ndarray, rate: int) -> None:
    """Writes a PCM16 wav, whole or not at all.

    Args:
      path: of the file, ending in `.wav`.
      audio: [T] or [T, C] float; what lies outside [-1, 1] is clipped.
      rate: Hz.

    Raises:
      BabbleError: an amplitude is NaN or infinite, there are more of them than a wav holds, or they
        cannot be written at `path`.
    """
    audio = np.asarray(audio)
    if len(audio):
        check_length(len(audio) / rate, rate, audio[:1].size)
    if not np.isfinite(audio).all():
        raise BabbleError(f"{path}: not written, since the audio holds NaN or infinite amplitudes.")
    samples = pcm.to_int16(audio)
    with files.atomic_write(path) as temporary:
        try:
            soundfile.write(temporary, samples, rate, subtype="PCM_16", format="WAV")
            complete = temporary.stat().st_size >= samples.nbytes
        except (soundfile.LibsndfileError, AssertionError):  # soundfile asserts that all was written
            complete = False
        if not complete:  # libsndfile does not say why
            raise OSError(errno.EIO, "the disk takes only a part of it")


def check_length(seconds: float, rate: int, channels: int = 1) -> None:
    """Checks before long work that sound of this length can be written.

    Args:
      seconds: length of the sound.
      rate: Hz.
      channels: number of channels.

    Raises:
      BabbleError: it is not finite, is less than a sample, or fills more than the 4 GiB of a wav.
    """
    longest = (2**32 - 4096) / (2 * channels * rate)  # the header is shorter than that
    if not 0.5 / rate < seconds <= longest:
        raise BabbleError(
            f"{seconds:g} s of sound cannot be written: a wav holds from one sample to {longest:.0f} s at {rate} Hz; "
            "ask for another length."
        )


def read_g722(path: str | os.PathLike) -> tuple[np.ndarray, int]:
    """Reads a headerless G.722 file (64 kbit/s): ([T] float32, 16000 Hz).

    Raises:
      BabbleError: the package `g722` is not installed, or the file is missing or shorter than 10 ms.
    """
    path = Path(path)
    try:
        codec = importlib.import_module("G722")
    except ImportError as error:
        raise BabbleError(
            f"{path}: needs the package g722; install it with `pip install g722` (extra: recipes)."
        ) from error
    if not path.is_file():
        raise BabbleError(f"{path}: there is no such file; check the path.")
    samples = np.asarray(codec.G722(G722_RATE, 64_000).decode(read_bytes(path, _MOST_G722)), np.int16)
    if len(samples) < MIN_SECONDS * G722_RATE:
        raise BabbleError(
            f"{path}: holds less than {MIN_SECONDS * 1000:.0f} ms of sound; leave the file out."
        )
    return pcm.from_int16(samples), G722_RATE


def _missing_end(path: Path) -> str:
    """Says what is missing at the end of a RIFF or Ogg file; empty for complete files and for other formats.

    libsndfile reads a truncated wav or ogg without an error.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        head = file.read(12)
        if head[:4] in (b"RIFF", b"RIFX") and head[8:] == b"WAVE":
            order = "<" if head[:4] == b"RIFF" else ">"
            while len(chunk := file.read(8)) == 8:
                length = struct.unpack(f"{order}I", chunk[4:])[0]
                if chunk[:4] == b"data":
                    unknown = length >= 0xFFFF0000  # what a program writes that streams to a pipe
                    missing = 0 if unknown else file.tell() + length - size
                    return f"{missing} bytes" if missing > 0 else ""
                file.seek(length + length % 2, os.SEEK_CUR)
        elif head[:4] == b"OggS":
            file.seek(max(0, size - 2 * _OGG_PAGE))
            tail = file.read()
            page = tail[max(tail.rfind(b"OggS"), 0) :]
            complete = len(page) >= 27 and len(page) >= 27 + page[26] + sum(page[27 : 27 + page[26]])
            if not (complete and page[5] & 4):  # the flag of a stream's last page
                return "its last page"
    return ""
