"""The kind of experiment that fills a table like those of Mehri et al. 2017 (arXiv 1612.07837, section 3).

Every row is a voice of about 0.45 M parameters that is trained on the same 20 M samples, 8,192 an update, with two
seeds. A run is named by a digest of its config. A run whose metrics are in any table of the folder of results is not
trained again. To train all of them anew, give an empty folder for the results.
"""

import dataclasses
import hashlib
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax import config, files, plotting
from babble_jax.audio.quantize import Quantizer
from babble_jax.dataset import recipes, recordings
from babble_jax.dataset.source import Recordings, open_dataset
from babble_jax.launch.run_folder import shared_folder
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.train.config import LogConfig, OptimizerConfig
from babble_jax.train.devices import device_mesh
from babble_jax.train.tasks.voice.config import DatasetProperties, VoiceTrainConfig
from babble_jax.train.tasks.voice.evaluation import ngram_baselines, subsample
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.train.trainer import train
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.models.kinds import ModelConfig
from experiments.pipelines import music

UPDATE = 8192  # samples
STEPS = 2441  # updates, 20 M samples in all
SEEDS = (0, 1)
TEST_RECORDINGS = 24
TEST_SUBSEQUENCE = 8192  # samples; the state is carried over from one to the next
RATE = 16_000


@dataclasses.dataclass(frozen=True)
class Row:
    """Config of one row: a voice and its training.

    Attributes:
      model: shape of the model.
      quantizer: of its samples.
      subsequence: samples per step of truncated back-propagation; `UPDATE` of them go to one update.
      learning_rate: at the start of a cosine decay.
    """

    model: ModelConfig
    quantizer: Quantizer = Quantizer("mu_law")
    subsequence: int = 512
    learning_rate: float = 1e-3


