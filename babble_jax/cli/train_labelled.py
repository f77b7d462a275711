"""Options and messages that trainings on labelled recordings share: `babble train --task ear` and `--task tacotron`."""

import dataclasses
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from babble_jax.cli.earlier_run import TaskName, read_earlier_run
from babble_jax.cli.messages import print_line
from babble_jax.config import from_json
from babble_jax.errors import BabbleError
from babble_jax.train.config import LogConfig
from babble_jax.train.record import check_workdir
from babble_jax.train.tasks.labelled.config import LabelledTrainConfig


@dataclasses.dataclass(frozen=True)
class TrainLabelled:
    """Trains on labelled recordings, or goes on with a training.

    Attributes:
      config: Values by which a model is trained.
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

    config: Any
    task: TaskName
    workdir: Path | None = None
    steps: int = 0
    log: LogConfig = LogConfig()
    distributed: str = "off"
    process_count: int | None = None
    process_id: int | None = None

    def run(self) -> None:
        """Trains; prints what was understood of the recordings, the score, the folder and what to do next."""
        from babble_jax.train.processes import check_distributed, join_processes

        check_distributed(self.distributed, self.process_count, self.process_id)
        if not self.config.recordings:
            raise BabbleError(
                "train: no recordings are named; give a folder with recordings and their labels: `babble train "
                f"RECORDINGS --task {self.task}`."
            )
        workdir = self.workdir
        if workdir is None:
            workdir = Path(f"{Path(self.config.recordings).resolve().name}-{self.task}")
            print_line(f"run: {workdir}, by default; --workdir names another folder", sys.stderr)
        check_workdir(workdir)
        with join_processes(self.distributed, self.process_count, self.process_id):
            self._train(workdir)

    def _train(self, workdir: Path) -> None:
        """Trains in the folder of a run, in each of its processes."""
        raise NotImplementedError


def earlier_values(arguments: Sequence[str], kind: type[LabelledTrainConfig]) -> dict[str, Any] | None:
    """Reads the values of the run in the folder that a command line names; None where there is none to go on with.

    Args:
      arguments: words of the command line after the verb.
      kind: class of the config.

    Returns:
      Config, folder, steps and log by the names of the fields of `TrainLabelled`.
    """
    if (run := read_earlier_run(arguments, kind)) is None:
        return None
    workdir, earlier = run
    config = from_json(kind, earlier.config, str(workdir / "config.json"))
    return {"config": config, "workdir": workdir, "steps": earlier.steps, "log": earlier.log}


def print_train_on(workdir: Path, step: int) -> None:
    """Prints the command by which a run goes on.

    Args:
      workdir: its folder.
      step: updates made.
    """
    print_line(f"train on: babble train --workdir {shlex.quote(str(workdir))} --steps {2 * step}")
