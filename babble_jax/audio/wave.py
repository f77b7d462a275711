"""Reads sound files of any type, rate and channel count, and writes PCM16 wav; an unusable file raises one sentence.

Axes: T samples, C channels. Amplitudes are float32, full scale is [-1, 1].
"""

import dataclasses
import errno
import importlib
import os
from pathlib import Path

import numpy as np
import soundfile

from babble_jax import files
from babble_jax.audio import full_scale, pcm
from babble_jax.audio.resampling import StreamResampler
from babble_jax.audio.sound_file import MIN_SECONDS, SoundFile
from babble_jax.errors import BabbleError
from babble_jax.input_files import read_bytes
from babble_jax.notes import print_note

G722_RATE = 16_000
_MOST_G722 = 2**30  # bytes: 37 hours
_CANCELLATION = 0.2
"""Power of the mean of channels over theirs, times their number, below which one of them is taken: 1 for unrelated
channels, 0 for such as cancel."""


@dataclasses.dataclass(frozen=True)
class Sound:
    """The sound of a file.

    Attributes:
      audio: [T] or [T, C] float32 in [-1, 1].
      rate: Hz.
      notes: what is out of the ordinary, each the end of a sentence that begins with the file.
      overshoot: peak by which it was divided though the file's own lie within full scale, since resampling brought it
        beyond; else 1.
    """

    audio: np.ndarray
    rate: int
    notes: tuple[str, ...]
    overshoot: float = 1.0


def read(
    path: str | os.PathLike, sample_rate: int | None = None, mono: bool = True
) -> tuple[np.ndarray, int]:
    """Reads a sound file's amplitudes; prints on standard error what is out of the ordinary, as `read_sound` notes it.

    Args:
      path: as `read_sound` takes it.
      sample_rate: likewise.
      mono: likewise.

    Returns:
      (audio, rate): [T] float32 where mono, otherwise [T, C] float32; rate in Hz.

    Raises:
      BabbleError: as `read_sound` does.
    """
    sound = read_sound(path, sample_rate, mono)
    for note in sound.notes:
        print_note(f"{path}: {note}")
    return sound.audio, sound.rate


def read_sound(path: str | os.PathLike, sample_rate: int | None = None, mono: bool = True) -> Sound:
    """Reads a sound file's amplitudes.

    No amplitude is clipped: what lies beyond full scale is brought to it (`full_scale`). Where the mean of the channels
    would cancel most of the sound, as of channels of opposite sign, the loudest channel is taken.

    Args:
      path: a file of a type that libsndfile decodes, recognized by its content.
      sample_rate: Hz to resample to (soxr, high quality); None keeps the file's own.
      mono: averages the channels.

    Returns:
      The sound, with notes of what was scaled, joined or left out.

    Raises:
      BabbleError: the file is missing, empty, truncated, shorter than 10 ms or no audio, or holds a NaN or
        an infinity, or floats of no known scale.
    """
    file = SoundFile(path)
    target = sample_rate or file.rate
    try:
        audio, peak, channel = _decode(file, target, mono, None)
        if channel is not None:
            audio, peak, _ = _decode(file, target, mono, channel)
    except MemoryError as error:
        raise BabbleError(
            f"{path}: says that it holds more sound than fits into memory; it is damaged, or must be cut into parts."
        ) from error
    notes = list(file.notes)
    if channel is not None:
        notes.append(
            f"its {file.channels} channels cancel each other in their mean; channel {channel + 1} is taken alone"
        )
    gain, note = full_scale.find_gain(path, peak, full_scale.peak(audio))
    if gain != 1:
        audio *= np.float32(gain)  # in place: an hour of sound is large
    return Sound(audio, target, (*notes, note) if note else tuple(notes), 1.0 if note else 1 / gain)


def _decode(
    file: SoundFile, rate: int, mono: bool, channel: int | None
) -> tuple[np.ndarray, float, int | None]:
    """Decodes a file.

    Args:
      file: the file.
      rate: Hz to resample to.
      mono: averages the channels, or takes `channel`.
      channel: index; None for all.

    Returns:
      (audio, peak, channel): [T] or [T, C] float32 as the file says them; the largest magnitude in the file; the
      channel to take where the mean is all but silent, else None.
    """
    resampler = StreamResampler(file.rate, rate, 1 if mono else file.channels)
    blocks, peak, power, mean_power = [], 0.0, np.zeros(file.channels), 0.0
    for block in file.blocks():
        peak = max(peak, full_scale.peak(block))
        if mono and channel is not None:
            block = block[:, channel : channel + 1]
        elif mono and file.channels > 1:
            mean = block.mean(axis=1, dtype=np.float32, keepdims=True)
            power += np.square(block, dtype=np.float64).sum(axis=0)
            mean_power += float(np.square(mean, dtype=np.float64).sum())
            block = mean
        blocks.append(resampler.push(block))
    blocks.append(resampler.finish())
    blocks = [block for block in blocks if len(block)] or blocks[:1]
    audio = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
    loudest = int(np.argmax(power))
    cancels = mean_power * file.channels < _CANCELLATION * power.mean()
    return audio[:, 0] if mono else audio, peak, loudest if cancels else None


def write(path: str | os.PathLike, audio: np.ndarray, rate: int, comment: str = "") -> None:
    """Writes a PCM16 wav, whole or not at all.

    Args:
      path: of the file, ending in `.wav`.
      audio: [T] or [T, C] float; what lies outside [-1, 1] is clipped.
      rate: Hz.
      comment: of the file's head, which `read_comment` reads: where the sound is from, say.

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
            channels = 1 if samples.ndim == 1 else samples.shape[1]
            with soundfile.SoundFile(temporary, "w", rate, channels, "PCM_16", format="WAV") as file:
                if comment:
                    file.comment = comment
                file.write(samples)
            complete = temporary.stat().st_size >= samples.nbytes
        except (soundfile.LibsndfileError, AssertionError):  # soundfile asserts that all was written
            complete = False
        if not complete:  # libsndfile does not say why
            raise OSError(errno.EIO, "the disk takes only a part of it")


def read_comment(path: str | os.PathLike) -> str:
    """Reads the comment of a sound file's head; empty where there is none, or none that can be read."""
    try:
        with soundfile.SoundFile(path) as file:
            return file.copy_metadata().get("comment", "")
    except (soundfile.LibsndfileError, OSError, UnicodeDecodeError):
        return ""


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
