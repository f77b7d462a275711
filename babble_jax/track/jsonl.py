"""Logs metrics as JSON lines, audio as wav and pictures as PNG into one folder.

A line is `{"step": 10, "train/bits": 5.1, ...}`. Numbers are written so that they read back to the bit.
"""

import io
import json
import shutil
from pathlib import Path

import numpy as np
import soundfile

from babble_jax import files
from babble_jax.errors import BabbleError
from babble_jax.input_files import parse_json, read_bytes

_MAX_BYTES = 4 * 1024**3  # of the log of one run: 30 million lines


def read_metrics(path: Path) -> list[dict[str, float]]:
    """Reads the lines of a log; a last line that was cut off by a kill is left out.

    Raises:
      BabbleError: a line is no JSON object with a step.
    """
    return [_parse_line(path, number, line) for number, line in enumerate(_lines(path), 1)]


def _parse_line(path: Path, number: int, line: str) -> dict[str, float]:
    """Parses a line of a log.

    Args:
      path: of the log, for the message.
      number: of the line, from 1.
      line: its text.
    """
    try:
        values = parse_json(line, str(path), finite=False)
        int(values["step"])
    except (BabbleError, TypeError, KeyError, ValueError) as error:
        raise BabbleError(f"{path}, line {number}: is no line of metrics; remove it to go on.") from error
    return values


def _lines(path: Path) -> list[str]:
    if not path.exists():
        return []
    return read_bytes(path, _MAX_BYTES).decode("utf-8", errors="replace").split("\n")[:-1]


class JsonLines:
    """Writes `metrics.jsonl`, and `media/STEP-NAME.wav` or `.png`, under a folder."""

    def __init__(self, folder: Path):
        self._folder = folder
        with files.wrap_oserror(folder):
            folder.mkdir(parents=True, exist_ok=True)
        self._file = None

    @property
    def path(self) -> Path:
        """The file of metrics."""
        return self._folder / "metrics.jsonl"

    def resume(self, step: int, complete: bool = True) -> None:
        """Cuts off the log beyond `step`, since those steps will be logged again.

        Args:
          step: of the checkpoint from which the run goes on.
          complete: whether the evaluation of this step was made; if not, its line is cut off, too.

        Raises:
          BabbleError: the log holds a line that is no JSON object with a step.
        """
        lines = []
        for number, line in enumerate(_lines(self.path), 1):
            values = _parse_line(self.path, number, line)
            evaluation = not any(name.startswith("train/") for name in values)
            if values["step"] <= step - (evaluation and not complete):
                lines.append(f"{line}\n")
        with files.atomic_write(self.path) as temporary:
            temporary.write_text("".join(lines), encoding="utf-8")

    def log_metrics(self, step: int, values: dict[str, float]) -> None:
        """Appends a line, which is on disk when this returns."""
        with files.wrap_oserror(self.path):
            if self._file is None:
                self._file = self.path.open("ab", buffering=0)
            line = memoryview((json.dumps({"step": step} | values) + "\n").encode())
            while (
                line
            ):  # an unbuffered file may take a part; what is left of a line after an error is cut off later
                line = line[self._file.write(line) :]

    def _media(self, step: int, name: str) -> Path:
        return self._folder / "media" / f"{step:08d}-{name.replace('/', '-')}"

    def log_audio(self, step: int, name: str, samples: np.ndarray, rate: int) -> None:
        """Writes `media/STEP-NAME.wav`; what lies outside [-1, 1] is clipped.

        Args:
          step: number of the update.
          name: of the sound.
          samples: [T] float32 in [-1, 1].
          rate: Hz.
        """
        path = self._media(step, name).with_suffix(".wav")
        with files.atomic_write(path) as temporary:
            sound = io.BytesIO()  # libsndfile says nothing of a part that a full disk does not take
            soundfile.write(sound, np.clip(samples, -1, 1), rate, subtype="PCM_16", format="WAV")
            temporary.write_bytes(sound.getbuffer())

    def log_picture(self, step: int, name: str, path: Path) -> None:
        """Copies a PNG to `media/STEP-NAME.png`.

        Args:
          step: number of the update.
          name: of the picture.
          path: of the PNG.
        """
        with files.atomic_write(self._media(step, name).with_suffix(".png")) as temporary:
            shutil.copyfile(path, temporary)

    def close(self) -> None:
        """Closes the file."""
        if self._file is not None:
            self._file.close()
