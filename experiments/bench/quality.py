"""Trains ours and the PyTorch SampleRNN on the same data, and draws bits per sample over the minutes of training.

    python -m experiments.bench.quality DATASET --workdir quality --against torch

Three tiers in the ports' shape, from the same parameters, with the same batches in the same order and the same Adam.
They take turns of a minute, so that other work on the machine meets both, and only updates count as time. At each mark
both are evaluated on the same recordings of the validation split. A run that is stopped goes on: the same command with
the same folder. With `--against torch` (`pip install '.[bench]'`) it takes twice the last mark, and the evaluations:
an hour and a half on two cores, which should do nothing else.
"""

import dataclasses
import functools
import json
import math
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, Protocol

import jax
import numpy as np
import tyro
from tyro.conf import Positional

from babble_jax import files
from babble_jax.dataset.tbptt import StreamingBatches
from babble_jax.plotting import create_figure, save_png
from babble_jax.train.config import OptimizerConfig
from babble_jax.train.memory import keep_freed_memory
from babble_jax.train.state import init_train_state
from babble_jax.train.step import train_step
from babble_jax.train.task import Batch
from babble_jax.train.tasks.voice.config import VoiceTrainConfig
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.voice.models.samplernn import SampleRNNConfig
from experiments.pipelines.results import write_results

TOP, LEVELS, SUBSEQUENCE = 16, 256, 512
TURN = 60.0  # seconds of training between two savings, and between two peers


@dataclasses.dataclass(frozen=True)
class BenchQuality:
    """Measures bits per sample against minutes of training.

    Attributes:
      dataset: Folder that `babble dataset` wrote.
      workdir: Folder of the run, which goes on where it was stopped.
      dim: Units of each layer.
      batch: Recordings that are read side by side.
      learning_rate: Of Adam.
      marks: Minutes of training after which both are evaluated.
      recordings: Number of recordings of the validation split that are evaluated.
      against: Peer that takes turns with the package.
      results: JSON file to write; the figure stands beside it.
    """

    dataset: Positional[str] = ""
    workdir: Path = Path("quality")
    dim: int = 256
    batch: int = 16
    learning_rate: float = 1e-3
    marks: tuple[float, ...] = (5.0, 10.0, 20.0, 40.0)
    recordings: int = 32
    against: Literal["nothing", "torch"] = "nothing"
    results: Path = Path("experiments/results/bench_quality.json")

    def run(self) -> None:
        """Trains, prints and writes the rows, and draws the figure."""
        model = SampleRNNConfig(
            frame_sizes=(TOP, 4), dim=self.dim, expand_top=True, hidden=1, reset="after", weight_norm=False
        )
        optimizer = OptimizerConfig(learning_rate=self.learning_rate)
        task = VoiceTask(
            VoiceTrainConfig(
                dataset=self.dataset,
                model=model,
                batch_size=self.batch,
                subsequence=SUBSEQUENCE,
                optimizer=optimizer,
            )
        )
        ours = Ours(task)
        peers: dict[str, Peer] = {"ours": ours}
        if self.against == "torch":
            from experiments.bench.torch_training import TorchPeer

            peers["torch"] = TorchPeer(ours.params(), self.dim, self.learning_rate, task.voice.encode)
        runs = [Run(name, peer, self, task) for name, peer in peers.items()]
        while not all(run.complete for run in runs):
            for run in runs:
                run.turn()
        rows = [row for run in runs for row in run.rows]
        values = {"rows": rows, "dim": self.dim, "batch": self.batch, "learning_rate": self.learning_rate}
        write_results(self.results, values)
        draw(self.results.with_suffix(".png"), rows)


class Peer(Protocol):
    """What is trained: updates on batches of `StreamingBatches`, an evaluation, and its state as arrays."""

    def update(self, batch: Batch) -> None: ...  # noqa: D102

    def nats(self, batches: Iterable[Batch]) -> tuple[float, float]:
        """Returns the sum of nats and the number of samples of one pass."""
        ...

    def save(self, path: Path) -> None: ...  # noqa: D102

    def load(self, path: Path) -> None: ...  # noqa: D102


