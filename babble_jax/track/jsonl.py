"""Logs a run as JSON lines, audio as wav and pictures as PNG into one folder.

metrics.jsonl     scalars, a line for each step: `{"step": 10, "train/bits": 5.1, ...}`
machine.jsonl     scalars of the clock and the device
tables.jsonl      tables: `step`, `name`, `columns`, `rows`
histograms.jsonl  histograms: `step`, `name`, `edges`, `counts`
summary.jsonl     values of the whole run; a later line takes the place of an earlier one
artifacts.jsonl   what was made: `name`, `kind`, `path`, `sha256` of each file, `metadata`
media/            STEP-NAME.wav and STEP-NAME.png

Numbers are written so that they read back to the bit. `metrics.jsonl` is the same to the bit whenever a run is made
again, in one piece or in several.
"""

import hashlib
import io
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import soundfile

from babble_jax import files
from babble_jax.errors import BabbleError
from babble_jax.input_files import parse_json, read_bytes
from babble_jax.track.tracker import Cell

_MAX_BYTES = 4 * 1024**3  # of the log of one run: 30 million lines
METRICS = "metrics.jsonl"
MACHINE = "machine.jsonl"
TABLES = "tables.jsonl"
HISTOGRAMS = "histograms.jsonl"
SUMMARY = "summary.jsonl"
ARTIFACTS = "artifacts.jsonl"
_OF_EVALUATIONS = (TABLES, HISTOGRAMS)
_LARGEST = 2 * 1024**3  # bytes of a file of an artifact


def read_metrics(path: Path) -> list[dict[str, float]]:
    """Reads the lines of a log; a last line that was cut off by a kill is left out.

    Raises:
      BabbleError: a line is no JSON object with a step.
    """
    return [_parse_line(path, number, line) for number, line in enumerate(_lines(path), 1)]


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Reads the lines of another file of a log: tables, histograms, summary or artifacts; none where there is no file.

    Raises:
      BabbleError: a line is no JSON object.
    """
    return [
        parse_json(line, f"{path}, line {number}", finite=False)
        for number, line in enumerate(_lines(path), 1)
    ]


def read_summary(path: Path) -> dict[str, Cell]:
    """Reads the values of the whole run, the last one of each name."""
    values: dict[str, Cell] = {}
    for line in read_lines(path):
        values |= line
    return values


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
    """Writes the files of a log under a folder."""

    def __init__(self, folder: Path):
        self._folder = folder
        with files.wrap_oserror(folder):
            folder.mkdir(parents=True, exist_ok=True)
        self._open: dict[str, BinaryIO] = {}

    @property
    def path(self) -> Path:
        """The file of metrics."""
        return self._folder / METRICS

    def resume(self, step: int, complete: bool = True) -> None:
        """Cuts off the log beyond `step`, since those steps will be logged again.

        Args:
          step: of the checkpoint from which the run goes on.
          complete: whether the evaluation of this step was made; if not, its lines are cut off, too.

        Raises:
          BabbleError: the log holds a line that is no JSON object with a step.
        """
        for name in (METRICS, MACHINE, *_OF_EVALUATIONS):
            path, lines = self._folder / name, []
            if name != METRICS and not path.exists():
                continue
            for number, line in enumerate(_lines(path), 1):
                values = _parse_line(path, number, line)
                update = name == MACHINE or any(one.startswith("train/") for one in values)
                if values["step"] <= step - (not update and not complete):
                    lines.append(f"{line}\n")
            with files.atomic_write(path) as temporary:
                temporary.write_text("".join(lines), encoding="utf-8")

    def _append(self, name: str, values: dict[str, Any]) -> None:
        """Appends a line, which is on disk when this returns."""
        path = self._folder / name
        with files.wrap_oserror(path):
            if name not in self._open:
                self._open[name] = path.open("ab", buffering=0)  # pyright: ignore[reportArgumentType]
            line = memoryview((json.dumps(values) + "\n").encode())
            while (
                line
            ):  # an unbuffered file may take a part; what is left of a line after an error is cut off later
                line = line[self._open[name].write(line) :]

    def log_metrics(self, step: int, values: dict[str, float]) -> None:
        """Appends a line to the metrics."""
        self._append(METRICS, {"step": step} | values)

    def log_machine(self, step: int, values: dict[str, float]) -> None:
        """Appends a line of scalars that the clock or the device gave."""
        self._append(MACHINE, {"step": step} | values)

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

    def log_table(self, step: int, name: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        """Appends a table.

        Args:
          step: number of the update.
          name: of the table.
          columns: C headings.
          rows: [R, C] cells.
        """
        cells = [list(row) for row in rows]
        self._append(TABLES, {"step": step, "name": name, "columns": list(columns), "rows": cells})

    def log_histogram(self, step: int, name: str, edges: np.ndarray, counts: np.ndarray) -> None:
        """Appends a histogram.

        Args:
          step: number of the update.
          name: of the histogram.
          edges: [N + 1] limits of the bins, rising.
          counts: [N] numbers of values.
        """
        edges, counts = np.asarray(edges, float).tolist(), np.asarray(counts).tolist()
        self._append(HISTOGRAMS, {"step": step, "name": name, "edges": edges, "counts": counts})

    def log_summary(self, values: Mapping[str, Cell]) -> None:
        """Appends values of the whole run."""
        self._append(SUMMARY, dict(values))

    def log_artifact(self, name: str, kind: str, path: Path, metadata: dict[str, Any]) -> None:
        """Appends where an artifact lies, and a digest of each of its files.

        Args:
          name: of the artifact.
          kind: its type.
          path: a file or a folder, which stays where it is.
          metadata: JSON values.
        """
        inside = path.resolve().is_relative_to(self._folder.resolve())
        place = path.resolve().relative_to(self._folder.resolve()) if inside else path.resolve()
        digests = {
            one.relative_to(path).as_posix() if one != path else one.name: hashlib.sha256(
                read_bytes(one, _LARGEST)
            ).hexdigest()
            for one in ([path] if path.is_file() else sorted(path.rglob("*")))
            if one.is_file() and not one.name.startswith(".")
        }
        values = {"name": name, "kind": kind, "path": str(place), "sha256": digests, "metadata": metadata}
        self._append(ARTIFACTS, values)

    def close(self) -> None:
        """Closes the files."""
        for file in self._open.values():
            file.close()
