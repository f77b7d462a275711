"""A melody for babble: pitch and level over time, drawn in a table or measured in a recording.

Axes: F frames of 10 ms, K intervals of speech, N rows of a table.
"""

import csv
import dataclasses
import io
import math
import os
from pathlib import Path

import numpy as np

from babble_jax.arguments import check_arguments
from babble_jax.audio import wave
from babble_jax.audio.activity import detect_by_energy
from babble_jax.audio.level import rms_db
from babble_jax.audio.pitch import HOP, f0_contour, frame_count
from babble_jax.errors import BabbleError
from babble_jax.input_files import read_text

TABLES = (".csv", ".tsv", ".txt")
"""Endings of names of tables; another file is a recording."""
COLUMNS = ("time", "f0", "level")
LONGEST = 600.0
"""Seconds of a contour, at most."""
_FURTHEST = 1.0  # octaves from the median; what lies further is a wrong octave
_SMOOTH = 0.2  # seconds, about a syllable: the level of phones is that of the babble's own units
_MOST_BYTES = 16 * 1024**2
_F0 = (20.0, 2000.0)  # Hz


@dataclasses.dataclass(frozen=True, eq=False)
class Contour:
    """Pitch and level over time, apart from any speaker.

    Attributes:
      name: of its file, for messages.
      pitch: [F] octaves from its median, drawn through where it is unvoiced.
      level: [F] dB from its mean over speech.
      active: [K, 2] seconds, when it speaks.
    """

    name: str
    pitch: np.ndarray
    level: np.ndarray
    active: np.ndarray

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.pitch) * HOP

    def __str__(self) -> str:
        return f"{self.name} ({self.seconds:.2f} s)"

    def at(self, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns pitch in octaves and level in dB at some times [N] in seconds; beyond its ends they stay."""
        index = np.clip(np.floor(times / HOP + 1e-9).astype(int), 0, len(self.pitch) - 1)
        return self.pitch[index], self.level[index]

    def activity(self, seconds: float) -> np.ndarray:
        """Returns when it speaks in a stream of `seconds` seconds: [K, 2] seconds."""
        active = np.minimum(self.active, seconds)
        return active[active[:, 1] > active[:, 0]]


@check_arguments
def read_contour(path: str | os.PathLike) -> Contour:
    """Reads a contour: a table that somebody has drawn, or the melody of any recording.

    A table (.csv, .tsv, .txt) has the columns `time` (seconds), `f0` (Hz) and, if it likes, `level` (dB, of any
    reference); between two rows pitch, in semitones, and level run along a straight line, and a row without f0 begins
    a pause that lasts until the next row with one. Of a recording, pitch is estimated by probabilistic YIN, level
    over 0.2 s, and its pauses by its energy. Both are taken relative to their own median pitch and mean level.

    Args:
      path: of the table or the sound file, 10 minutes at most.

    Returns:
      The contour; `Prosody(contour=...)` takes it.

    Raises:
      BabbleError: the file cannot be read, or has no voiced sound.
    """
    path = Path(path)
    return _read_table(path) if path.suffix.lower() in TABLES else _measure(path)


def _measure(path: Path) -> Contour:
    """Measures the contour of a recording."""
    audio, rate = wave.read(path)
    if len(audio) > LONGEST * rate:
        raise BabbleError(
            f"{path}: lasts more than {LONGEST:g} s; cut out the part whose melody is to be taken."
        )
    active = np.minimum(detect_by_energy(audio, rate), len(audio) / rate)
    f0 = f0_contour(audio, rate)
    f0 = np.where(_within(active, (np.arange(len(f0)) + 0.5) * HOP), f0, np.nan)
    if not np.isfinite(f0).any():
        raise BabbleError(
            f"{path}: nothing in it is voiced, so that it has no melody; give another recording."
        )
    return _build(path, f0, rms_db(audio, rate), active)


def _read_table(path: Path) -> Contour:
    """Reads a table of times in seconds, f0 in Hz, and level in dB."""
    text = read_text(path, _MOST_BYTES).removeprefix("\ufeff")
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    names = tuple(reader.fieldnames or ())
    if missing := [name for name in COLUMNS[:2] if name not in names]:
        raise BabbleError(
            f"{path}, line 1: names no column {missing[0]}, but {', '.join(names)[:80]!r}; begin with time,f0 or "
            "time,f0,level."
        )
    rows: list[tuple[float, float, float]] = []
    for row in reader:
        time, f0, level = (
            _number(row.get(name), f"{path}, line {reader.line_num}", name) for name in COLUMNS
        )
        if not (0 <= time <= LONGEST and (not rows or time > rows[-1][0])):
            raise BabbleError(
                f"{path}, line {reader.line_num}: time is {time:g}; give seconds from 0 to {LONGEST:g}, each row later "
                "than the one before."
            )
        if math.isfinite(f0) and not _F0[0] <= f0 <= _F0[1]:
            raise BabbleError(
                f"{path}, line {reader.line_num}: f0 is {f0:g}; give Hz from {_F0[0]:g} to {_F0[1]:g}, or nothing "
                "for a pause."
            )
        rows.append((time, f0, level))
    times, f0, level = np.array(rows or [(0, np.nan, np.nan)]).T
    spans: list[list[float]] = []
    onset = None
    for time, hz in zip(times.tolist(), f0.tolist(), strict=True):
        if math.isfinite(hz) and onset is None:
            onset = time
        elif not math.isfinite(hz) and onset is not None:
            spans.append([onset, time])
            onset = None
    if onset is not None and onset < times[-1]:
        spans.append([onset, float(times[-1])])
    if not spans:
        raise BabbleError(
            f"{path}: has no two rows with f0 one after another; draw a line of two points at least."
        )
    middles = (np.arange(frame_count(round(times[-1] * 1000), 1000)) + 0.5) * HOP
    voiced, leveled = np.isfinite(f0), np.isfinite(level)
    line = np.exp2(np.interp(middles, times[voiced], np.log2(f0[voiced])))
    active = np.array(spans)
    line = np.where(_within(active, middles), line, np.nan)
    loudness = np.interp(middles, times[leveled], level[leveled]) if leveled.any() else np.zeros(len(middles))
    return _build(path, line, loudness, active)


def _number(text: str | None, where: str, name: str) -> float:
    """Reads a number of a table, NaN for an empty field.

    Args:
      text: the field; None where the row has none.
      where: path and line, for messages.
      name: of the column.
    """
    if text is None or (not text.strip() and name != COLUMNS[0]):
        return math.nan
    try:
        value = float(text.replace(",", "."))
        if math.isfinite(value):
            return value
    except (ValueError, AttributeError):
        pass
    raise BabbleError(f"{where}: {name} is {text!r}, which is no number; mend that line.")


def _build(path: Path, f0: np.ndarray, level: np.ndarray, active: np.ndarray) -> Contour:
    """Makes a contour relative to its own median pitch and mean level.

    Args:
      path: of its file.
      f0: [F] Hz, NaN where it is unvoiced, voiced somewhere.
      level: [F] dB.
      active: [K, 2] seconds.
    """
    voiced = np.flatnonzero(np.isfinite(f0))
    octaves = np.log2(f0[voiced])
    octaves = np.clip(octaves - np.median(octaves), -_FURTHEST, _FURTHEST)
    pitch = np.interp(np.arange(len(f0)), voiced, octaves)
    power = np.power(10, level / 10)
    width = round(_SMOOTH / HOP)
    speech = _within(active, (np.arange(len(f0)) + 0.5) * HOP)
    weight = np.convolve(speech, np.ones(width), "same")
    smooth = np.convolve(np.where(speech, power, 0), np.ones(width), "same") / np.maximum(weight, 1)
    loudness = np.where(speech, 10 * np.log10(np.maximum(smooth, 1e-30) / power[speech].mean()), 0.0)
    return Contour(path.name, pitch, loudness, active)


def _within(active: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Says whether times [F] lie in intervals [K, 2], seconds: [F] bool."""
    return np.any((times[:, None] >= active[:, 0]) & (times[:, None] < active[:, 1]), axis=1)