class Ours:
    """The package's training.

    Args:
      task: of the voice.
    """

    def __init__(self, task: VoiceTask):
        self._task, self._state = task, init_train_state(task)
        self._step = jax.jit(train_step(task), donate_argnums=0)
        self._loss = jax.jit(task.loss)

    def params(self) -> Any:
        """Copies the parameters."""
        return jax.tree.map(np.array, self._state.params)

    def update(self, batch: Batch) -> None:
        """Makes an update."""
        self._state, metrics = self._step(self._state, batch)
        jax.block_until_ready(metrics)

    def nats(self, batches: Iterable[Batch]) -> tuple[float, float]:
        """Returns the sum of nats and the number of samples of one pass."""
        total = weight = 0.0
        carry: Any = None
        for batch in batches:
            if carry is None:
                carry = self._task.initial_carry(self._state.params, len(batch["pcm"]))
            loss = self._loss(self._state.params, carry, batch)
            total, weight, carry = total + float(loss.total), weight + float(loss.weight), loss.carry
        return total, weight

    def save(self, path: Path) -> None:
        """Writes the state."""
        with path.open("wb") as file:
            np.savez(file, *map(np.asarray, jax.tree.leaves(self._state)))

    def load(self, path: Path) -> None:
        """Reads the state."""
        with np.load(path) as arrays:
            leaves = [jax.numpy.asarray(arrays[f"arr_{i}"]) for i in range(len(arrays.files))]
        self._state = jax.tree.unflatten(jax.tree.structure(self._state), leaves)


class Run:
    """One peer's training: its batches, its clock, its rows.

    Args:
      name: of the peer, and of its files.
      peer: what is trained.
      options: of the benchmark.
      task: whose data set is read.
    """

    def __init__(self, name: str, peer: Peer, options: BenchQuality, task: VoiceTask):
        self._name, self._peer, self._options = name, peer, options
        held_out = task.recordings("validation")
        held_out = held_out.select(range(min(options.recordings, len(held_out))))
        self._held_out = functools.partial(
            StreamingBatches, held_out, options.batch, SUBSEQUENCE, 0, passes=1
        )
        self._data = iter(StreamingBatches(task.recordings("train"), options.batch, SUBSEQUENCE, seed=0))
        self.rows: list[dict[str, Any]] = []
        self._seconds, self._steps = 0.0, 0
        options.workdir.mkdir(parents=True, exist_ok=True)
        self._record = options.workdir / f"{name}.json"
        if self._record.exists():
            record = json.loads(self._record.read_text("utf-8"))
            self.rows, self._seconds, self._steps = record["rows"], record["seconds"], record["steps"]
            self._data.set_state(record["data"])
            peer.load(options.workdir / record["state"])

    @property
    def complete(self) -> bool:
        """Whether all marks have their rows."""
        return len(self.rows) == len(self._options.marks)

    def turn(self) -> None:
        """Trains for a turn, or to the next mark, where it evaluates; saves."""
        if self.complete:
            return
        mark = 60 * self._options.marks[len(self.rows)]
        end = min(mark, self._seconds + TURN)
        with keep_freed_memory():
            while self._seconds < end:
                batch = next(self._data)
                start = time.perf_counter()
                self._peer.update(batch)
                self._seconds += time.perf_counter() - start
                self._steps += 1
        if self._seconds >= mark:
            nats, weight = self._peer.nats(self._held_out())
            row = {
                "peer": self._name,
                "minutes": mark / 60,
                "steps": self._steps,
                "bits": nats / weight / math.log(2),
            }
            self.rows.append(row)
            print(json.dumps(row), flush=True)
        self._save()

    def _save(self) -> None:
        """Writes the state, then the record that names it, and drops the state before."""
        state = self._options.workdir / f"{self._name}-{self._steps}.state"
        self._peer.save(state)
        record = {"rows": self.rows, "seconds": self._seconds, "steps": self._steps}
        files.write_json(self._record, record | {"data": self._data.get_state(), "state": state.name})
        for other in self._options.workdir.glob(f"{self._name}-*.state"):
            if other != state:
                other.unlink()


def draw(path: Path, rows: list[dict[str, Any]]) -> None:
    """Draws bits per sample over minutes of training, a line for each peer.

    Args:
      path: PNG file.
      rows: as `Run` makes them.
    """
    figure = create_figure(6, 4)
    axes = figure.subplots()
    for name, label in (("ours", "babble_jax"), ("torch", "PyTorch")):
        own = [row for row in rows if row["peer"] == name]
        if own:
            axes.plot([row["minutes"] for row in own], [row["bits"] for row in own], "o-", label=label)
    axes.set_xscale("log")
    minutes = sorted({row["minutes"] for row in rows})
    axes.set_xticks(minutes, [f"{one:g}" for one in minutes])
    axes.minorticks_off()
    axes.set_xlabel("minutes of training")
    axes.set_ylabel("bits per sample, validation")
    axes.legend()
    save_png(figure, path)


if __name__ == "__main__":
    tyro.cli(BenchQuality).run()
