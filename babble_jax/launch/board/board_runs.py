"""Finds the runs of a board: folders of `babble train`, and those of the launcher."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from babble_jax import input_files, locks
from babble_jax.errors import BabbleError
from babble_jax.launch.rows import curves_of, metrics_file
from babble_jax.launch.run_folder import Run, RunState
from babble_jax.temporaries import FOLDER_LOCK

MOST_RUNS = 200
_OF_THE_RECORD = ("derived", "steps", "log", "schedules")
"""Entries of a training's `config.json` beside the values of its config."""


@dataclasses.dataclass(frozen=True)
class TrackedFolder(Run):
    """A folder of a tracker: of `babble train`, which has a `config.json`, or of another verb.

    It is a run whose work lies in the folder itself.
    """

    @property
    def name(self) -> str:
        """The verb, which all runs of it share: runs that differ in their seed alone are one group."""
        return str(self.record.get("verb", "train"))

    @property
    def label(self) -> str:
        """Name of the folder."""
        return self.folder.resolve().name

    @property
    def work(self) -> Path:
        """The folder."""
        return self.folder

    @property
    def record(self) -> dict[str, Any]:
        """The contents of `config.json`; empty without one."""
        path = self.folder / "config.json"
        return input_files.read_json(path, remedy="name another folder") if path.exists() else {}

    @property
    def values(self) -> dict[str, Any]:
        """The values of the config, and the number of steps."""
        record = self.record
        own = {name: value for name, value in record.items() if name not in (*_OF_THE_RECORD, "verb")}
        return own | ({"steps": record["steps"]} if "steps" in record else {})

    @property
    def result(self) -> None:
        """A training returns nothing but its metrics."""
        return None

    def read_state(self) -> RunState:
        """Reads where the run stands: running while a process holds its folder, done at its last step."""
        if locks.is_held(self.folder / FOLDER_LOCK):
            return RunState("running")
        steps = [step for curve in curves_of(self).values() for step, _ in curve[-1:]]
        wanted = self.record.get("steps", 0)
        return RunState("done" if max(steps, default=0) >= wanted else "stopped")


def find_board_runs(paths: Sequence[Path]) -> list[Run]:
    """Finds runs in folders and below them, each once, in the order of the paths and then of their names.

    Args:
      paths: folders of `babble train`, folders of runs of the launcher, or folders that hold such folders.

    Raises:
      BabbleError: a path is no folder, holds no run, or there are more than `MOST_RUNS`.
    """
    runs: dict[Path, Run] = {}
    for path in paths:
        if not path.is_dir():
            raise BabbleError(
                f"{path}: is no folder; name a folder of `babble train`, or of runs of `babble launch`."
            )
        own = _runs_below(path)
        if not own:
            raise BabbleError(
                f"{path}: holds no run (no metrics.jsonl of `babble train`, no run.json of `babble launch`); name "
                "another folder."
            )
        for run in own:
            runs.setdefault(run.folder.resolve(), run)
    if len(runs) > MOST_RUNS:
        raise BabbleError(
            f"there are {len(runs)} runs; a board shows {MOST_RUNS} at most, so name fewer folders."
        )
    return list(runs.values())


def _runs_below(path: Path) -> list[Run]:
    if (path / "run.json").is_file():
        return [Run(path)]
    if (path / "metrics.jsonl").is_file():
        return [TrackedFolder(path)]
    folders = sorted(one for one in path.iterdir() if one.is_dir() and not one.name.startswith("."))
    return [run for folder in folders for run in _runs_one_or_two_below(folder)]


def _runs_one_or_two_below(folder: Path) -> list[Run]:
    for depth in ("", "*/"):
        paths = sorted(
            one.parent
            for name in ("run.json", "metrics.jsonl")
            for one in folder.glob(f"{depth}{name}")
            if not one.parent.name.startswith(".")
        )
        if paths:
            return [
                Run(one) if (one / "run.json").is_file() else TrackedFolder(one)
                for one in dict.fromkeys(paths)
            ]
    return []


def tracked_folder(run: Run) -> Path | None:
    """Returns the folder in which a run's tracker wrote; None where there is none yet."""
    path = metrics_file(run)
    return None if path is None else path.parent
