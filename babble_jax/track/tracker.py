"""The contract of a tracker, and several trackers behind one.

Axes: T samples, N bins, R rows, C columns.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

Cell = str | float | int | bool | None
"""A cell of a table."""


class Tracker(Protocol):
    """Logs a run: numbers, sounds, tables by step, and what it ends with. Steps never fall, except after `resume`."""

    def resume(self, step: int, complete: bool = True) -> None:
        """Cuts off what will be logged again: the log beyond `step`.

        Args:
          step: of the checkpoint from which the run goes on.
          complete: whether the evaluation of this step was made; if not, what it logged is cut off, too.
        """
        ...

    def log_metrics(self, step: int, values: dict[str, float]) -> None:
        """Logs scalars by name, which are the same to the bit whenever the run is made again."""
        ...

    def log_machine(self, step: int, values: dict[str, float]) -> None:
        """Logs scalars that the clock or the device gave, which differ from one start to the next."""
        ...

    def log_audio(self, step: int, name: str, samples: np.ndarray, rate: int) -> None:
        """Logs a sound.

        Args:
          step: number of the update.
          name: of the sound.
          samples: [T] float32 in [-1, 1].
          rate: Hz.
        """
        ...

    def log_picture(self, step: int, name: str, path: Path) -> None:
        """Logs a PNG.

        Args:
          step: number of the update.
          name: of the picture.
          path: of the file, which is copied.
        """
        ...

    def log_table(self, step: int, name: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        """Logs a table.

        Args:
          step: number of the update.
          name: of the table.
          columns: C headings.
          rows: [R, C] cells.
        """
        ...

    def log_histogram(self, step: int, name: str, edges: np.ndarray, counts: np.ndarray) -> None:
        """Logs a histogram.

        Args:
          step: number of the update.
          name: of the histogram; those of one name up to its last slash are drawn over each other.
          edges: [N + 1] limits of the bins, rising.
          counts: [N] numbers of values.
        """
        ...

    def log_summary(self, values: Mapping[str, Cell]) -> None:
        """Logs values of the whole run by name; a later value takes the place of an earlier one."""
        ...

    def log_artifact(self, name: str, kind: str, path: Path, metadata: dict[str, Any]) -> None:
        """Logs what the run has made, with a digest of each of its files.

        Args:
          name: of the artifact.
          kind: its type: "voice", say.
          path: a file or a folder.
          metadata: JSON values: the card of a voice, say.
        """
        ...

    def close(self) -> None:
        """Ends the log."""
        ...


class CompositeTracker:
    """Passes every call on to each of several trackers in turn; without any it logs nothing."""

    def __init__(self, trackers: Sequence[Tracker] = ()):
        self._trackers = trackers

    def resume(self, step: int, complete: bool = True) -> None:
        """Cuts off what each log will get again, beyond `step`; unless `complete`, the evaluation of this step, too."""
        for tracker in self._trackers:
            tracker.resume(step, complete)

    def log_metrics(self, step: int, values: dict[str, float]) -> None:
        """Logs scalars by name."""
        for tracker in self._trackers:
            tracker.log_metrics(step, values)

    def log_machine(self, step: int, values: dict[str, float]) -> None:
        """Logs scalars of the clock and the device by name."""
        for tracker in self._trackers:
            tracker.log_machine(step, values)

    def log_audio(self, step: int, name: str, samples: np.ndarray, rate: int) -> None:
        """Logs a sound.

        Args:
          step: number of the update.
          name: of the sound.
          samples: [T] float32 in [-1, 1].
          rate: Hz.
        """
        for tracker in self._trackers:
            tracker.log_audio(step, name, samples, rate)

    def log_picture(self, step: int, name: str, path: Path) -> None:
        """Logs a PNG.

        Args:
          step: number of the update.
          name: of the picture.
          path: of the PNG.
        """
        for tracker in self._trackers:
            tracker.log_picture(step, name, path)

    def log_table(self, step: int, name: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        """Logs a table.

        Args:
          step: number of the update.
          name: of the table.
          columns: C headings.
          rows: [R, C] cells.
        """
        for tracker in self._trackers:
            tracker.log_table(step, name, columns, rows)

    def log_histogram(self, step: int, name: str, edges: np.ndarray, counts: np.ndarray) -> None:
        """Logs a histogram.

        Args:
          step: number of the update.
          name: of the histogram.
          edges: [N + 1] limits of the bins, rising.
          counts: [N] numbers of values.
        """
        for tracker in self._trackers:
            tracker.log_histogram(step, name, edges, counts)

    def log_summary(self, values: Mapping[str, Cell]) -> None:
        """Logs values of the whole run by name."""
        for tracker in self._trackers:
            tracker.log_summary(values)

    def log_artifact(self, name: str, kind: str, path: Path, metadata: dict[str, Any]) -> None:
        """Logs what the run has made.

        Args:
          name: of the artifact.
          kind: its type.
          path: a file or a folder.
          metadata: JSON values.
        """
        for tracker in self._trackers:
            tracker.log_artifact(name, kind, path, metadata)

    def close(self) -> None:
        """Ends each log."""
        for tracker in self._trackers:
            tracker.close()
