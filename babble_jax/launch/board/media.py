"""Sounds and pictures of runs, within the size of a page."""

import base64
import hashlib
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import soundfile

from babble_jax import input_files
from babble_jax.errors import BabbleError

MOST_SECONDS = 10.0
"""Length of a sound in the page; what is longer is cut off."""
_MOST_EVALUATIONS = 5  # of one run whose sounds are shown
_MOST_PICTURE = 4 * 1024**2  # bytes of a PNG
_NAME = re.compile(r"(\d{8,})-(.+)\.(wav|png)")
_DRAWN_BY_THE_PAGE = ("spectrogram", "speech_spectrogram")


class MediaFile(NamedTuple):
    """A file that a tracker wrote.

    Attributes:
      step: number of the update.
      name: of the sound or of the picture.
      path: of the file.
    """

    step: int
    name: str
    path: Path


def list_media(folder: Path, kind: str) -> list[MediaFile]:
    """Lists the files of a tracker by step and name.

    Args:
      folder: of the tracker.
      kind: "wav" or "png".
    """
    files = []
    for path in (folder / "media").glob(f"*.{kind}"):
        if match := _NAME.fullmatch(path.name):
            files.append(MediaFile(int(match[1]), match[2], path))
    return sorted(files)


def select_steps(steps: Sequence[int]) -> list[int]:
    """Selects steps of evaluations, the most telling first: the last, the first, and some between, evenly spaced."""
    ordered = sorted(set(steps))
    count = min(len(ordered), _MOST_EVALUATIONS)
    between = [ordered[round(i * (len(ordered) - 1) / max(count - 1, 1))] for i in range(count)]
    return list(dict.fromkeys([*ordered[-1:], *ordered[:1], *reversed(between)]))


class Sounds:
    """Sounds of a page, each content once, as long as they fit.

    Args:
      budget: bytes of text that all of them may take.
    """

    def __init__(self, budget: int):
        self._left, self._index, self.omitted = budget, {}, 0
        self.content: list[str] = []

    def add(self, path: Path) -> int | None:
        """Adds the beginning of a WAV as FLAC; returns its number, or None where it does not fit or is no sound."""
        try:
            with soundfile.SoundFile(path) as file:
                samples = file.read(round(MOST_SECONDS * file.samplerate), dtype="int16")
                rate = file.samplerate
        except (OSError, soundfile.LibsndfileError):  # a file that is being written, or was removed meanwhile
            return None
        stream = io.BytesIO()
        soundfile.write(stream, samples, rate, format="FLAC", subtype="PCM_16")
        return self._store(stream.getvalue())

    def add_picture(self, path: Path) -> int | None:
        """Adds a PNG; returns its number, or None where it does not fit."""
        try:
            return self._store(input_files.read_bytes(path, _MOST_PICTURE))
        except BabbleError:  # it was removed meanwhile, or is too large
            self.omitted += path.exists()
            return None

    def _store(self, content: bytes) -> int | None:
        digest = hashlib.sha256(content).digest()
        if digest not in self._index:
            text = base64.b64encode(content).decode("ascii")
            if len(text) > self._left:
                self.omitted += 1
                return None
            self._left -= len(text)
            self._index[digest] = len(self.content)
            self.content.append(text)
        return self._index[digest]


def collect_sounds(folders: Sequence[Path | None], sounds: Sounds) -> list[list[dict[str, Any]]]:
    """Collects the sounds of the runs: the last evaluation of every run before an earlier one of any.

    Args:
      folders: of the trackers of the runs; None for a run without one.
      sounds: where they go.

    Returns:
      Of each run its sounds by step: `step`, `name` and `sound`, the number of its content.
    """
    wanted = []
    for number, folder in enumerate(folders):
        files = [] if folder is None else list_media(folder, "wav")
        order = select_steps([file.step for file in files])
        wanted += [(order.index(file.step), number, file) for file in files if file.step in order]
    shown: list[list[dict[str, Any]]] = [[] for _ in folders]
    for _, number, file in sorted(wanted):
        sound = sounds.add(file.path)
        if sound is not None:
            shown[number].append({"step": file.step, "name": file.name, "sound": sound})
    return [sorted(one, key=lambda sound: (sound["step"], sound["name"])) for one in shown]


def collect_pictures(folder: Path | None, results: Path | None, sounds: Sounds) -> list[dict[str, Any]]:
    """Collects the latest picture of each name, but spectrograms, which the page draws from the sounds.

    Args:
      folder: of the tracker of a run; None without one.
      results: folder of further pictures; None without one.
      sounds: where their content goes, too.
    """
    files = [] if folder is None else list_media(folder, "png")
    latest = {file.name: file for file in files if not file.name.startswith(_DRAWN_BY_THE_PAGE)}
    if results is not None:
        latest |= {path.stem: MediaFile(-1, path.stem, path) for path in sorted(results.glob("*.png"))}
    shown = []
    for file in latest.values():
        number = sounds.add_picture(file.path)
        if number is not None:
            shown.append({"step": file.step, "name": file.name, "picture": number})
    return shown
