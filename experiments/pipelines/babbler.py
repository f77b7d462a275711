"""The kind of experiment that trains voices of several speakers, conditioned on activity and acoustic units or not."""

import dataclasses
from pathlib import Path
from typing import Any

import jax

from babble_jax.audio.quantize import Quantizer
from babble_jax.pretrained.pretrained import PretrainedVoice, load_voice
from babble_jax.synthesis.kinds import MINUTES
from babble_jax.train.config import LogConfig
from babble_jax.train.devices import device_mesh
from babble_jax.train.tasks.voice.config import VoiceTrainConfig
from babble_jax.train.tasks.voice.evaluation import ngram_baselines
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.voice.models.kinds import ModelConfig
from experiments.pipelines.datasets import FolderFiles, build_from_recipes
from experiments.pipelines.parts import PartsExperiment


@dataclasses.dataclass(frozen=True)
class BabblerExperiment(PartsExperiment):
    """Trains one voice of several speakers, part by part; scores it for each speaker.

    Attributes:
      sources: names of `babble_jax.dataset.recipes`, each one speaker: packages, and sound that is synthesized.
      sample_rate: Hz.
      pad: seconds of silence around each recording.
      model: shape of the model.
      quantizer: of its samples.
      units: number of acoustic units that the voice is conditioned on, beside speech activity; 0 for neither.
      batch_size: recordings that are read side by side.
      minutes: of sound that is synthesized, of each such source.
      instruments: of sound files, by name, each one speaker after those of the sources.
      collections: folder of all collections of such files. Where they lie is no value of the experiment.
      parts: by name, in order; with `start`, `first` and `until` see `PartsExperiment`.
    """

    sources: tuple[str, ...]
    sample_rate: int
    pad: float
    model: ModelConfig
    quantizer: Quantizer
    units: int
    batch_size: int
    minutes: float = MINUTES
    instruments: dict[str, FolderFiles] = dataclasses.field(default_factory=dict)
    collections: str = dataclasses.field(default="", compare=False)

    def build_dataset(self, dataset: Path) -> None:
        """Builds the data set unless it is there.

        Args:
          dataset: its folder.

        Raises:
          BabbleError: an instrument lacks its files.
        """
        build_from_recipes(
            self.sources,
            dataset,
            self.sample_rate,
            self.pad,
            self.minutes,
            self.instruments,
            self.collections,
        )

    def config(self, dataset: Path) -> VoiceTrainConfig:
        """Builds the config that all parts share.

        Args:
          dataset: folder of the data set.
        """
        return VoiceTrainConfig(
            dataset=str(dataset),
            model=self.model,
            quantizer=self.quantizer,
            by_speaker=True,
            by_activity=bool(self.units),
            units=self.units,
            batch_size=self.batch_size,
            balance=True,
        )

    def task(self, dataset: Path) -> VoiceTask:
        """Makes the task whose values all parts share.

        Args:
          dataset: folder of the data set.
        """
        return VoiceTask(self.config(dataset))

    def first_voice(self, task: VoiceTask, work: Path) -> str:
        """Returns the folder of the voice that the first part starts from; empty for new parameters.

        Args:
          task: of the training.
          work: folder in which a voice may be made.
        """
        del task, work
        return self.start

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Trains part by part and scores; an interrupted training is resumed.

        Args:
          work: folder for the data set and a run for each part.
          results: unused.

        Returns:
          Bits per sample of the test split for each speaker, and the updates of each part.
        """
        del results
        self.select_parts()  # says what is wrong before the data set is made
        dataset = work / "dataset"
        self.build_dataset(dataset)
        task = self.task(dataset)
        started = dataclasses.replace(self, start=self.first_voice(task, work))
        log = LogConfig(every=20, evaluate_every=2000, evaluate_recordings=16, save_every=250)
        report = started.train_parts(task.config, task.properties, work, log)
        return {
            "test_bits": self._scores(task, load_voice(report.voice)),
            "steps": [*report.steps.values()],
        }

    def _scores(self, task: VoiceTask, voice: PretrainedVoice) -> dict[str, Any]:
        """Measures bits per sample of each speaker's test split, beside n-gram baselines of that speaker."""
        scores = {}
        mesh = device_mesh("jit", self.batch_size, jax.local_devices()[:1])
        train_split, test_split = task.recordings("train"), task.recordings("test")
        for number, name in enumerate(train_split.speaker_names):
            own = [
                split.select([i for i in range(len(split)) if split.speakers[i] == number])
                for split in (train_split, test_split)
            ]
            score = task.evaluator(mesh, own[1], self.batch_size, voice.unit_models)(voice.params)
            baselines = ngram_baselines(task.voice, *own)
            scores[name] = {**baselines, "voice": score.bits, "samples": score.samples}
        return scores
