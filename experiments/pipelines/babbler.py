"""The kind of experiment that trains voices of several speakers, which may be told when to speak and what."""

import dataclasses
import tempfile
from pathlib import Path
from typing import Any

import jax

from babble_jax.audio.quantize import Quantizer
from babble_jax.dataset import recipes, recordings
from babble_jax.dataset.bandwidths import bandwidths
from babble_jax.dataset.source import open_dataset
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.train.config import LogConfig, OptimizerConfig, TrainConfig
from babble_jax.train.devices import parallel
from babble_jax.train.evaluate import Evaluation, ngram_baselines
from babble_jax.train.loop import Report, recordings_for, train
from babble_jax.voice.conditioning import activity
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.models.kinds import ModelConfig


@dataclasses.dataclass(frozen=True)
class Part:
    """A part of a training, which starts from the voice of the part before.

    Attributes:
      steps: updates.
      optimizer: of them.
      subsequence: samples per step.
      noise: on the past samples, levels.
      segment_shuffle: share of the recordings that are heard in pieces.
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
      model: shape of the voice.
      quantizer: of its samples.
      units: acoustic units that the voice is told, beside when to speak; 0 for a voice that is told neither.
      batch_size: recordings side by side.
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

    def config(self, dataset: Path) -> TrainConfig:
        """What all parts have in common."""
        opened = open_dataset(dataset, "train")
        voice = VoiceConfig(
            self.model,
            self.quantizer,
            opened.sample_rate,
            opened.gain,
            opened.speaker_names,
            activity.FEATURES if self.units else (),
            self.units,
            bandwidths(opened, by_speaker=True),
        )
        return TrainConfig(
            voice,
            str(dataset),
            batch_size=self.batch_size,
            balance=True,
        )

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Runs all of it; `work` may hold an earlier part of the same runs."""
        del results
        dataset = work / "dataset"
        if not dataset.exists():
            with tempfile.TemporaryDirectory() as scratch:
                folders = [recipes.fetch(name, Path(scratch)) for name in self.sources]
                recordings.build(folders, dataset, self.sample_rate, pad=self.pad)
        config = self.config(dataset)
        log = LogConfig(every=20, evaluate_every=2000, evaluate_recordings=16, save_every=250)
        report, before = None, None
        for name, part in self.parts.items():
            own = dataclasses.replace(
                config,
                optimizer=part.optimizer,
                subsequence=part.subsequence,
                noise=part.noise,
                segment_shuffle=part.segment_shuffle,
                init_from=before,
            )
            report = train(own, work / name, part.steps, log)
            before = str(work / name)
        assert report is not None
        return {
            "test_bits": self._scores(config, report),
            "steps": [part.steps for part in self.parts.values()],
        }

    def _scores(self, config: TrainConfig, report: Report) -> dict[str, Any]:
        """Bits per sample of each speaker's test split, beside the laws of that speaker that a voice must beat."""
        trained, scores = load_voice(report.voice), {}
        seen, asked = recordings_for(config, "train"), recordings_for(config, "test")
        for number, name in enumerate(seen.speaker_names):
            own = [
                split.select([i for i in range(len(split)) if split.speakers[i] == number])
                for split in (seen, asked)
            ]
            spread = parallel("jit", self.batch_size, jax.local_devices()[:1])
            score = Evaluation(config, spread, own[1], self.batch_size, trained.units)(trained.params)
            laws = ngram_baselines(config.voice, *own)
            scores[name] = {**laws, "voice": score.bits, "samples": score.samples}
        return scores
