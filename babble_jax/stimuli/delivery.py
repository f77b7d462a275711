"""Writes a stimulus as sound files of the type that is asked for, and reads them back.

Axes: T samples, C channels.
"""

import errno
from pathlib import Path

import numpy as np
import soundfile

from babble_jax import files
from babble_jax.audio import pcm, wave
from babble_jax.errors import BabbleError
from babble_jax.stimuli.spec.output import Format, Output

_SUBTYPES = {"flac": ("FLAC", "PCM_16"), "ogg": ("OGG", "VORBIS"), "mp3": ("MP3", "MPEG_LAYER_III")}
_BLOCK = 2**14  # samples: libsndfile's encoder of Vorbis takes no more at once
MP3_RATES = (8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)


def name_files(name: str, output: Output) -> tuple[str, str | None]:
    """Returns the names of the files of a stimulus: the first one, and that of the mono mix beside a stereo file."""
    first = f"{name}.{output.format}"
    return first, f"{name}-mono.{output.format}" if output.mix == "both" else None


def write_stimulus(folder: Path, name: str, audio: np.ndarray, rate: int, output: Output) -> None:
    """Writes the files of a stimulus.

    Args:
      folder: of the files.
      name: of the stimulus.
      audio: [C, T] float32, a channel for each speaker.
      rate: Hz.
      output: type and channels of the files.

    Raises:
      BabbleError: the mono mix exceeds full scale, or a file cannot be written.
    """
    first, mono = name_files(name, output)
    if output.mix != "mono":
        write_sound(folder / first, audio.T, rate, output.format)
    if output.mix != "stereo":
        mixed = np.sum(audio, axis=0)
        peak = float(np.max(np.abs(mixed), initial=0.0))
        if peak > 1:
            raise BabbleError(
                f"{name}: both speakers together exceed full scale by {20 * np.log10(peak):.1f} dB in the mono mix; "
                "ask for a lower level, level = { active = -30.0 } in [output], say."
            )
        write_sound(folder / (mono or first), mixed[:, None], rate, output.format)


def write_sound(path: Path, audio: np.ndarray, rate: int, format: Format) -> None:
    """Writes a sound file, all of it or nothing: 16 bits in wav and flac, the encoder's default in ogg and mp3.

    Args:
      path: of the file.
      audio: [T, C] float32.
      rate: Hz.
      format: of the file.

    Raises:
      BabbleError: the type does not take the sample rate, or the file cannot be written.
    """
    if format == "wav":
        wave.write(path, audio if audio.shape[1] > 1 else audio[:, 0], rate)
        return
    if format == "mp3" and rate not in MP3_RATES:
        raise BabbleError(
            f"mp3 has no sample rate of {rate} Hz; choose from {', '.join(map(str, MP3_RATES))} (--sample-rate)."
        )
    container, subtype = _SUBTYPES[format]
    samples = pcm.to_int16(audio) if format == "flac" else audio
    with files.atomic_write(path) as temporary:
        try:
            with soundfile.SoundFile(
                temporary, "w", rate, audio.shape[1], subtype=subtype, format=container
            ) as file:
                for first in range(0, len(samples), _BLOCK):
                    file.write(samples[first : first + _BLOCK])
        except soundfile.LibsndfileError as error:
            raise OSError(errno.EIO, f"libsndfile: {error}") from error


def read_delivered(path: Path) -> np.ndarray:
    """Reads the samples of a delivered file as its type decodes them, [T, C] float32."""
    audio, _ = soundfile.read(path, dtype="float32", always_2d=True)
    return audio
