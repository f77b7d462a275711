"""Training Tacotron and Tacotron 2: `babble train --task tacotron`."""

import dataclasses
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from tyro.conf import arg

from babble_jax.cli.messages import print_line
from babble_jax.cli.train_ear import value_of
from babble_jax.config import from_json
from babble_jax.errors import BabbleError
from babble_jax.tacotron.config import Tacotron2Config
from babble_jax.train.config import LogConfig
from babble_jax.train.record import RunRecord, check_workdir, latest_step
from babble_jax.train.tasks.tacotron.config import TacotronTrainConfig

STEPS = 8000


@dataclasses.dataclass(frozen=True)
class TrainTacotron:
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
      config: Values by which a model is trained.
      task: What is trained.
      size: Sizes of Tacotron 2 that --model options do not give: those for two cores, or those of its paper.
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

    config: Annotated[TacotronTrainConfig, arg(name="")]
    task: Literal["voice", "ear", "tacotron"] = "tacotron"
    size: Literal["two-cores", "paper"] = "two-cores"
    workdir: Path | None = None
    steps: int = STEPS
    log: LogConfig = LogConfig(evaluate_every=500, evaluate_recordings=32)
    distributed: str = "off"
    process_count: int | None = None
    process_id: int | None = None

    @classmethod
    def defaults(cls, arguments: Sequence[str]) -> "TrainTacotron":
        """Returns the values of the run in the folder that a command line names; the usual ones where there is none.

        A folder without a checkpoint, of a first start that failed, gives none to a command line with recordings.

        Args:
          arguments: words of the command line after the verb.
        """
        workdir = value_of("--workdir", arguments)
        path = Path(workdir or "") / "config.json"
        named = bool(arguments) and not arguments[0].startswith("-")
        if workdir is None or not path.is_file() or (latest_step(path.parent) is None and named):
            if value_of("--size", arguments) == "paper":
                return cls(TacotronTrainConfig(model=Tacotron2Config()), size="paper")
            return cls(TacotronTrainConfig())
        earlier = RunRecord.read(path, TacotronTrainConfig)
        config = from_json(TacotronTrainConfig, earlier.config, str(path))
        return cls(config, workdir=path.parent, steps=earlier.steps, log=earlier.log)

    def run(self) -> None:
        """Trains the model; prints what was understood of the recordings, its error, its folder and what to do next."""
        from babble_jax.train.processes import check_distributed, join_processes

        check_distributed(self.distributed, self.process_count, self.process_id)
        if not self.config.recordings:
            raise BabbleError(
                "train: no recordings are named; give a folder with recordings and their labels: `babble train "
                "RECORDINGS --task tacotron`."
            )
        workdir = self.workdir
        if workdir is None:
            workdir = Path(f"{Path(self.config.recordings).resolve().name}-tacotron")
            print_line(f"run: {workdir}, by default; --workdir names another folder", sys.stderr)
        check_workdir(workdir)
        with join_processes(self.distributed, self.process_count, self.process_id):
            self._train(workdir)

    def _train(self, workdir: Path) -> None:
        """Trains in the folder of a run, in each of its processes."""
        from babble_jax.train.tasks.tacotron.training import train_tacotron

        report = train_tacotron(self.config, workdir, self.steps, self.log)
        metrics = report.metrics
        timed = "attention_on_phones" in metrics
        attention = f", {metrics['attention_on_phones']:.1%} of the attention on the phones that sound"
        print(
            f"step {report.step}: {metrics['error_db']:.2f} dB error of held-out spectrograms{attention * timed}"
        )
        folder = shlex.quote(str(workdir))
        print_line(f"look and listen: {workdir / 'media'}")
        print_line(f"train on: babble train --workdir {folder} --steps {2 * report.step}")
        print_line(f"model: {report.synthesizer}")
