"""Training a voice."""

import dataclasses
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from tyro.conf import arg

from babble_jax.cli.messages import print_line
from babble_jax.config import from_json
from babble_jax.errors import BabbleError
from babble_jax.train.config import LogConfig
from babble_jax.train.record import RunRecord, check_workdir, latest_step
from babble_jax.train.tasks.voice.config import DatasetProperties, VoiceTrainConfig


@dataclasses.dataclass(frozen=True)
class Train:
    """Trains a voice, or resumes a training run that was interrupted. The defaults are those of the SampleRNN paper.

    The model is a SampleRNN, or another kind where the command line names it: `model:wavenet` or `model:rnn`, followed
    by its own --model options (`babble train model:wavenet --help`).

    A run goes on with `babble train --workdir RUN` alone: its config.json holds the rest. Where the data set has moved,
    give its new folder: `babble train DATASET --workdir RUN`. What may change then: --steps, --log.*,
    --optimizer.learning-rate, --optimizer.warmup-steps and --optimizer.decay-steps; where one of the last three
    changes, the schedule of the learning rate begins anew. All other options keep the values with which the run began.
    A run that is stopped (Ctrl-C, SIGTERM) saves before it ends; so training of any length begins, and its progress
    says how much time is left as soon as the rate of its updates is known.

    Attributes:
      config: Values by which a voice is trained.
      workdir: Folder of the run, new or empty. A run that is there already goes on.
      steps: Total number of updates, those of earlier starts included.
      log: What the run reports and keeps.
      yes: Begin work even if the model takes more than the disk or the memory holds.
    """

    config: Annotated[VoiceTrainConfig, arg(name="")]
    workdir: Path
    steps: int
    log: LogConfig = LogConfig()
    yes: bool = False

    @classmethod
    def defaults(cls, arguments: Sequence[str]) -> "Train | None":
        """Returns the values of the run in the folder that a command line names; None where there is no run.

        A folder without a checkpoint, of a first start that failed, gives none to a command line with a data set.

        Args:
          arguments: words of the command line after the verb.
        """
        workdir = _workdir(arguments)
        if workdir is None or not (workdir / "config.json").is_file():
            return None
        if latest_step(workdir) is None and not arguments[0].startswith("-"):
            return None
        path = workdir / "config.json"
        record = RunRecord.read(path, VoiceTrainConfig)
        return cls(from_json(VoiceTrainConfig, record.config, str(path)), workdir, record.steps, record.log)

    @classmethod
    def explain_missing(cls, arguments: Sequence[str]) -> str | None:
        """Says what is missing where a command line names a folder without a run and no --steps; else None.

        Args:
          arguments: words of the command line after the verb.
        """
        workdir = _workdir(arguments)
        has_steps = any(word.partition("=")[0] == "--steps" for word in arguments)
        return None if workdir is None or has_steps else _explain_no_run(workdir)

    def run(self) -> None:
        """Trains the voice; prints its score and its folder."""
        from babble_jax.cli.estimate import confirm
        from babble_jax.pretrained.pretrained import count_parameters
        from babble_jax.train.training import train_voice
        from babble_jax.voice.models.bounds import MOST_PARAMETERS

        if not self.config.dataset:
            raise BabbleError(f"train: {_explain_no_run(self.workdir)}; see `babble train --help`.")
        check_workdir(self.workdir)
        if Path(self.config.dataset).is_absolute() and not Path(self.config.dataset).exists():
            raise BabbleError(
                f"{self.config.dataset}: the data set is not there; say where it is: `babble train DATASET --workdir "
                f"{shlex.quote(str(self.workdir))}` goes on with a run whose data set has moved."
            )
        count = count_parameters(self.config.voice(DatasetProperties(speakers=("one",))))
        if count > MOST_PARAMETERS:
            raise BabbleError(
                f"train: the model has {count} parameters; choose a smaller one, of 2e9 at most."
            )
        checkpoints = 12 * count * (self.log.keep + 1)  # parameters and two moments
        confirm("train", 0.0, checkpoints, self.workdir, self.yes, memory=16 * count)
        report = train_voice(self.config, self.workdir, self.steps, log=self.log)
        score = report.validation
        print(f"step {report.step}: {score.bits:.3f} bits per sample on {score.samples} validation samples")
        print_line(f"voice: {report.voice}")


def _explain_no_run(workdir: Path) -> str:
    """Says that no run is in a folder, and how to start one."""
    command = f"babble train DATASET --workdir {shlex.quote(str(workdir))} --steps N"
    where = "holds no run" if workdir.exists() else "there is no such folder, and so no run"
    if workdir.is_dir() and any(workdir.iterdir()):
        command = "babble train DATASET --workdir NEW_FOLDER --steps N"
    return f"{workdir}: {where} to go on with; start one with `{command}`"


def _workdir(arguments: Sequence[str]) -> Path | None:
    """Finds the value of --workdir among the words of a command line."""
    for number, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        if name == "--workdir" and equals:
            return Path(value)
        if word == "--workdir" and number + 1 < len(arguments):
            return Path(arguments[number + 1])
    return None
