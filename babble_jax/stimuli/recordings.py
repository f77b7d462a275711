"""Recordings that are the turns of exact designs: which file is whose turn, and where its speech begins and ends.

Axes: T samples.
"""

import csv
import dataclasses
import io
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from babble_jax.audio import wave
from babble_jax.audio.endpoints import SpeechBounds, find_speech_bounds
from babble_jax.audio.sound_file import SoundFile
from babble_jax.audio.sound_types import NAMES, is_recording
from babble_jax.errors import BabbleError
from babble_jax.input_files import read_text
from babble_jax.plural import plural
from babble_jax.stimuli.spec.designs import ScriptTurn
from babble_jax.stimuli.specification import StimulusSpec

TIMES_COLUMNS = ("file", "onset", "end")
LEAST_SECONDS = 0.05
_MOST_BYTES = 10_000_000
_NAMED_SOUNDS = 3  # of those that a recording holds beside its speech; the others are counted


@dataclasses.dataclass(frozen=True, eq=False)
class TurnRecording:
    """The speech of one file.

    Attributes:
      name: of the file within the folder, with forward slashes.
      onset: seconds in the file.
      end: seconds in the file.
      detected: whether onset and end were detected, or else stated in the CSV of times.
      warnings: what is doubtful, each the end of a sentence that begins with the file.
      audio: [T] float32 from onset to end, at the rate of the stimuli.
    """

    name: str
    onset: float
    end: float
    detected: bool
    warnings: tuple[str, ...]
    audio: np.ndarray

    @property
    def samples(self) -> int:
        """T."""
        return len(self.audio)


class RecordingFolder:
    """The recordings of an experiment.

    Files beside each other are turns in the order of their names, numbers in them by value: those of the first item,
    then those of the second. Where each speaker has a folder of their name, that speaker's turns are the files in it;
    a speaker without one babbles.

    Args:
      spec: with `recordings`.

    Raises:
      BabbleError: there are too few files, a file that a script names is not there, or the times cannot be read.
    """

    def __init__(self, spec: StimulusSpec):
        assert spec.recordings is not None
        self.folder = spec.recordings
        self._ramp = spec.ramp
        self._times = read_times(spec.recording_times) if spec.recording_times else {}
        self._cache: dict[str, TurnRecording] = {}
        self.items = self._assign(spec)
        names = {name for turns in self.items for turn in turns for name in turn or ()}
        for name in self._times.keys() - names:
            raise BabbleError(
                f"{spec.recording_times}: {name} is no recording of an item; check the name, or remove its line."
            )
        self.names = sorted(names, key=natural_order)

    @property
    def rate(self) -> int:
        """The highest sample rate of the files, Hz."""
        return max(SoundFile(self.folder / name).rate for name in self.names)

    def join(self, names: Sequence[str], rate: int) -> np.ndarray:
        """Joins the speech of files to one turn: cross-fades between them, a ramp at both edges.

        Args:
          names: within the folder.
          rate: Hz.

        Returns:
          [T] float32; the same for the same names.
        """
        ramp = round(self._ramp * rate)
        rising = np.sin(np.pi / 2 * (np.arange(ramp) + 1) / (ramp + 1)) ** 2
        turn = self.read(names[0], rate).audio.astype(np.float64)
        for name in names[1:]:
            part = self.read(name, rate).audio.astype(np.float64)
            if ramp:
                turn[-ramp:] = turn[-ramp:] * rising[::-1] + part[:ramp] * rising
            turn = np.concatenate([turn, part[ramp:]])
        if ramp:
            turn[:ramp] *= rising
            turn[-ramp:] *= rising[::-1]
        return turn.astype(np.float32)

    def read(self, name: str, rate: int) -> TurnRecording:
        """Reads the speech of a file, once.

        Args:
          name: within the folder.
          rate: Hz.

        Raises:
          BabbleError: the file cannot be read, is silent, or its speech is too short.
        """
        if name not in self._cache:
            self._cache[name] = self._read(name, rate)
        return self._cache[name]

    def _read(self, name: str, rate: int) -> TurnRecording:
        path = self.folder / name
        audio, rate = wave.read(path, rate)
        warnings: tuple[str, ...] = ()
        if name in self._times:
            onset, end = self._times[name]
            if end > len(audio) / rate + 0.5 / rate:
                raise BabbleError(
                    f"{path}: lasts {len(audio) / rate:.3f} s, but its end is stated as {end:g} s; mend the times."
                )
        else:
            try:
                bounds = find_speech_bounds(audio, rate)
            except BabbleError as error:
                raise BabbleError(f"{path}: {error}") from error
            onset, end = bounds.onset, bounds.end
            warnings = (*bounds.warnings, *describe_other_sounds(bounds))
        if end - onset < LEAST_SECONDS:
            raise BabbleError(
                f"{path}: holds {1000 * (end - onset):.0f} ms of speech, less than {1000 * LEAST_SECONDS:.0f} ms; "
                "leave it out, or state its onset and end (recording_times)."
            )
        part = audio[round(onset * rate) : round(end * rate)]
        return TurnRecording(name, onset, end, name not in self._times, warnings, part)

    def _assign(self, spec: StimulusSpec) -> list[tuple[tuple[str, ...] | None, ...]]:
        """Returns for each item and turn the names of its files, None for babble; catch trials are the first items."""
        count = spec.items
        files = _list_files(self.folder)
        own = {turn.speaker for turn in spec.turn_script} & files.keys()
        supply = {speaker: iter(files[speaker]) for speaker in own} if own else {"": iter(files.get("", []))}
        takes = [k for k, turn in enumerate(spec.turn_script) if _takes_file(turn, own)]
        if not own and len(takes) * count > len(files.get("", [])):
            raise BabbleError(
                f"{self.folder}: holds {len(files.get('', []))} recordings, but {count} items of "
                f"{len(takes)} recorded turns need {len(takes) * count}; add some, ask for fewer items, or name "
                "each turn's file in a [[script]]."
            )
        for speaker in sorted(own):
            turns = sum(spec.turn_script[k].speaker == speaker for k in takes)
            if turns * count > len(files[speaker]):
                raise BabbleError(
                    f"{self.folder / speaker}: holds {len(files[speaker])} recordings, but the turns of {speaker} in "
                    f"{count} items need {turns * count}; add some, or take fewer items, a multiple of the conditions."
                )
        items = [
            tuple(self._take(turn, k in takes, supply, own) for k, turn in enumerate(spec.turn_script))
            for _ in range(count)
        ]
        return items + items[: spec.catch.trials]

    def _take(
        self, turn: ScriptTurn, takes: bool, supply: dict[str, Iterator[str]], own: set[str]
    ) -> tuple[str, ...] | None:
        if turn.recordings is not None:
            for name in turn.recordings:
                if not (self.folder / name).is_file():
                    raise BabbleError(f"{self.folder / name}: there is no such file; check the script.")
            return turn.recordings
        if not takes:
            return None
        return (next(supply[turn.speaker if own else ""]),)


