"""Training a voice."""

import dataclasses
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from tyro.conf import arg

from babble_jax.cli.earlier_run import TaskName, read_earlier_run, value_of
from babble_jax.cli.messages import print_line
from babble_jax.cli.train_ear import TrainEar
from babble_jax.cli.train_tacotron import TrainTacotron
from babble_jax.cli.usage import parse_options
from babble_jax.config import from_json
from babble_jax.errors import BabbleError
from babble_jax.input_files import read_json
from babble_jax.train.config import LogConfig
from babble_jax.train.record import check_workdir, latest_step
from babble_jax.train.tasks.voice.config import DatasetProperties, VoiceTrainConfig
from babble_jax.train.tasks.voice.presets import (
    DEFAULT_PRESET,
    SMALL_PRESET,
    TRAIN_PRESETS,
    PresetName,
    list_overrides,
)


@dataclasses.dataclass(frozen=True)
class Train:
    """Trains a voice on recordings, or goes on with a training.

    DATASET is a data set, or a folder or a file of sound, of which a data set is made first, or `excerpt`, minutes of
    speech that ship. The values are those of a
    preset (`--list-presets` shows them), and every option goes before the preset's value; --help shows the values of
    the preset that is named before it.

    With `--task ear` it trains an ear, which hears phones, in place of a voice, and with `--task tacotron` Tacotron or
    Tacotron 2, which make spectrograms of phones; `babble train --task ear --help` shows the options of that.

    The model is a SampleRNN, or another kind where the command line names it: `model:wavenet` or `model:rnn`, followed
    by its own --model options (`babble train model:wavenet --help`).

    A run goes on with `babble train --workdir RUN` alone: its config.json holds the rest. Where the data set has moved,
    give its new folder: `babble train DATASET --workdir RUN`. What may change then: --steps, --log.*,
    --optimizer.learning-rate, --optimizer.warmup-steps and --optimizer.decay-steps; where one of the last three
    changes, the schedule of the learning rate begins anew. All other options keep the values with which the run began.
    A run that is stopped (Ctrl-C, SIGTERM) saves before it ends; so training of any length begins, and after ten
    updates it says how long all of them take.

    Attributes:
      config: Values by which a voice is trained.
      task: What is trained: a voice; an ear or a Tacotron, which have other options.
      preset: Name of the values that options do not give; small where none is named.
      list_presets: Print the presets (what each is for, time, memory, expected bits per sample) and end.
      workdir: Folder of the run, new or empty; by default DATASET's name and the preset's, in the working folder. A run
        that is there already goes on.
      steps: Total number of updates, those of earlier starts included.
      log: What the run reports and keeps.
      longest_pause: Shorten pauses of the recordings of which a data set is made, to so many seconds (0.3, say); 0
        leaves them as they are. A voice learns to be silent from recordings with much silence.
      yes: Begin work even if the model takes more than the disk or the memory holds.
      distributed: Share the work among several processes, each of which is started with the same command: auto takes
        from SLURM, Open MPI, Cloud TPU or Kubernetes who they are; or HOST:PORT, at which the first one listens; off
        for a process of its own.
      process_count: Number of processes; by default what the environment says.
      process_id: Number of this process, from 0 on; by default what the environment says.
    """

    config: Annotated[VoiceTrainConfig, arg(name="")]
    task: TaskName = "voice"
    preset: PresetName | None = None
    list_presets: bool = False
    workdir: Path | None = None
    steps: int = SMALL_PRESET.steps
    log: LogConfig = LogConfig()
    longest_pause: float = 0.0
    yes: bool = False
    distributed: str = "off"
    process_count: int | None = None
    process_id: int | None = None

    @classmethod
    def parse(cls, arguments: Sequence[str]) -> "Train | TrainEar | TrainTacotron":
        """Reads a command line, whose options depend on the task: the one that it names, or that of its run.

        Args:
          arguments: words of the command line after the verb.
        """
        others = {"ear": TrainEar, "tacotron": TrainTacotron}
        return parse_options("train", others.get(_find_task(arguments), cls), arguments)

    @classmethod
    def defaults(cls, arguments: Sequence[str]) -> "Train":
        """Returns the values of the run in the folder that a command line names; those of a preset where there is none.

        A folder without a checkpoint, of a first start that failed, gives none to a command line with a data set.

        Args:
          arguments: words of the command line after the verb.
        """
        name = value_of("--preset", arguments)
        workdir, earlier = read_earlier_run(arguments, VoiceTrainConfig) or (None, None)
        if name is None and earlier is not None:
            config = from_json(VoiceTrainConfig, earlier.config, f"{workdir}/config.json")
            return cls(config, workdir=workdir, steps=earlier.steps, log=earlier.log)
        named: Any = name if name in TRAIN_PRESETS else DEFAULT_PRESET  # tyro refuses a wrong name
        preset = TRAIN_PRESETS[named]
        values = {
            field.name: getattr(preset.config, field.name) for field in dataclasses.fields(preset.config)
        }
        values["dataset"] = "" if earlier is None else earlier.config["dataset"]
        return cls(VoiceTrainConfig(**values), preset=named, steps=preset.steps, log=preset.log)

    def run(self) -> None:
        """Trains the voice; prints its score beside what the preset expects, its folder, and what to do next."""
        from babble_jax.train.processes import check_distributed, join_processes

        if self.list_presets:
            from babble_jax.cli.train_report import format_presets

            print(format_presets())
            return
        check_distributed(self.distributed, self.process_count, self.process_id)
        if self.preset is not None and self.config.dataset:
            from babble_jax.cli.train_data import check_source

            check_source(self.config.dataset)
        workdir = self._workdir()
        if not self.config.dataset:
            raise BabbleError(f"train: {_explain_no_run(workdir)}; see `babble train --help`.")
        with join_processes(self.distributed, self.process_count, self.process_id):
            self._train(workdir)

    def _train(self, workdir: Path) -> None:
        """Trains in the folder of a run, in each of its processes."""
        from babble_jax.cli.estimate import confirm
        from babble_jax.cli.train_data import note_silence, open_data
        from babble_jax.cli.train_report import format_result
        from babble_jax.pretrained.pretrained import count_parameters
        from babble_jax.train.processes import first_process_first
        from babble_jax.train.training import train_voice
        from babble_jax.voice.models.bounds import MOST_PARAMETERS

        preset = None if self.preset is None else TRAIN_PRESETS[self.preset]
        check_workdir(workdir)
        if preset is not None and (overrides := list_overrides(preset, self.config, self.steps)):
            print_line(f"preset {self.preset}, changed: {'; '.join(overrides)}", sys.stderr)
        count = count_parameters(self.config.voice(DatasetProperties(speakers=("one",))))
        if count > MOST_PARAMETERS:
            raise BabbleError(
                f"train: the model has {count} parameters; choose a smaller one, of 2e9 at most."
            )
        checkpoints = 12 * count * (self.log.keep + 1)  # parameters and two moments
        confirm("train", 0.0, checkpoints, workdir, self.yes, memory=16 * count)
        with first_process_first("data"):
            dataset = open_data(self.config.dataset, workdir, preset, self.yes, self.longest_pause)
            conditioned = self.config.by_activity or self.config.mel
            if preset is not None and dataset == self.config.dataset and not conditioned:
                note_silence(dataset)
        config = dataclasses.replace(self.config, dataset=dataset)
        report = train_voice(config, workdir, self.steps, log=self.log)
        score = report.validation
        print(f"step {report.step}: {score.bits:.3f} bits per sample on {score.samples} validation samples")
        for line in format_result(config, report, self.log, workdir):
            print_line(line)
        print_line(f"voice: {report.voice}")

    def _workdir(self) -> Path:
        """Returns the folder of the run: the one that is named, or one named after the data and the preset."""
        if self.workdir is not None:
            return self.workdir
        if not self.config.dataset:
            raise BabbleError(
                "train: no recordings are named; give a data set, or a folder or a file of sound: `babble train "
                "DATASET`, or `babble train excerpt` to try it on minutes of speech that ship."
            )
        workdir = Path(f"{Path(self.config.dataset).resolve().stem}-{self.preset or DEFAULT_PRESET}")
        print_line(f"run: {workdir}, by default; --workdir names another folder", sys.stderr)
        return workdir


def _find_task(arguments: Sequence[str]) -> str:
    """Finds the task of a command line: the one that it names, or that of the run in its folder, or a voice."""
    if (task := value_of("--task", arguments)) is not None:
        return task
    path = Path(value_of("--workdir", arguments) or "") / "config.json"
    values = read_json(path) if path.is_file() and latest_step(path.parent) is not None else None
    return str(values.get("kind")) if isinstance(values, dict) else "voice"


def _explain_no_run(workdir: Path) -> str:
    """Says that no run is in a folder, and how to start one."""
    command = f"babble train DATASET --workdir {shlex.quote(str(workdir))}"
    where = "holds no run" if workdir.exists() else "there is no such folder, and so no run"
    if workdir.is_dir() and any(workdir.iterdir()):
        command = "babble train DATASET --workdir NEW_FOLDER"
    return f"{workdir}: {where} to go on with; start one with `{command}`"
