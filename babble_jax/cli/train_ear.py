"""Training an ear: `babble train --task ear`."""

import dataclasses
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from tyro.conf import arg

from babble_jax.cli.messages import print_line
from babble_jax.config import from_json
from babble_jax.errors import BabbleError
from babble_jax.train.config import LogConfig
from babble_jax.train.record import RunRecord, check_workdir, latest_step
from babble_jax.train.tasks.ear.config import EarTrainConfig

STEPS = 2000


@dataclasses.dataclass(frozen=True)
class TrainEar:
    """Trains an ear on recordings with labels or transcripts, or goes on with a training.

    An ear hears which phones are spoken, and when; `babble hear` and `babble align` use it. RECORDINGS is a folder of
    sound files with labels beside them, or with a table of transcripts, or of a Festival voice; what was understood of
    it is printed. The recordings that are held out are those that `babble dataset` holds out.

    A run goes on with `babble train --workdir RUN` alone. What may change then: --steps, --log.*,
    --optimizer.learning-rate, --optimizer.warmup-steps and --optimizer.decay-steps. A run that is stopped (Ctrl-C,
    SIGTERM) saves before it ends.

    Attributes:
      config: Values by which an ear is trained.
      task: What is trained.
      workdir: Folder of the run, new or empty; by default RECORDINGS' name and the task's, in the working folder. A run
        that is there already goes on.
      steps: Total number of updates, those of earlier starts included. The learning rate falls until
        --optimizer.decay-steps.
      log: What the run reports and keeps.
      distributed: Share the work among several processes, each of which is started with the same command: auto takes
        from SLURM, Open MPI, Cloud TPU or Kubernetes who they are; or HOST:PORT, at which the first one listens; off
        for a process of its own.
      process_count: Number of processes; by default what the environment says.
      process_id: Number of this process, from 0 on; by default what the environment says.
    """

    config: Annotated[EarTrainConfig, arg(name="")]
    task: Literal["voice", "ear", "tacotron"] = "ear"
    workdir: Path | None = None
    steps: int = STEPS
    log: LogConfig = LogConfig(evaluate_every=500, evaluate_recordings=0)
    distributed: str = "off"
    process_count: int | None = None
    process_id: int | None = None

    @classmethod
    def defaults(cls, arguments: Sequence[str]) -> "TrainEar":
        """Returns the values of the run in the folder that a command line names; the usual ones where there is none.

        A folder without a checkpoint, of a first start that failed, gives none to a command line with recordings.

        Args:
          arguments: words of the command line after the verb.
        """
        workdir = value_of("--workdir", arguments)
        path = Path(workdir or "") / "config.json"
        named = bool(arguments) and not arguments[0].startswith("-")
        if workdir is None or not path.is_file() or (latest_step(path.parent) is None and named):
            return cls(EarTrainConfig())
        earlier = RunRecord.read(path, EarTrainConfig)
        config = from_json(EarTrainConfig, earlier.config, str(path))
        return cls(config, workdir=path.parent, steps=earlier.steps, log=earlier.log)

    def run(self) -> None:
        """Trains the ear; prints what was understood of the recordings, its score, its folder and what to do next."""
        from babble_jax.train.processes import check_distributed, join_processes

        check_distributed(self.distributed, self.process_count, self.process_id)
        if not self.config.recordings:
            raise BabbleError(
                "train: no recordings are named; give a folder with recordings and their labels: `babble train "
                "RECORDINGS --task ear`."
            )
        workdir = self.workdir
        if workdir is None:
            workdir = Path(f"{Path(self.config.recordings).resolve().name}-ear")
            print_line(f"run: {workdir}, by default; --workdir names another folder", sys.stderr)
        check_workdir(workdir)
        with join_processes(self.distributed, self.process_count, self.process_id):
            self._train(workdir)

    def _train(self, workdir: Path) -> None:
        """Trains in the folder of a run, in each of its processes."""
        from babble_jax.train.tasks.ear.training import train_ear

        report = train_ear(self.config, workdir, self.steps, self.log)
        metrics = report.metrics
        steps = f", {metrics['step_accuracy']:.1%} of the steps right" if "step_accuracy" in metrics else ""
        print(
            f"step {report.step}: {metrics['phone_error_rate']:.1%} errors in the "
            f"{report.recordings.symbol_kind} of held-out recordings{steps}"
        )
        folder = shlex.quote(str(workdir))
        print_line(f"hear with it: babble hear RECORDING --ear {folder}")
        print_line(f"train on: babble train --workdir {folder} --steps {2 * report.step}")
        print_line(f"ear: {report.ear}")


def value_of(option: str, arguments: Sequence[str]) -> str | None:
    """Finds the value of an option among the words of a command line.

    Args:
      option: with its dashes.
      arguments: the words.
    """
    for number, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        if name == option and equals:
            return value
        if word == option and number + 1 < len(arguments):
            return arguments[number + 1]
    return None