def read_times(path: Path) -> dict[str, tuple[float, float]]:
    """Reads onset and end of the speech in recordings, seconds by name.

    A spreadsheet may have put semicolons or tabs between the columns, and commas for decimal points.

    Args:
      path: of a CSV with the columns file, onset and end, others being ignored.

    Raises:
      BabbleError: a column is missing, or a time is no number.
    """
    text = read_text(path, _MOST_BYTES).removeprefix("\ufeff")
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    missing = [name for name in TIMES_COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise BabbleError(
            f"{path}, line 1: names no column {missing[0]}, but {', '.join(reader.fieldnames or ())[:80]!r}; begin "
            "with file,onset,end (or with semicolons between them)."
        )
    times = {}
    for row in reader:
        try:
            onset, end = (float(row[name].replace(",", ".")) for name in ("onset", "end"))
        except (AttributeError, ValueError):
            onset = end = math.nan
        if not 0 <= onset < end < math.inf:
            raise BabbleError(
                f"{path}, line {reader.line_num}: onset and end must be seconds, the onset first; mend that line."
            )
        times[row["file"].replace("\\", "/")] = (onset, end)
    return times


def format_times(recordings: Sequence[TurnRecording]) -> str:
    """Formats onset and end of recordings as a CSV that `read_times` reads."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*TIMES_COLUMNS, "how", "warnings"])
    for one in recordings:
        how = "detected" if one.detected else "stated"
        writer.writerow([one.name, f"{one.onset:.6f}", f"{one.end:.6f}", how, "; ".join(one.warnings)])
    return text.getvalue()


def describe_other_sounds(bounds: SpeechBounds) -> list[str]:
    """Says which sounds beside the speech of a recording are left out, each the end of a sentence as `warnings` are.

    Args:
      bounds: of the speech, with the sounds beside it; the loudest of them are described.
    """
    loudest = sorted(bounds.other_sounds, key=lambda sound: -sound.level_db)[:_NAMED_SOUNDS]
    lines = []
    for sound in sorted(loudest, key=lambda sound: sound.onset):
        what = "a click or knock" if sound.is_click else "a sound (a bump, breath, noise?)"
        level = f"{abs(sound.level_db):.0f} dB {'above' if sound.level_db > 0 else 'below'} the speech"
        before = sound.onset < bounds.onset
        place = f"before the onset, {bounds.onset:.3f} s" if before else f"after the end, {bounds.end:.3f} s"
        remedy = "onset" if before else "end"
        lines.append(
            f"leaves out {what} of {1000 * sound.seconds:.0f} ms at {sound.onset:.3f} s, {level}, {place}; if it "
            f"belongs to the turn, state the {remedy} (recording_times)"
        )
    more = len(bounds.other_sounds) - len(loudest)
    return lines + ([f"leaves out {plural(more, 'quieter sound')}, too"] if more else [])


def natural_order(name: str) -> tuple[tuple[int, str], ...]:
    """Returns a key that sorts names with numbers in them by the value of those."""
    parts = re.findall(r"\d+|\D+", name.casefold())
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)


def _takes_file(turn: ScriptTurn, own: set[str]) -> bool:
    return turn.recordings is None and turn.recorded is not False and (not own or turn.speaker in own)


def _list_files(folder: Path) -> dict[str, list[str]]:
    """Lists the recordings in a folder, and those in its folders by their names."""
    files = {"": sorted((path.name for path in folder.iterdir() if is_recording(path)), key=natural_order)}
    for inner in folder.iterdir():
        if inner.is_dir():
            names = [f"{inner.name}/{path.name}" for path in inner.iterdir() if is_recording(path)]
            if names:
                files[inner.name] = sorted(names, key=natural_order)
    if not any(files.values()):
        raise BabbleError(f"{folder}: holds no recording ({NAMES}); check the folder.")
    return files
