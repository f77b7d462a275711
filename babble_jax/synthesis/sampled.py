"""An instrument of sound files: each holds one note, whose pitch its name says, or its sound.

Axes: T samples.
"""

import dataclasses
import os
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from babble_jax.audio import resampling, silence, sound_types, wave
from babble_jax.audio.pitch import f0_contour
from babble_jax.errors import BabbleError
from babble_jax.folders import walk_files
from babble_jax.notes import print_note
from babble_jax.progress import Progress
from babble_jax.synthesis.notes import note_number

_NOTE = re.compile(r"(?<![A-Za-z])([A-Ga-g])(#|s|b)?([0-8])(?![0-9])")
_SEMITONES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_SIGNS = {"#": 1, "s": 1, "b": -1, None: 0}
_HIGHEST_F0 = 1000.0  # Hz, that is sought where no name says it
_STEADY = 1.0  # semitones between the quartiles of the pitch of a note
_LEAST_VOICED = 0.5  # share of the frames of a note
_ONSET = 0.3  # seconds, whose level is the note's
_RMS, _PEAK = 0.12, 0.9  # of the loudest note, full scale 1
_BELOW_PEAK_DB = 30.0  # of silence before a note
_RELEASE = 0.03  # seconds, at the end of what is cut off
_MOST_SECONDS = 20.0  # of a note that are read
_MEASURED_SECONDS = 3.0  # of a note whose pitch is measured
_LEAST_MEASURED = 3  # notes, of which the octaves of names are corrected
_OCTAVE = 12  # semitones


@dataclasses.dataclass(frozen=True, eq=False)
class SampledNote:
    """A note of an instrument.

    Attributes:
      audio: [T] float32 from its onset on, at the level of all.
      number: of the note, semitones, 69 for 440 Hz; NaN where it has no pitch.
    """

    audio: np.ndarray
    number: float


@dataclasses.dataclass(frozen=True, eq=False)
class Instrument:
    """The notes of an instrument.

    Attributes:
      pitched: those with a pitch, from the lowest to the highest.
      noisy: the others.
      rate: Hz.
    """

    pitched: tuple[SampledNote, ...]
    noisy: tuple[SampledNote, ...]
    rate: int


def named_note(name: str) -> float:
    """Reads the number of the note, in semitones, in the name of a sound file.

    Args:
      name: a letter from A to G, # or s for sharp, b for flat, and the octave from 0 to 8, with no letter before it.

    Returns:
      69 for A4; NaN where the name says none.

    Examples:
      >>> named_note("Ds1v8.mp3"), named_note("sax_a4.wav"), named_note("laser_2.wav")
      (27.0, 69.0, nan)
    """
    match = _NOTE.search(Path(name).stem)
    if match is None:
        return float("nan")
    letter, sign, octave = match.groups()
    return float(12 * (int(octave) + 1) + _SEMITONES[letter.lower()] + _SIGNS[sign])


