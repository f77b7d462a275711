"""What a tracker takes, and several behind one.

Axes: T samples.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np


class Tracker(Protocol):
    """Takes figures by step. Steps never fall but after `resume`."""

    def resume(self, step: int) -> None:
        """Cuts what was logged beyond `step`, since it will be logged again."""
        ...

    def figures(self, step: int, values: dict[str, float]) -> None:
        """Logs scalars."""
        ...

    def audio(self, step: int, name: str, samples: np.ndarray, rate: int) -> None:
        """Logs [T] float32 in [-1, 1]."""
        ...

    def picture(self, step: int, name: str, path: Path) -> None:
        """Logs a PNG."""
        ...

    def close(self) -> None:
        """Ends the log."""
        ...


class CompositeTracker:
    """Every call goes to each tracker in turn."""

    def __init__(self, trackers: Sequence[Tracker]):
        self._trackers = trackers

    def resume(self, step: int) -> None:
        """See `Tracker`."""
        for tracker in self._trackers:
            tracker.resume(step)

    def figures(self, step: int, values: dict[str, float]) -> None:
        """See `Tracker`."""
        for tracker in self._trackers:
            tracker.figures(step, values)

    def audio(self, step: int, name: str, samples: np.ndarray, rate: int) -> None:
        """See `Tracker`."""
        for tracker in self._trackers:
            tracker.audio(step, name, samples, rate)

    def picture(self, step: int, name: str, path: Path) -> None:
        """See `Tracker`."""
        for tracker in self._trackers:
            tracker.picture(step, name, path)

    def close(self) -> None:
        """See `Tracker`."""
        for tracker in self._trackers:
            tracker.close()