@dataclasses.dataclass(frozen=True)
class PaperTable:
    """Fills one table, on one data set.

    Attributes:
      source: a recipe of `babble_jax.dataset.recipes`, or "quartets" for the music of `experiments.pipelines.music`.
      rows: by name.
    """

    source: str
    rows: dict[str, Row]

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Trains and scores the runs that no table in the folder of `results` holds; writes the table after each.

        Args:
          work: folder of the run; the folder of all runs holds the data sets and trainings of all tables.
          results: path, without suffix, of the table and its picture.
        """
        shared = shared_folder(work) / "paper" / self.source
        runs = _finished_runs(results.parent, self.source)
        metrics = self._metrics(runs)
        for seed in SEEDS:
            for row in self.rows.values():
                if run_name(row, seed) not in runs:
                    runs[run_name(row, seed)] = _train_and_score(
                        row, seed, shared, self._dataset(shared / "dataset")
                    )
                    metrics = self._metrics(runs)
                    files.write_json(results.with_suffix(".json"), metrics)
        _plot(Path(f"{results}.png"), metrics)
        return metrics

    def _dataset(self, folder: Path) -> Path:
        if not folder.exists():
            with tempfile.TemporaryDirectory() as scratch:
                if self.source == "quartets":
                    sound = music.render_quartets(Path(scratch))
                else:
                    sound = recipes.fetch_recipe(self.source, Path(scratch))
                recordings.build_from_folders(sound, folder, RATE)
        return folder

    def _metrics(self, runs: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """Averages over seeds. `spread` is the range over seeds: two rows that differ by less are a tie.

        Of the minutes the least are given, since other work slows a run down.
        """
        rows = {}
        for name, row in self.rows.items():
            own = {run: runs[run] for run in (run_name(row, seed) for seed in SEEDS) if run in runs}
            if not own:
                continue
            column = {key: [run[key] for run in own.values()] for key in next(iter(own.values()))}
            rows[name] = {
                "bits": float(np.mean(column["bits"])),
                "spread": float(np.ptp(column["bits"])) if len(own) > 1 else None,
                "bits_per_amplitude": float(np.mean(column["bits_per_amplitude"])),
                "below_markov": float(np.mean(np.subtract(column["markov"], column["bits"]))),
                "parameters": column["parameters"][0],
                "minutes": min((x for x in column["minutes"] if x is not None), default=None),
                "runs": own,
            }
        return {"source": self.source, "training_samples": STEPS * UPDATE, "rows": rows}


def run_name(row: Row, seed: int) -> str:
    """Names a run by a digest of its config and its seed: the same in every table."""
    text = json.dumps(config.to_json(row), sort_keys=True)
    return f"{hashlib.sha256(text.encode()).hexdigest()[:12]}-{seed}"


def _finished_runs(results: Path, source: str) -> dict[str, dict[str, Any]]:
    """Reads the runs on `source` from the tables in a folder, by their names."""
    tables = [json.loads(path.read_text("utf-8")) for path in sorted(results.glob("paper_*.json"))]
    return {
        name: run
        for table in tables
        if table["source"] == source
        for row in table["rows"].values()
        for name, run in row["runs"].items()
    }


def _train_and_score(row: Row, seed: int, shared: Path, dataset: Path) -> dict[str, Any]:
    """Trains one row with one seed and scores it; an interrupted run is resumed.

    The minutes are of the complete run, estimated if at least half of it was run at once, else None.
    """
    opened = open_dataset(dataset, "train")
    optimizer = OptimizerConfig(learning_rate=row.learning_rate, warmup_steps=50, decay_steps=STEPS)
    training = VoiceTrainConfig(
        dataset=str(dataset),
        model=row.model,
        quantizer=row.quantizer,
        optimizer=optimizer,
        batch_size=UPDATE // row.subsequence,
        subsequence=row.subsequence,
        seed=seed,
    )
    properties = DatasetProperties(opened.sample_rate, opened.gain)
    folder = shared / run_name(row, seed)
    log = LogConfig(every=10, evaluate_every=STEPS // 4, save_every=200, keep=1, audio_seconds=0)
    start, earlier = time.monotonic(), _steps(folder)
    report = train(VoiceTask(training, properties), folder, STEPS, log)
    ran = report.step - earlier
    minutes = (time.monotonic() - start) / ran * STEPS / 60 if ran >= STEPS / 2 else None
    pretrained = load_voice(report.export)
    score = VoiceTask(dataclasses.replace(training, batch_size=8, subsequence=TEST_SUBSEQUENCE), properties)
    test = subsample(score.recordings("test"), TEST_RECORDINGS)
    mesh = device_mesh("jit", score.config.batch_size, jax.local_devices()[:1])
    evaluation = score.evaluator(mesh, test, score.config.batch_size)(pretrained.params)
    return {
        "bits": evaluation.bits,
        "bits_per_amplitude": evaluation.bits + _width(score.voice, test),
        "parameters": int(sum(x.size for x in jax.tree.leaves(pretrained.params))),
        "minutes": minutes,
        "samples": evaluation.samples,
        **ngram_baselines(score.voice, score.recordings("train"), test),
    }


def _steps(folder: Path) -> int:
    """Reads the step of the last checkpoint, from which a run is resumed; 0 without one."""
    checkpoints = folder / "checkpoints"
    return max((int(path.name) for path in checkpoints.glob("*") if path.name.isdigit()), default=0)


def _width(voice: VoiceConfig, test: Recordings) -> float:
    """Computes the mean log2 width of the bins in recorded amplitude, by which bits of two quantizers compare."""
    widths = np.asarray(voice.quantizer.log2_widths())
    codes = np.concatenate([np.asarray(voice.encode(jnp.asarray(test.read(i)))) for i in range(len(test))])
    return float(widths[codes].mean() - np.log2(voice.gain))


def _plot(path: Path, metrics: dict[str, Any]) -> None:
    rows = metrics["rows"]
    figure = plotting.create_figure(7, 0.6 + 0.4 * len(rows))
    axes = figure.subplots()
    for position, row in enumerate(rows.values()):
        bits = [run["bits"] for run in row["runs"].values()]
        axes.plot(bits, [position] * len(bits), "o", color="C0")
    axes.set_yticks(range(len(rows)), list(rows))
    axes.invert_yaxis()
    axes.set(xlabel="bits per sample of the test split; a point per seed")
    axes.grid(axis="x", alpha=0.3)
    plotting.save_png(figure, path)
