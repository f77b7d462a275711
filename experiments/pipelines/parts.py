"""The kind of experiment that trains a voice part by part: a part starts from the voice of the part before."""

import dataclasses
import time
from pathlib import Path

from babble_jax.errors import BabbleError
from babble_jax.train.config import LogConfig, OptimizerConfig
from babble_jax.train.tasks.voice.config import DatasetProperties, VoiceTrainConfig
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.train.trainer import train


@dataclasses.dataclass(frozen=True)
class Part:
    """A part of a training, which starts from the voice of the part before.

    Attributes:
      steps: updates.
      optimizer: and its schedule.
      subsequence: samples per step of truncated back-propagation.
      noise: largest standard deviation of the noise on past samples, quantization levels.
      segment_shuffle: share of the recordings whose segments are put together in another order.
    """

    steps: int
    optimizer: OptimizerConfig
    subsequence: int
    noise: float = 0.0
    segment_shuffle: float = 0.0


@dataclasses.dataclass(frozen=True)
class PartsReport:
    """The parts of a training that were made in a run.

    Attributes:
      voice: Folder of the voice of the last part.
      steps: Updates of each part, by name.
      processor_minutes: Of each part, by name; those of this process alone.
    """

    voice: Path
    steps: dict[str, int]
    processor_minutes: dict[str, float]


@dataclasses.dataclass(frozen=True, kw_only=True)
class PartsExperiment:
    """Trains a voice part by part.

    Attributes:
      parts: Parts of the training by name, in order; each starts from the voice of the part before.
      start: Folder of a voice that the first part starts from; empty for new parameters. Which it is, is no value of
        the experiment.
      first: Name of the part that is made first; empty for all up to `until`.
      until: Name of the part after which the voice is scored; empty for the last.
    """

    parts: dict[str, Part]
    start: str = dataclasses.field(default="", compare=False)
    first: str = dataclasses.field(default="", compare=False)
    until: str = dataclasses.field(default="", compare=False)

    def select_parts(self) -> list[str]:
        """Lists the names of the parts from `first` to `until`.

        Raises:
          BabbleError: there is no such part, or `until` lies before `first`.
        """
        names = list(self.parts)
        for name in (self.first, self.until):
            if name and name not in names:
                raise BabbleError(f"There is no part {name!r}; the parts: {', '.join(names)}.")
        stop = names.index(self.until) + 1 if self.until else len(names)
        selected = names[names.index(self.first) if self.first else 0 : stop]
        if not selected:
            raise BabbleError(
                f"The part {self.until!r} comes before {self.first!r}; the parts in order: {', '.join(names)}."
            )
        return selected

    def train_parts(
        self, base: VoiceTrainConfig, properties: DatasetProperties, work: Path, log: LogConfig
    ) -> PartsReport:
        """Trains the parts from `first` to `until`; an interrupted one is resumed, a complete one is not repeated.

        Args:
          base: config that all parts share.
          properties: what the voice takes over from the data set.
          work: folder for a run of each part.
          log: settings of the log.

        Raises:
          BabbleError: see `select_parts`, and `train`.
        """
        before, voice, minutes = self.start or None, None, {}
        names = self.select_parts()
        for name in names:
            part = self.parts[name]
            config = dataclasses.replace(
                base,
                optimizer=part.optimizer,
                subsequence=part.subsequence,
                noise=part.noise,
                segment_shuffle=part.segment_shuffle,
                init_from=before,
            )
            task, start = VoiceTask(config, properties), time.process_time()
            voice = train(task, work / name, part.steps, log).export
            minutes[name] = (time.process_time() - start) / 60
            before = str(work / name)
        assert voice is not None
        return PartsReport(voice, {name: self.parts[name].steps for name in names}, minutes)