def read_instrument(folder: str | os.PathLike, rate: int) -> Instrument:
    """Reads the notes of an instrument from all sound files in a folder and those below.

    Silence before a note is cut off, and all are brought to one level. Where the name says no note
    (`named_note`), the pitch is measured from 60 to 1,000 Hz; one that is not steady is none. Where the notes of the
    names lie whole octaves from the pitches that are measured, since their octaves are counted from another C, they
    are moved there, and a note says so.

    Args:
      folder: of the sound files, one note in each.
      rate: Hz.

    Raises:
      BabbleError: there is no such folder, it holds no sound, or a file cannot be read.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise BabbleError(f"{folder}: there is no such folder; name one of sound files, a note in each.")
    paths = [Path(above, name) for above, names in walk_files(folder) for name in names]
    paths = [path for path in paths if sound_types.is_recording(path)]
    if not paths:
        raise BabbleError(f"{folder}: holds no sound file; name a folder of sound files, a note in each.")
    sounds = []
    with Progress("reading notes", len(paths), "files") as progress:
        for path in paths:
            audio = _read_sound(path, rate)
            if audio is not None:
                sounds.append((audio, named_note(path.name), _measured_note(audio, rate)))
            progress.update()
    if not sounds:
        raise BabbleError(f"{folder}: all sound files are silent; name a folder of notes.")
    octaves = octaves_between([named for _, named, _ in sounds], [measured for *_, measured in sounds])
    if octaves:
        print_note(
            f"{folder}: the pitch that is measured lies {abs(octaves)} octave{'s' * (abs(octaves) > 1)} "
            f"{'above' if octaves > 0 else 'below'} the notes in the names of its files; it is what they are taken for."
        )
    notes = [
        SampledNote(audio, measured if np.isnan(named) else named + _OCTAVE * octaves)
        for audio, named, measured in sounds
    ]
    pitched = sorted((note for note in notes if not np.isnan(note.number)), key=lambda note: note.number)
    return Instrument(tuple(pitched), tuple(note for note in notes if np.isnan(note.number)), rate)


def octaves_between(named: Sequence[float], measured: Sequence[float]) -> int:
    """Finds the whole octaves by which measured notes lie above those of the names of the same files.

    Args:
      named: numbers of the notes in the names, semitones; NaN where there is none.
      measured: of the pitches that are measured, in the same order; NaN where none is.

    Returns:
      What most of at least three files that have both agree on, within a semitone; 0 where there are fewer, or they do
      not agree.

    Examples:
      >>> octaves_between([37.0, 38.0, 39.0, 40.0], [49.1, 50.0, 38.9, 51.9])
      1
    """
    above = np.subtract(measured, named)
    above = above[np.isfinite(above)]
    if len(above) < _LEAST_MEASURED:
        return 0
    octaves = round(float(np.median(above)) / _OCTAVE)
    return octaves if 2 * np.count_nonzero(np.abs(above - _OCTAVE * octaves) <= 1) > len(above) else 0


def _read_sound(path: Path, rate: int) -> np.ndarray | None:
    """Reads a note from its onset on, at the level of all; None for a silent file."""
    audio = wave.read(path, rate)[0][: round(_MOST_SECONDS * rate)]
    start, stop = silence.find_bounds(audio, rate, _BELOW_PEAK_DB, margin=0.0)
    audio = audio[start:stop]
    if not len(audio):
        return None
    level = np.sqrt(np.mean(np.square(audio[: round(_ONSET * rate)], dtype=np.float64)))
    return (audio * min(_RMS / level, _PEAK / np.abs(audio).max())).astype(np.float32)


def _measured_note(audio: np.ndarray, rate: int) -> float:
    """Measures the number of a note; NaN where there is no steady pitch."""
    f0 = f0_contour(audio[: round(_MEASURED_SECONDS * rate)], rate, _HIGHEST_F0)
    voiced = f0[np.isfinite(f0)]
    if len(voiced) < _LEAST_VOICED * len(f0):
        return float("nan")
    low, median, high = np.quantile(voiced, (0.25, 0.5, 0.75)).tolist()
    return note_number(median) if note_number(high) - note_number(low) <= _STEADY else float("nan")


def play_note(note: SampledNote, semitones: float, samples: int, rate: int) -> np.ndarray:
    """Plays a note at another pitch, as a tape at another speed, and ends it.

    Args:
      note: the note.
      semitones: by which it is played higher.
      samples: of the sound.
      rate: Hz.

    Returns:
      [samples] float32; the last 30 ms fade, and what the note lacks is silence.
    """
    speed = float(np.exp2(semitones / 12))
    needed = min(len(note.audio), int(np.ceil(samples * speed)) + 1)
    sound = resampling.resample(note.audio[:needed], round(rate * speed), rate)[:samples]
    fade = min(len(sound), round(_RELEASE * rate))
    sound = sound * np.minimum(1.0, np.arange(len(sound), 0, -1, dtype=np.float32) / max(1, fade))
    return np.pad(sound, (0, samples - len(sound)))
