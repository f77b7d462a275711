"""The contract of a tracker, and several trackers behind one.

Axes: T samples.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np


class Tracker(Protocol):
    """Logs metrics, audio and pictures by step. Steps never fall, except after `resume`."""

    def resume(self, step: int, complete: bool = True) -> None:
        """Cuts off what will be logged again: the log beyond `step`.

        Args:
          step: of the checkpoint from which the run goes on.
          complete: whether the evaluation of this step was made; if not, its metrics are cut off, too.
        """
        ...

    def log_metrics(self, step: int, values: dict[str, float]) -> None:
        """Logs scalars by name."""
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

    def close(self) -> None:
        """Ends the log."""
        ...


class CompositeTracker:
    """Passes every call on to each of several trackers in turn."""

    def __init__(self, trackers: Sequence[Tracker]):
        self._trackers = trackers

    def resume(self, step: int, complete: bool = True) -> None:
        """Cuts off what each log will get again, beyond `step`; unless `complete`, the evaluation of this step, too."""
        for tracker in self._trackers:
            tracker.resume(step, complete)

    def log_metrics(self, step: int, values: dict[str, float]) -> None:
        """Logs scalars by name."""
        for tracker in self._trackers:
            tracker.log_metrics(step, values)

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

    def close(self) -> None:
        """Ends each log."""
        for tracker in self._trackers:
            tracker.close()
