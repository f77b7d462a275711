"""The kinds of experiment. A module of `experiments` gives the values; what is done with them stands here."""

import dataclasses
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import jax
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from babble_jax import files
from babble_jax.audio import measures, spectrogram, wave
from babble_jax.audio.pcm import from_int16
from babble_jax.audio.quantize import Quantizer
from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.reading import read
from babble_jax.dataset import recipes, recordings
from babble_jax.dataset.source import Recordings, open_dataset
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import PretrainedVoice, load_voice
from babble_jax.timing.events import Definitions, summary
from babble_jax.track import jsonl
from babble_jax.train.config import LogConfig, OptimizerConfig, TrainConfig
from babble_jax.train.devices import device_mesh
from babble_jax.train.evaluate import Evaluator, ngram_baselines
from babble_jax.train.loop import open_recordings, train
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig
from babble_jax.voice.speak import speak


@dataclasses.dataclass(frozen=True)
class VoiceExperiment:
    """Trains a voice, scores it on the test split beside the laws it must beat, listens to it by measurement.

    Attributes:
      source: a recipe of `babble_jax.dataset.recipes`, or a folder of recordings.
      sample_rate: Hz.
      model: shape of the voice.
      quantizer: of its samples.
      optimizer: and its schedule.
      batch_size: recordings side by side.
      subsequence: samples per step.
      steps: updates.
      seconds: of each of eight samples of babble.
      rescale: every recording to the same peak.
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
        """Runs all of it; `work` may hold an earlier part of the same run."""
        dataset = work / "dataset"
        if not dataset.exists():
            self._build(dataset)
        opened = open_dataset(dataset, "train")
        voice = VoiceConfig(self.model, self.quantizer, opened.sample_rate, opened.gain)
        config = TrainConfig(voice, str(dataset), self.optimizer, self.batch_size, self.subsequence)
        log = LogConfig(evaluate_every=max(1, self.steps // 8), save_every=200)
        start = time.monotonic()
        report = train(config, work / "training", self.steps, log)
        minutes = (time.monotonic() - start) / 60

        trained, test = load_voice(report.voice), open_recordings(config, "test")
        spread = device_mesh("jit", self.batch_size, jax.local_devices()[:1])
        score = Evaluator(config, spread, test, self.batch_size)(trained.params)
        laws = ngram_baselines(voice, open_recordings(config, "train"), test)
        heard = self._listen(trained, test, results)
        figures = {
            "parameters": int(sum(x.size for x in jax.tree.leaves(trained.params))),
            "training_samples": self.steps * self.batch_size * self.subsequence,
            "minutes_of_this_training": minutes,
            "test_bits": {**laws, "voice": score.bits, "samples": score.samples},
            "below_markov": laws["markov"] - score.bits,
            "curve": [
                line for line in jsonl.read_metrics(work / "training" / "metrics.jsonl") if "validation/bits" in line
            ],
            "sound": heard,
        }
        self._curve(work / "training" / "metrics.jsonl", laws, score.bits, results)
        return figures

    def _build(self, dataset: Path) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            folder = self.source
            if folder in recipes.RECIPES:
                folder = recipes.fetch_recipe(folder, Path(scratch))
            recordings.build_dataset(folder, dataset, self.sample_rate, rescale=self.rescale)

    def _listen(self, trained: PretrainedVoice, test: Recordings, results: Path) -> dict[str, Any]:
        """Measures of babble, of real speech and of white noise."""
        rate, count = trained.config.sample_rate, round(self.seconds * trained.config.sample_rate)
        babble = speak(trained, jax.random.split(jax.random.key(0), 8), count)
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

    def _curve(self, log: Path, laws: dict[str, float], voice: float, results: Path) -> None:
        lines = jsonl.read_metrics(log)
        figure = Figure(figsize=(8, 4.5), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots()
        for key, style, colour in (("train/bits", "-", "0.8"), ("validation/bits", "o-", "C0")):
            points = [(line["step"], line[key]) for line in lines if key in line]
            steps, bits = zip(*points, strict=True)
            axes.plot(steps, bits, style, lw=1, color=colour, label=key.replace("/", " "))
        for (name, level), colour in zip(
            ({**laws, "voice, test": voice}).items(), ("C3", "C1", "C0"), strict=True
        ):
            axes.axhline(level, color=colour, ls="--", lw=1, label=f"{name} {level:.2f}")
        axes.set(xlabel="step", ylabel="bits per sample", ylim=(voice - 0.5, laws["unigram"] + 0.5))
        axes.legend()
        with files.atomic_write(f"{results}-curve.png") as path:
            figure.savefig(path, dpi=120)


def corpus(name: str) -> tuple[Conversation, ...]:
    """The conversations of a folder in `BABBLE_CORPORA`.

    Raises:
      BabbleError: the variable or the folder is not there.
    """
    folder = os.environ.get("BABBLE_CORPORA")
    if not folder:
        raise BabbleError("Set BABBLE_CORPORA to the folder that holds the corpora.")
    return read(Path(folder) / name).conversations


@dataclasses.dataclass(frozen=True)
class EventsExperiment:
    """The events of a corpus, at both levels.

    Attributes:
      corpus: folder in `BABBLE_CORPORA`.
      definitions: of the events.
    """

    corpus: str
    definitions: Definitions = Definitions()

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Reads and counts."""
        del work, results
        start = time.monotonic()
        conversations = corpus(self.corpus)
        figures = summary(conversations, self.definitions)
        figures["fto"] = {
            fto_level: summary(conversations, self.definitions, fto_level)["fto"]
            for fto_level in ("ipu", "turn")
        }
        return figures | {"wall_seconds": time.monotonic() - start}
