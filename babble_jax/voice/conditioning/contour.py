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
from babble_jax.audio.pitch import HOP, LOWEST_F0, f0_contour, frame_count
from babble_jax.errors import BabbleError
from babble_jax.input_files import read_text
from babble_jax.plural import plural

TABLES = (".csv", ".tsv", ".txt")
"""Endings of names of tables; another file is a recording."""
COLUMNS = ("time", "f0", "level")
LONGEST = 600.0
"""Seconds of a contour, at most."""
SHORTEST = 0.05
"""Seconds of a contour, at least."""
HIGHEST_F0 = 800.0
"""Hz up to which the pitch of a recording is measured, from `audio.pitch.LOWEST_F0` on."""
_FURTHEST = 1.0  # octaves from the median of a recording; what lies further is a wrong octave
_LIMIT_SHARE = (
    0.1  # of voiced frames, within a semitone of a limit of measure, beyond which pitch is not known
)
_VOICED_SHARE = 0.1  # of the frames of speech, below which there is hardly a melody
_SMOOTH = 0.2  # seconds, about a syllable: the level of phones is that of the babble's own units
_MOST_BYTES = 16 * 1024**2
_F0 = (20.0, 2000.0)  # Hz
_LEVEL = (-120.0, 120.0)  # dB


@dataclasses.dataclass(frozen=True, eq=False)
class Contour:
    """Pitch and level over time, apart from any speaker.

    Attributes:
      name: of its file, for messages.
      pitch: [F] octaves from its median, drawn through where it is unvoiced.
      level: [F] dB from its mean over speech.
      active: [K, 2] seconds, when it speaks.
      summary: what was read, for messages: rows, pauses, times, the range of f0 and of level.
    """

    name: str
    pitch: np.ndarray
    level: np.ndarray
    active: np.ndarray
    summary: str = ""

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
    r"""Reads a contour: a table that somebody has drawn, or the melody of any recording.

    A table (.csv, .tsv, .txt) has the columns `time` (seconds), `f0` (Hz) and, if it likes, `level` (dB, of any
    reference); between two rows pitch, in semitones, and level run along a straight line, and a row without f0 begins
    a pause that lasts until the next row with one. Of a recording, pitch from 60 to 800 Hz is estimated by
    probabilistic YIN, and held within an octave of its median; its level is taken over 0.2 s, and its pauses by its
    energy. Both are taken relative to their own median pitch and mean level.

    Args:
      path: of the table, f0 from 20 to 2000 Hz and level from -120 to 120 dB, or the sound file; 0.05 s to 10 minutes.

    Returns:
      The contour; `Prosody(contour=...)` takes it.

    Raises:
      BabbleError: the file cannot be read, is too short or too long, a value is out of its range, or a recording is
        hardly voiced or its pitch reaches the limits of what is measured.

    Examples:
      >>> from pathlib import Path
      >>> _ = Path("melody.csv").write_text("time,f0\n0,180\n0.5,240\n")
      >>> read_contour("melody.csv").seconds
      0.5
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
    _check_length(path, len(audio) / rate)
    active = np.minimum(detect_by_energy(audio, rate), len(audio) / rate)
    f0 = f0_contour(audio, rate, HIGHEST_F0)
    speech = within(active, (np.arange(len(f0)) + 0.5) * HOP)
    f0 = np.where(speech, f0, np.nan)
    voiced = np.flatnonzero(np.isfinite(f0))
    if not len(voiced):
        raise BabbleError(
            f"{path}: nothing in it is voiced, so that it has no melody; give another recording."
        )
    if len(voiced) < _VOICED_SHARE * np.count_nonzero(speech):
        raise BabbleError(
            f"{path}: {len(voiced) * HOP:.2f} of {np.count_nonzero(speech) * HOP:.2f} s of sound are voiced from "
            f"{LOWEST_F0:g} to {HIGHEST_F0:g} Hz, too few for a melody; give another recording, or draw a table."
        )
    semitone = 2 ** (1 / 12)
    if np.mean((f0[voiced] < LOWEST_F0 * semitone) | (f0[voiced] > HIGHEST_F0 / semitone)) > _LIMIT_SHARE:
        raise BabbleError(
            f"{path}: its pitch reaches the limits of what is measured, {LOWEST_F0:g} to {HIGHEST_F0:g} Hz; give "
            "another recording, or draw a table."
        )
    octaves = np.log2(f0)
    median = np.nanmedian(octaves)
    f0 = np.exp2(np.clip(octaves, median - _FURTHEST, median + _FURTHEST))
    return _build(path, f0, rms_db(audio, rate), active, "a recording", "its own level")


def _check_length(path: Path, seconds: float) -> None:
    """Raises `BabbleError` for a contour of too few frames."""
    if seconds < SHORTEST:
        raise BabbleError(
            f"{path}: lasts {seconds:g} s, too short for a melody; give {SHORTEST:g} s at least."
        )


def _read_table(path: Path) -> Contour:
    """Reads a table of times in seconds, f0 in Hz, and level in dB."""
    try:
        return _draw(path)
    except csv.Error as error:
        raise BabbleError(f"{path}: is no table of numbers ({error}); mend it.") from error


def _draw(path: Path) -> Contour:
    """Makes the contour of a table; raises `csv.Error` where it is none."""
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
        if None in row:
            raise BabbleError(
                f"{path}, line {reader.line_num}: has more values than line 1 has names; mend that line, or separate "
                "the values by ; where numbers have a decimal comma."
            )
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
        if math.isfinite(level) and not _LEVEL[0] <= level <= _LEVEL[1]:
            raise BabbleError(
                f"{path}, line {reader.line_num}: level is {level:g}; give dB from {_LEVEL[0]:g} to {_LEVEL[1]:g}, or "
                "nothing."
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
    _check_length(path, times[-1])
    middles = (np.arange(frame_count(round(times[-1] * 1000), 1000)) + 0.5) * HOP
    voiced, leveled = np.isfinite(f0), np.isfinite(level)
    melody = np.exp2(np.interp(middles, times[voiced], np.log2(f0[voiced])))
    active = np.array(spans)
    melody = np.where(within(active, middles), melody, np.nan)
    if not np.isfinite(melody).any():
        raise BabbleError(f"{path}: speaks for less than {HOP:g} s; draw a longer line.")
    loudness = np.interp(middles, times[leveled], level[leveled]) if leveled.any() else np.zeros(len(middles))
    levels = f"level {level[leveled].min():g} to {level[leveled].max():g} dB" if leveled.any() else "no level"
    return _build(path, melody, loudness, active, plural(len(rows), "row"), levels)


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


def _build(
    path: Path, f0: np.ndarray, level: np.ndarray, active: np.ndarray, rows: str, levels: str
) -> Contour:
    """Makes a contour relative to its own median pitch and mean level.

    Args:
      path: of its file.
      f0: [F] Hz, NaN where it is unvoiced, voiced somewhere.
      level: [F] dB.
      active: [K, 2] seconds.
      rows: of the file, in words.
      levels: its levels, in words.
    """
    voiced = np.flatnonzero(np.isfinite(f0))
    octaves = np.log2(f0[voiced])
    pitch = np.interp(np.arange(len(f0)), voiced, octaves - np.median(octaves))
    power = np.power(10, level / 10)
    width = min(round(_SMOOTH / HOP), len(f0))
    speech = within(active, (np.arange(len(f0)) + 0.5) * HOP)
    weight = np.convolve(speech, np.ones(width), "same")
    smooth = np.convolve(np.where(speech, power, 0), np.ones(width), "same") / np.maximum(weight, 1)
    loudness = np.where(speech, 10 * np.log10(np.maximum(smooth, 1e-30) / power[speech].mean()), 0.0)
    silent = f"; silent until {active[0, 0]:g} s" if active[0, 0] >= HOP else ""
    summary = (
        f"{path.name}: {rows}, {plural(len(active) - 1, 'pause')}, 0 to {len(f0) * HOP:.1f} s, "
        f"{np.nanmin(f0):.0f} to {np.nanmax(f0):.0f} Hz, median {2 ** np.median(octaves):.0f} Hz, {levels}{silent}"
    )
    return Contour(path.name, pitch, loudness, active, summary)


def within(active: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Says whether times [F] lie in intervals.

    Args:
      active: [K, 2] seconds.
      times: [F] seconds.

    Returns:
      [F] bool.
    """
    return np.any((times[:, None] >= active[:, 0]) & (times[:, None] < active[:, 1]), axis=1)
