"""The kind of experiment that trains a voice from scratch, scores it and measures its babble."""

import dataclasses
import tempfile
import time
from pathlib import Path
from typing import Any

import jax
import numpy as np

from babble_jax import plotting
from babble_jax.audio import measures, spectrogram, wave
from babble_jax.audio.pcm import from_int16
from babble_jax.audio.quantize import Quantizer
from babble_jax.dataset import recipes, recordings
from babble_jax.dataset.source import Recordings, open_dataset
from babble_jax.pretrained.pretrained import PretrainedVoice, load_voice
from babble_jax.track import jsonl
from babble_jax.train.config import LogConfig, OptimizerConfig
from babble_jax.train.devices import device_mesh
from babble_jax.train.tasks.voice.config import DatasetProperties, VoiceTrainConfig
from babble_jax.train.tasks.voice.evaluation import ngram_baselines
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.train.trainer import train
from babble_jax.voice.models.samplernn import SampleRNNConfig
from babble_jax.voice.speak import generate_audio


@dataclasses.dataclass(frozen=True)
class VoiceExperiment:
    """Trains a voice, scores it on the test split beside n-gram baselines, and measures its babble.

    Attributes:
      source: a recipe of `babble_jax.dataset.recipes`, or a folder of recordings.
      sample_rate: Hz.
      model: shape of the model.
      quantizer: of its samples.
      optimizer: and its schedule.
      batch_size: recordings that are read side by side.
      subsequence: samples per step of truncated back-propagation.
      steps: updates.
      seconds: length of each of eight samples of babble.
      rescale: scale every recording to the same peak.
    """

    source: str
    sample_rate: int
    model: SampleRNNConfig
    quantizer: Quantizer
    optimizer: OptimizerConfig
    batch_size: int
    subsequence: int
    steps: int
    seconds: float = 10.0
    rescale: bool = False

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Trains, scores and measures; an interrupted training is resumed.

        Args:
          work: folder for the data set and the training run.
          results: path, without suffix, of the pictures and the sound.

        Returns:
          Scores in bits per sample, the validation curve, and measures of the sound.
        """
        dataset = work / "dataset"
        if not dataset.exists():
            self._build(dataset)
        opened = open_dataset(dataset, "train")
        config = VoiceTrainConfig(
            dataset=str(dataset),
            model=self.model,
            quantizer=self.quantizer,
            optimizer=self.optimizer,
            batch_size=self.batch_size,
            subsequence=self.subsequence,
        )
        task = VoiceTask(config, DatasetProperties(opened.sample_rate, opened.gain))
        log = LogConfig(evaluate_every=max(1, self.steps // 8), save_every=200)
        start = time.monotonic()
        report = train(task, work / "training", self.steps, log)
        minutes = (time.monotonic() - start) / 60

        pretrained, test = load_voice(report.export), task.recordings("test")
        mesh = device_mesh("jit", self.batch_size, jax.local_devices()[:1])
        score = task.evaluator(mesh, test, self.batch_size)(pretrained.params)
        baselines = ngram_baselines(task.voice, task.recordings("train"), test)
        metrics = {
            "parameters": int(sum(x.size for x in jax.tree.leaves(pretrained.params))),
            "training_samples": self.steps * self.batch_size * self.subsequence,
            "minutes_of_this_training": minutes,
            "test_bits": {**baselines, "voice": score.bits, "samples": score.samples},
            "below_markov": baselines["markov"] - score.bits,
            "curve": [
                line
                for line in jsonl.read_metrics(work / "training" / "metrics.jsonl")
                if "validation/bits" in line
            ],
            "sound": self._measure(pretrained, test, results),
        }
        self._plot_curve(work / "training" / "metrics.jsonl", baselines, score.bits, results)
        return metrics

    def _build(self, dataset: Path) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            folder = self.source
            if folder in recipes.RECIPES:
                folder = recipes.fetch_recipe(folder, Path(scratch))
            recordings.build_from_folders(folder, dataset, self.sample_rate, rescale=self.rescale)

    def _measure(self, pretrained: PretrainedVoice, test: Recordings, results: Path) -> dict[str, Any]:
        """Measures babble, real speech and white noise; plots and writes the babble."""
        rate, count = pretrained.config.sample_rate, round(self.seconds * pretrained.config.sample_rate)
        babble = generate_audio(pretrained, jax.random.split(jax.random.key(0), 8), count)
        line = from_int16(np.concatenate([test.read(i) for i in range(len(test))]))
        real = line[: count * min(8, len(line) // count)].reshape(-1, count)
        noise = np.random.default_rng(0).normal(0, 0.05, (1, count)).astype(np.float32)
        for name, audio in (("babble", babble), ("real", real)):
            spectrogram.plot_spectrogram(audio[0], rate, f"{results}-{name}.png", f"{name}, {rate} Hz")
        wave.write(f"{results}-babble.wav", babble[0], rate)

        def means(audio: np.ndarray) -> dict[str, float]:
            rows = [dataclasses.asdict(measures.measure(one, rate)) for one in audio]
            return {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}

        return {"babble": means(babble), "real": means(real), "noise": means(noise)}

    def _plot_curve(self, log: Path, baselines: dict[str, float], voice: float, results: Path) -> None:
        lines = jsonl.read_metrics(log)
        figure = plotting.create_figure(8, 4.5)
        axes = figure.subplots()
        for key, style, colour in (("train/bits", "-", "0.8"), ("validation/bits", "o-", "C0")):
            points = [(line["step"], line[key]) for line in lines if key in line]
            steps, bits = zip(*points, strict=True)
            axes.plot(steps, bits, style, lw=1, color=colour, label=key.replace("/", " "))
        for (name, value), colour in zip(
            ({**baselines, "voice, test": voice}).items(), ("C3", "C1", "C0"), strict=True
        ):
            axes.axhline(value, color=colour, ls="--", lw=1, label=f"{name} {value:.2f}")
        axes.set(xlabel="step", ylabel="bits per sample", ylim=(voice - 0.5, baselines["unigram"] + 0.5))
        axes.legend()
        plotting.save_png(figure, f"{results}-curve.png", dpi=120)
