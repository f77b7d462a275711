"""Training Tacotron and Tacotron 2: `babble train --task tacotron`."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from tyro.conf import arg

from babble_jax.cli.earlier_run import TaskName, value_of
from babble_jax.cli.examples import TASK_EXAMPLES
from babble_jax.cli.messages import print_line
from babble_jax.cli.train_labelled import TrainLabelled, earlier_values, print_train_on
from babble_jax.tacotron.config import Tacotron2Config
from babble_jax.train.config import LogConfig
from babble_jax.train.tasks.tacotron.config import TacotronTrainConfig


@dataclasses.dataclass(frozen=True)
class TrainTacotron(TrainLabelled):
    """Trains a model that makes spectrograms of phones, or goes on with a training.

    RECORDINGS is a folder of sound files with labels beside them, or with a table of transcripts, or of a Festival
    voice; what was understood of it is printed. The recordings that are held out are those that `babble dataset` holds
    out. At each evaluation the run logs a held-out piece as the model speaks it from its phones alone: where its
    attention was, its mel spectrogram beside the recording's, and its sound by Griffin and Lim.

    The model is Tacotron 2, or Tacotron where the command line names it: `model:tacotron`, followed by its own --model
    options (`babble train --task tacotron model:tacotron --help`), which has the sizes of its paper.

    A run goes on with `babble train --workdir RUN` alone. What may change then: --steps, --log.*,
    --optimizer.learning-rate, --optimizer.warmup-steps and --optimizer.decay-steps. A run that is stopped (Ctrl-C,
    SIGTERM) saves before it ends.

    Attributes:
      size: Sizes of Tacotron 2 that --model options do not give: those for two cores, or those of its paper.
    """

    EXAMPLES: ClassVar = TASK_EXAMPLES["tacotron"]

    config: Annotated[TacotronTrainConfig, arg(name="")]
    task: TaskName = "tacotron"
    steps: int = 8000
    log: LogConfig = LogConfig(evaluate_every=500, evaluate_recordings=32)
    size: Literal["two-cores", "paper"] = "two-cores"

    @classmethod
    def defaults(cls, arguments: Sequence[str]) -> "TrainTacotron":
        """Returns the values of the run in the folder that a command line names; the usual ones where there is none.

        Args:
          arguments: words of the command line after the verb.
        """
        if earlier := earlier_values(arguments, TacotronTrainConfig):
            return cls(**earlier)
        if value_of("--size", arguments) == "paper":
            return cls(TacotronTrainConfig(model=Tacotron2Config()), size="paper")
        return cls(TacotronTrainConfig())

    def _train(self, workdir: Path) -> None:
        """Trains in the folder of a run, in each of its processes."""
        from babble_jax.train.tasks.labelled.training import train_labelled
        from babble_jax.train.tasks.tacotron.task import TacotronTask

        report = train_labelled(TacotronTask, self.config, workdir, self.steps, self.log)
        metrics = report.metrics
        attention = ""
        if "attention_on_phones" in metrics:  # labels with times
            attention = f", {metrics['attention_on_phones']:.1%} of the attention on the phones that sound"
        print(f"step {report.step}: {metrics['error_db']:.2f} dB error of held-out spectrograms{attention}")
        print_line(f"look and listen: {workdir / 'media'}")
        print_train_on(workdir, report.step)
        print_line(f"model: {report.export}")
