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
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, Protocol

import jax
import tyro
from tyro.conf import Positional

from babble_jax.dataset.tbptt import StreamingBatches
from babble_jax.train.config import OptimizerConfig
from babble_jax.train.task import Batch
from babble_jax.train.tasks.voice.config import VoiceTrainConfig
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.voice.models.samplernn import SampleRNNConfig
from experiments.bench import turns
from experiments.bench.turns import Ours, Run, take_turns
from experiments.pipelines.results import write_results

TOP, LEVELS, SUBSEQUENCE = 16, 256, 512


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
        ours = OurVoice(task)
        peers: dict[str, VoicePeer] = {"ours": ours}
        if self.against == "torch":
            from experiments.bench.torch_training import TorchPeer

            peers["torch"] = TorchPeer(ours.params(), self.dim, self.learning_rate, task.voice.encode)
        rows = take_turns([self._run(name, peer, task) for name, peer in peers.items()])
        values = {"rows": rows, "dim": self.dim, "batch": self.batch, "learning_rate": self.learning_rate}
        write_results(self.results, values)
        turns.draw(self.results.with_suffix(".png"), rows, "bits", "bits per sample, validation")

    def _run(self, name: str, peer: "VoicePeer", task: VoiceTask) -> Run:
        """Makes the run of a peer."""
        held_out = task.recordings("validation")
        held_out = held_out.select(range(min(self.recordings, len(held_out))))
        batches = functools.partial(StreamingBatches, held_out, self.batch, SUBSEQUENCE, 0, passes=1)
        training = iter(StreamingBatches(task.recordings("train"), self.batch, SUBSEQUENCE, seed=0))

        def measure() -> dict[str, float]:
            nats, weight = peer.nats(batches())
            return {"bits": nats / weight / math.log(2)}

        return Run(name, peer, training, measure, self.marks, self.workdir)


class VoicePeer(turns.Peer, Protocol):
    """A peer that is trained on batches of `StreamingBatches`, and evaluated on them."""

    def nats(self, batches: Iterable[Batch]) -> tuple[float, float]:
        """Returns the sum of nats and the number of samples of one pass."""
        ...


class OurVoice(Ours):
    """The package's training of a voice.

    Args:
      task: of the voice.
    """

    def __init__(self, task: VoiceTask):
        super().__init__(task)
        self._loss = jax.jit(task.loss)

    def nats(self, batches: Iterable[Batch]) -> tuple[float, float]:
        """Returns the sum of nats and the number of samples of one pass."""
        total = weight = 0.0
        carry: Any = None
        for batch in batches:
            if carry is None:
                carry = self.task.initial_carry(self.state.params, len(batch["pcm"]))
            loss = self._loss(self.state.params, carry, batch)
            total, weight, carry = total + float(loss.total), weight + float(loss.weight), loss.carry
        return total, weight


if __name__ == "__main__":
    tyro.cli(BenchQuality).run()
