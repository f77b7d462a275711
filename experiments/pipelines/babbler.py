"""The kind of experiment that trains voices of several speakers, conditioned on activity and acoustic units or not."""

import dataclasses
from pathlib import Path
from typing import Any

import jax

from babble_jax.audio.quantize import Quantizer
from babble_jax.pretrained.pretrained import PretrainedVoice, load_voice
from babble_jax.train.config import LogConfig, OptimizerConfig
from babble_jax.train.devices import device_mesh
from babble_jax.train.tasks.voice.config import VoiceTrainConfig
from babble_jax.train.tasks.voice.evaluation import ngram_baselines
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.train.trainer import train
from babble_jax.voice.models.kinds import ModelConfig
from experiments.pipelines.datasets import build_from_recipes


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
class BabblerExperiment:
    """Trains one voice of several speakers, part by part; scores it for each speaker.

    Attributes:
      sources: recipes of `babble_jax.dataset.recipes`, each one speaker.
      sample_rate: Hz.
      pad: seconds of silence around each recording.
      model: shape of the model.
      quantizer: of its samples.
      units: number of acoustic units that the voice is conditioned on, beside speech activity; 0 for neither.
      batch_size: recordings that are read side by side.
      parts: by name, in order.
    """

    sources: tuple[str, ...]
    sample_rate: int
    pad: float
    model: ModelConfig
    quantizer: Quantizer
    units: int
    batch_size: int
    parts: dict[str, Part]

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

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Trains part by part and scores; an interrupted training is resumed.

        Args:
          work: folder for the data set and a run for each part.
          results: unused.

        Returns:
          Bits per sample of the test split for each speaker, and the updates of each part.
        """
        del results
        dataset = work / "dataset"
        build_from_recipes(self.sources, dataset, self.sample_rate, self.pad)
        task = VoiceTask(self.config(dataset))
        log = LogConfig(every=20, evaluate_every=2000, evaluate_recordings=16, save_every=250)
        voice, before = None, None
        for name, part in self.parts.items():
            own = dataclasses.replace(
                task.config,
                optimizer=part.optimizer,
                subsequence=part.subsequence,
                noise=part.noise,
                segment_shuffle=part.segment_shuffle,
                init_from=before,
            )
            voice = train(VoiceTask(own, task.properties), work / name, part.steps, log).export
            before = str(work / name)
        assert voice is not None
        return {
            "test_bits": self._scores(task, load_voice(voice)),
            "steps": [part.steps for part in self.parts.values()],
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
