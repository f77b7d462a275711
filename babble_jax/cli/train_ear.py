"""Training an ear: `babble train --task ear`."""

import dataclasses
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, ClassVar

from tyro.conf import arg

from babble_jax.cli.earlier_run import TaskName
from babble_jax.cli.examples import TASK_EXAMPLES
from babble_jax.cli.messages import print_line
from babble_jax.cli.train_labelled import TrainLabelled, earlier_values, print_train_on
from babble_jax.train.config import LogConfig
from babble_jax.train.tasks.ear.config import EarTrainConfig


@dataclasses.dataclass(frozen=True)
class TrainEar(TrainLabelled):
    """Trains an ear on recordings with labels or transcripts, or goes on with a training.

    An ear hears which phones are spoken, and when; `babble hear` and `babble align` use it. RECORDINGS is a folder of
    sound files with labels beside them, or with a table of transcripts, or of a Festival voice; what was understood of
    it is printed. The recordings that are held out are those that `babble dataset` holds out.

    A run goes on with `babble train --workdir RUN` alone. What may change then: --steps, --log.*,
    --optimizer.learning-rate, --optimizer.warmup-steps and --optimizer.decay-steps. A run that is stopped (Ctrl-C,
    SIGTERM) saves before it ends.

    Attributes:
      config: Values by which an ear is trained.
    """

    EXAMPLES: ClassVar = TASK_EXAMPLES["ear"]

    config: Annotated[EarTrainConfig, arg(name="")]
    task: TaskName = "ear"
    steps: int = 2000
    log: LogConfig = LogConfig(evaluate_every=500, evaluate_recordings=0)

    @classmethod
    def defaults(cls, arguments: Sequence[str]) -> "TrainEar":
        """Returns the values of the run in the folder that a command line names; the usual ones where there is none.

        Args:
          arguments: words of the command line after the verb.
        """
        return cls(**(earlier_values(arguments, EarTrainConfig) or {"config": EarTrainConfig()}))

    def _train(self, workdir: Path) -> None:
        """Trains in the folder of a run, in each of its processes."""
        from babble_jax.train.tasks.ear.task import EarTask
        from babble_jax.train.tasks.labelled.training import train_labelled

        report = train_labelled(EarTask, self.config, workdir, self.steps, self.log)
        metrics = report.metrics
        steps = f", {metrics['step_accuracy']:.1%} of the steps right" if "step_accuracy" in metrics else ""
        print(
            f"step {report.step}: {metrics['phone_error_rate']:.1%} errors in the "
            f"{report.recordings.symbol_kind} of held-out recordings{steps}"
        )
        print_line(f"hear with it: babble hear RECORDING --ear {shlex.quote(str(workdir))}")
        print_train_on(workdir, report.step)
        print_line(f"ear: {report.export}")
