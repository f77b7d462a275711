"""A run's folder, `RUNS/NAME/DIGEST`: its values, where it stands, its log, its work and its result.

run.json       values, command, state of the code, versions
changes.diff   uncommitted changes of the code, where there are any
state.json     where the run stands
log.txt        output of all its starts
work/          what the experiment leaves: data sets, checkpoints, metrics
results/       pictures
result.json    what it returned
"""

import contextlib
import dataclasses
import datetime
import shlex
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babble_jax import files, input_files, locks
from babble_jax.errors import BabbleError
from babble_jax.launch.provenance import current_commit, uncommitted_changes, versions
from babble_jax.launch.values import values_digest
from babble_jax.temporaries import FOLDER_LOCK

STATES = ("waiting", "running", "done", "failed", "stopped", "preempted", "killed")
"""A run that was preempted saved and is to go on; one that was killed went without a word."""
UNFINISHED = ("waiting", "failed", "stopped", "preempted", "killed")
"""States of a run that can be started."""


@dataclasses.dataclass(frozen=True)
class RunState:
    """Where a run stands.

    Attributes:
      state: one of `STATES`.
      starts: number of starts.
      seconds: time of all starts that have ended; one that was killed counts up to the last line that it wrote.
      since: date and time of this state (UTC).
      host: machine of the latest start; empty before the first.
      pid: process of the latest start.
      job: number of the job of the latest start, where a cluster runs it.
      message: sentence about why it ended, if it failed or was stopped.
    """

    state: str = "waiting"
    starts: int = 0
    seconds: float = 0.0
    since: str = ""
    host: str = ""
    pid: int = 0
    job: str = ""
    message: str = ""


@dataclasses.dataclass(frozen=True)
class Run:
    """A run on disk.

    Attributes:
      folder: `RUNS/NAME/DIGEST`.
    """

    folder: Path

    @property
    def name(self) -> str:
        """Name of the experiment."""
        return self.folder.parent.name

    @property
    def digest(self) -> str:
        """Digest of the values."""
        return self.folder.name

    @property
    def label(self) -> str:
        """Name and digest."""
        return f"{self.name}/{self.digest}"

    @property
    def work(self) -> Path:
        """Folder of what the experiment leaves."""
        return self.folder / "work"

    @property
    def log(self) -> Path:
        """The output of all starts."""
        return self.folder / "log.txt"

    @property
    def record(self) -> dict[str, Any]:
        """The contents of `run.json`."""
        return input_files.read_json(self.folder / "run.json", remedy="remove the folder")

    @property
    def values(self) -> dict[str, Any]:
        """The values of the experiment."""
        return self.record["values"]

    @property
    def code_folder(self) -> Path | None:
        """Folder of the experiment's file; None for a module of a package."""
        return code_folder(self.record["source"])

    @property
    def result(self) -> dict[str, Any] | None:
        """The values that the run returned; None where it has not ended."""
        path = self.folder / "result.json"
        return input_files.read_json(path) if path.exists() else None

    def read_state(self) -> RunState:
        """Reads where the run stands; one whose process is gone without a word is "killed"."""
        state = self._stored_state()
        return self._killed(state) if self._has_vanished(state) else state

    def read_earlier_state(self) -> RunState:
        """Reads how the last start ended; this process holds the lock, so that no other one is running it."""
        state = self._stored_state()
        return self._killed(state) if state.state == "running" else state

    def _stored_state(self) -> RunState:
        path = self.folder / "state.json"
        remedy = "remove the folder"
        return RunState(**input_files.read_json(path, remedy=remedy)) if path.exists() else RunState()

    def _killed(self, state: RunState) -> RunState:
        seconds = state.seconds + self._seconds_seen(state)
        return dataclasses.replace(state, state="killed", seconds=seconds, message="its process is gone")

    def _seconds_seen(self, state: RunState) -> float:
        """Returns the seconds from the latest start to the last line of the log or of the metrics."""
        began = datetime.datetime.fromisoformat(state.since).timestamp()
        paths = [self.log, *self.work.rglob("metrics.jsonl")]
        return max((0.0, *(path.stat().st_mtime - began for path in paths if path.exists())))

    def _has_vanished(self, state: RunState) -> bool:
        if state.state != "running" or state.host != socket.gethostname():
            return False  # of another machine nobody can tell from here
        return not locks.is_held(self._lock)

    def write_state(self, **changes: Any) -> RunState:
        """Changes fields of the state and writes it."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        state = dataclasses.replace(self.read_state(), **({"since": now} | changes))
        files.write_json(self.folder / "state.json", dataclasses.asdict(state))
        return state

    @property
    def _lock(self) -> Path:
        return self.folder / FOLDER_LOCK

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Lets no other process run this run while the block runs.

        Raises:
          BabbleError: another process runs it; the message names it.
        """
        with locks.hold_lock(self._lock, self.folder):
            yield

    @property
    def stop_request(self) -> Path:
        """File whose presence says that the run is not to go on after it was stopped."""
        return self.folder / "stop"


def create_run(root: Path, name: str, source: str, values: dict[str, Any], command: list[str]) -> Run:
    """Creates the folder of a run, or returns the one that there is of the same values.

    Args:
      root: folder of all runs.
      name: of the experiment.
      source: module or file of the experiment.
      values: of the experiment.
      command: words that begin this run again.

    Raises:
      BabbleError: the folder cannot be made, or holds something else.
    """
    run = Run(root / name / values_digest(values))
    if (run.folder / "run.json").exists():
        return run
    code = code_folder(source)
    record = {
        "name": name,
        "source": str(Path(source).resolve()) if source.endswith(".py") else source,
        "values": values,
        "command": f"cd {shlex.quote(str(Path.cwd()))} && {shlex.join(command)}",
        "cwd": str(Path.cwd()),
        "commit": current_commit(code),
        "versions": versions(),
    }
    if run.folder.exists() and any(run.folder.iterdir()):
        raise BabbleError(
            f"{run.folder}: holds other files than a run; remove them, or choose another --work."
        )
    with files.atomic_folder(run.folder, "run") as folder:
        files.write_json(folder / "run.json", record)
        if changes := uncommitted_changes(code):
            files.write_text(folder / "changes.diff", changes)
        (folder / "work").mkdir()
        (folder / "results").mkdir()
    return run


def code_folder(source: str) -> Path | None:
    """Returns the folder of the file of an experiment, whose commit a run names; None for a module of a package."""
    return Path(source).resolve().parent if source.endswith(".py") else None


def find_runs(root: Path, name: str = "*") -> list[Run]:
    """Finds all runs below a folder, or those of one experiment, by name and then in the order of their beginning."""
    paths = [path for path in root.glob(f"{name}/*/run.json") if not path.parent.name.startswith(".")]
    ordered = sorted((path.parts[-3], path.stat().st_mtime_ns, path) for path in paths)
    return [Run(path.parent) for *_, path in ordered]


def remove_run(run: Run) -> None:
    """Removes the folder of a run.

    Raises:
      BabbleError: a process runs it.
    """
    with run.lock():
        aside = run.folder.with_name(f".{run.digest}.removed")
        run.folder.rename(aside)
    shutil.rmtree(aside)


def shared_folder(work: Path) -> Path:
    """Returns the folder that the runs of all experiments share, above the `NAME/DIGEST/work` of one of them."""
    return work.parents[2]
