"""Trains peers in turns of a minute, so that other work on the machine meets all of them; only updates count as time.

At each mark, some minutes of its own updates, a peer is measured. A run that is stopped goes on where it was.
"""

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import jax
import numpy as np

from babble_jax import files
from babble_jax.plotting import create_figure, save_png
from babble_jax.train.memory import keep_freed_memory
from babble_jax.train.state import init_train_state
from babble_jax.train.step import train_step
from babble_jax.train.task import Batch, Task

TURN = 60.0  # seconds of training between two savings, and between two peers
LABELS = {"ours": "babble_jax", "torch": "PyTorch"}
"""Names of the peers in pictures."""


class Peer(Protocol):
    """What is trained: updates on batches, and its state as a file."""

    def update(self, batch: Batch) -> None: ...  # noqa: D102

    def save(self, path: Path) -> None: ...  # noqa: D102

    def load(self, path: Path) -> None: ...  # noqa: D102


class Batches(Protocol):
    """Iterates over batches for ever, and can be set to where it was."""

    def __next__(self) -> Batch: ...

    def get_state(self) -> dict[str, Any]: ...  # noqa: D102

    def set_state(self, state: dict[str, Any]) -> None: ...  # noqa: D102


class Ours:
    """The package's training.

    Args:
      task: prepared.
    """

    def __init__(self, task: Task):
        self.task, self.state = task, init_train_state(task)
        self._step = jax.jit(train_step(task), donate_argnums=0)

    def params(self) -> Any:
        """Copies the parameters."""
        return jax.tree.map(np.array, self.state.params)

    def update(self, batch: Batch) -> None:
        """Makes an update."""
        self.state, metrics = self._step(self.state, batch)
        jax.block_until_ready(metrics)

    def save(self, path: Path) -> None:
        """Writes the state."""
        with path.open("wb") as file:
            np.savez(file, *map(np.asarray, jax.tree.leaves(self.state)))

    def load(self, path: Path) -> None:
        """Reads the state."""
        with np.load(path) as arrays:
            leaves = [jax.numpy.asarray(arrays[f"arr_{i}"]) for i in range(len(arrays.files))]
        self.state = jax.tree.unflatten(jax.tree.structure(self.state), leaves)


class Run:
    """One peer's training: its batches, its clock, its rows.

    Args:
      name: of the peer, and of its files.
      peer: what is trained.
      batches: of the training split, from the first one on.
      measure: gives what a row says of the peer as it is, by name.
      marks: minutes after which it is measured, rising.
      workdir: folder of the files.
    """

    def __init__(
        self,
        name: str,
        peer: Peer,
        batches: Batches,
        measure: Callable[[], dict[str, float]],
        marks: Sequence[float],
        workdir: Path,
    ):
        self._name, self._peer, self._batches, self._measure = name, peer, batches, measure
        self._marks, self._workdir = marks, workdir
        self.rows: list[dict[str, Any]] = []
        self._seconds, self._steps = 0.0, 0
        workdir.mkdir(parents=True, exist_ok=True)
        self._record = workdir / f"{name}.json"
        if self._record.exists():
            record = json.loads(self._record.read_text("utf-8"))
            self.rows, self._seconds, self._steps = record["rows"], record["seconds"], record["steps"]
            self._batches.set_state(record["data"])
            peer.load(workdir / record["state"])

    @property
    def complete(self) -> bool:
        """Whether all marks have their rows."""
        return len(self.rows) == len(self._marks)

    def turn(self) -> None:
        """Trains for a turn, or to the next mark, where it measures; saves."""
        if self.complete:
            return
        mark = 60 * self._marks[len(self.rows)]
        end = min(mark, self._seconds + TURN)
        with keep_freed_memory():
            while self._seconds < end:
                batch = next(self._batches)
                start = time.perf_counter()
                self._peer.update(batch)
                self._seconds += time.perf_counter() - start
                self._steps += 1
        if self._seconds >= mark:
            row = {"peer": self._name, "minutes": mark / 60, "steps": self._steps} | self._measure()
            self.rows.append(row)
            print(json.dumps(row), flush=True)
        self._save()

    def _save(self) -> None:
        """Writes the state, then the record that names it, and drops the state before."""
        state = self._workdir / f"{self._name}-{self._steps}.state"
        self._peer.save(state)
        record = {"rows": self.rows, "seconds": self._seconds, "steps": self._steps}
        files.write_json(self._record, record | {"data": self._batches.get_state(), "state": state.name})
        for other in self._workdir.glob(f"{self._name}-*.state"):
            if other != state:
                other.unlink()


def take_turns(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Lets runs take turns until all are complete; returns their rows."""
    while not all(run.complete for run in runs):
        for run in runs:
            run.turn()
    return [row for run in runs for row in run.rows]


def draw(path: Path, rows: list[dict[str, Any]], measure: str, label: str) -> None:
    """Draws a measure over the minutes of training, a line for each peer.

    Args:
      path: PNG file.
      rows: as `Run` makes them.
      measure: name of the measure in the rows.
      label: of its axis.
    """
    figure = create_figure(6, 4)
    axes = figure.subplots()
    for name, peer in LABELS.items():
        own = [row for row in rows if row["peer"] == name]
        if own:
            axes.plot([row["minutes"] for row in own], [row[measure] for row in own], "o-", label=peer)
    axes.set_xscale("log")
    minutes = sorted({row["minutes"] for row in rows})
    axes.set_xticks(minutes, [f"{one:g}" for one in minutes])
    axes.minorticks_off()
    axes.set_xlabel("minutes of training")
    axes.set_ylabel(label)
    axes.legend()
    save_png(figure, path)
