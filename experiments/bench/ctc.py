"""Trains our ear and a plain PyTorch one on the same recordings, and draws phone errors over the minutes of training.

    python -m experiments.bench.ctc FOLDER --workdir ctc --against torch

FOLDER holds recordings with labels, as `babble train --task ear` takes them (festvox-ru, say). Both have the shape of
the ear `ru` and begin with the same parameters. They get the same batches in the same order, of the same features and
with the same changes of tempo and the same noise, and learn by the same Adam at the same learning rate, which stays
where it is after the first updates. They take turns of a minute, so that other work on the machine meets both, and only
updates count as time, compilation among them. At each mark both hear the held-out recordings by the best path.

A run that is stopped goes on, and compiles again: the same command with the same folder. With `--against torch` (`pip
install '.[bench]'`) it takes twice the last mark, and the evaluations: an hour and a half on one core, which should do
nothing else (`OMP_NUM_THREADS=1 XLA_FLAGS=--xla_cpu_multi_thread_eigen=false`). Expected: no figure yet.
"""

import dataclasses
from pathlib import Path
from typing import Any, Literal, Protocol

import jax
import numpy as np
import tyro
from tyro.conf import Positional

from babble_jax.ear import model
from babble_jax.ear.scoring import error_rate
from babble_jax.train.config import LogConfig, OptimizerConfig
from babble_jax.train.task import Batch
from babble_jax.train.tasks.ear.config import EarShape, EarTrainConfig
from babble_jax.train.tasks.ear.evaluation import pair_strings
from babble_jax.train.tasks.ear.task import EarTask
from experiments.bench import turns
from experiments.bench.turns import Ours, Run, take_turns
from experiments.pipelines.results import write_results


@dataclasses.dataclass(frozen=True)
class BenchCtc:
    """Measures phone errors against minutes of training.

    Attributes:
      recordings: Folder of recordings with labels.
      workdir: Folder of the run, which goes on where it was stopped.
      model: Shape of the ear, of both directions.
      batch: Pieces of recordings that are read side by side.
      learning_rate: Of Adam.
      warmup: Updates in which the learning rate rises from 0.
      marks: Minutes of training after which both are evaluated.
      held_out: Number of recordings of the validation split that are heard; 0 for all.
      against: Peer that takes turns with the package.
      results: JSON file to write; the figure stands beside it.
    """

    recordings: Positional[str] = ""
    workdir: Path = Path("ctc")
    model: EarShape = EarShape()
    batch: int = 16
    learning_rate: float = 1e-3
    warmup: int = 100
    marks: tuple[float, ...] = (5.0, 10.0, 20.0, 40.0)
    held_out: int = 0
    against: Literal["nothing", "torch"] = "nothing"
    results: Path = Path("experiments/results/bench_ctc.json")

    def run(self) -> None:
        """Trains, prints and writes the rows, and draws the figure."""
        optimizer = OptimizerConfig(learning_rate=self.learning_rate, warmup_steps=self.warmup)
        config = EarTrainConfig(
            recordings=self.recordings, model=self.model, batch_size=self.batch, optimizer=optimizer
        )
        task = EarTask(config)
        task.open(resumed=False)
        self.workdir.mkdir(parents=True, exist_ok=True)
        task.prepare(self.workdir, LogConfig(evaluate_recordings=self.held_out))
        ours = OurEar(task)
        peers: dict[str, EarPeer] = {"ours": ours}
        if self.against == "torch":
            from experiments.bench.torch_ctc import TorchEarPeer

            peers["torch"] = TorchEarPeer(ours.params(), task.ear, config, task.symbol_rate)
        rows = take_turns([self._run(name, peer, task) for name, peer in peers.items()])
        values = {
            "rows": rows,
            "updates_per_minute": {name: updates_per_minute(rows, name) for name in peers},
            "parameters": int(task.facts["parameters"]),
            "minutes_of_training_speech": float(task.facts["minutes_of_recordings"]),
            "held_out": len(task.held_out[0]),
            "batch": self.batch,
            "learning_rate": self.learning_rate,
        }
        write_results(self.results, values)
        turns.draw(self.results.with_suffix(".png"), rows, "phone_error_rate", "phone error rate, validation")

    def _run(self, name: str, peer: "EarPeer", task: EarTask) -> Run:
        """Makes the run of a peer."""
        return Run(
            name,
            peer,
            task.batches(),
            lambda: {"phone_error_rate": measure_errors(peer, task)},
            self.marks,
            self.workdir,
        )


class EarPeer(turns.Peer, Protocol):
    """A peer that is trained on batches of `EarBatches`, and hears them."""

    def logits(self, batch: Batch) -> np.ndarray:
        """Computes the logits [B, S, P + 1] of CTC, the blank first."""
        ...


class OurEar(Ours):
    """The package's training of an ear.

    Args:
      task: of the ear.
    """

    def __init__(self, task: EarTask):
        super().__init__(task)
        self._apply = jax.jit(lambda params, x, lengths: model.apply(task.ear, params, x, lengths).ctc)

    def logits(self, batch: Batch) -> np.ndarray:
        """Computes the logits [B, S, P + 1] of CTC, the blank first."""
        features = np.asarray(batch["features"], np.float32)
        return np.asarray(self._apply(self.state.params, features, batch["lengths"]))


def measure_errors(peer: EarPeer, task: EarTask) -> float:
    """Measures the share of errors in the phones of the held-out recordings, by the best path.

    Args:
      peer: as it is.
      task: with the recordings.
    """
    pieces, batches = task.held_out
    pairs = []
    for group in batches.evaluation():
        batch = batches.gather(group)
        pairs += pair_strings(task.ear, [pieces[i] for i in group], peer.logits(batch), batch["lengths"])
    return error_rate(pairs)


def updates_per_minute(rows: list[dict[str, Any]], peer: str) -> float:
    """Computes the updates per minute of a peer after its first mark, by when it has compiled; of all with one mark.

    Args:
      rows: as `Run` makes them.
      peer: its name.
    """
    own = [row for row in rows if row["peer"] == peer]
    first, last = ({"steps": 0, "minutes": 0.0} if len(own) == 1 else own[0]), own[-1]
    return (last["steps"] - first["steps"]) / (last["minutes"] - first["minutes"])


if __name__ == "__main__":
    tyro.cli(BenchCtc).run()
