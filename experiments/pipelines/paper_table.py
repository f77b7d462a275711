"""The kind of experiment that fills a table like those of Mehri et al. 2017 (arXiv 1612.07837, section 3).

Every row is a voice of about 0.45 M parameters that hears the same 20 M samples, 8,192 an update; two seeds of each.
A run has the name of what it is, and its figures stay in the table: one that stands in a table of the folder of results
is not trained again, be it for another table. To have all of them trained anew, give an empty folder for the results.
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
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from babble_jax import config, files
from babble_jax.audio.quantize import Quantizer
from babble_jax.dataset import recipes, recordings
from babble_jax.dataset.source import Recordings, open_dataset
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.train.config import LogConfig, OptimizerConfig, TrainConfig
from babble_jax.train.devices import parallel
from babble_jax.train.evaluate import Evaluation, ngram_baselines, subsample
from babble_jax.train.loop import recordings_for, train
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.models.kinds import ModelConfig
from experiments.pipelines import music

UPDATE = 8192  # samples
STEPS = 2441  # of which 20 M samples are made
SEEDS = (0, 1)
ASKED = 24  # recordings of the test split
SCORED = 8192  # samples of a subsequence there, over which the state is carried
RATE = 16_000


@dataclasses.dataclass(frozen=True)
class Row:
    """A voice and how it is trained.

    Attributes:
      model: its shape.
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
    """One table, on one data set.

    Attributes:
      source: a recipe of `babble_jax.dataset.recipes`, or "quartets" for the music of `experiments.pipelines.music`.
      rows: by name.
    """

    source: str
    rows: dict[str, Row]

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Trains and scores what no table in the folder of `results` holds; writes the table after each voice."""
        shared = work.parent / "paper" / self.source
        runs = _known(results.parent, self.source)
        figures = self._figures(runs)
        for seed in SEEDS:
            for row in self.rows.values():
                if _name(row, seed) not in runs:
                    runs[_name(row, seed)] = _trained(row, seed, shared, self._dataset(shared / "dataset"))
                    figures = self._figures(runs)
                    files.write_json(results.with_suffix(".json"), figures)
        _picture(Path(f"{results}.png"), figures)
        return figures

    def _dataset(self, folder: Path) -> Path:
        if not folder.exists():
            with tempfile.TemporaryDirectory() as scratch:
                if self.source == "quartets":
                    sound = music.fetch(Path(scratch))
                else:
                    sound = recipes.fetch(self.source, Path(scratch))
                recordings.build(sound, folder, RATE)
        return folder

    def _figures(self, runs: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """Means over seeds, and how far apart these are: two rows that differ by less are a tie. Of the minutes the
        least: other work slows a run down.
        """
        rows = {}
        for name, row in self.rows.items():
            own = {run: runs[run] for run in (_name(row, seed) for seed in SEEDS) if run in runs}
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


def _name(row: Row, seed: int) -> str:
    """Of a run, by what it is: the same in every table."""
    told = json.dumps(config.to_json(row), sort_keys=True)
    return f"{hashlib.sha256(told.encode()).hexdigest()[:12]}-{seed}"


def _known(results: Path, source: str) -> dict[str, dict[str, Any]]:
    """The runs on `source` that the tables in a folder hold, by their names."""
    tables = [json.loads(path.read_text("utf-8")) for path in sorted(results.glob("paper_*.json"))]
    return {
        name: run
        for table in tables
        if table["source"] == source
        for row in table["rows"].values()
        for name, run in row["runs"].items()
    }


def _trained(row: Row, seed: int, shared: Path, dataset: Path) -> dict[str, Any]:
    """The figures of a row and seed. The voice is kept; an interrupted run goes on.

    The minutes of the whole run are known where at least half of it was run at once.
    """
    opened = open_dataset(dataset, "train")
    voice = VoiceConfig(row.model, row.quantizer, opened.sample_rate, opened.gain)
    optimizer = OptimizerConfig(learning_rate=row.learning_rate, warmup_steps=50, decay_steps=STEPS)
    whole = TrainConfig(voice, str(dataset), optimizer, UPDATE // row.subsequence, row.subsequence, seed)
    folder = shared / _name(row, seed)
    log = LogConfig(every=10, evaluate_every=STEPS // 4, save_every=200, keep=1, audio_seconds=0)
    start, seen = time.monotonic(), _steps(folder)
    report = train(whole, folder, STEPS, log)
    ran = report.step - seen
    minutes = (time.monotonic() - start) / ran * STEPS / 60 if ran >= STEPS / 2 else None
    found = load_voice(report.voice)
    score = dataclasses.replace(whole, batch_size=8, subsequence=SCORED)
    test = subsample(recordings_for(score, "test"), ASKED)
    alone = parallel("jit", score.batch_size, jax.local_devices()[:1])
    got = Evaluation(score, alone, test, score.batch_size)(found.params)
    return {
        "bits": got.bits,
        "bits_per_amplitude": got.bits + _width(voice, test),
        "parameters": int(sum(x.size for x in jax.tree.leaves(found.params))),
        "minutes": minutes,
        "samples": got.samples,
        **ngram_baselines(voice, recordings_for(score, "train"), test),
    }


def _steps(folder: Path) -> int:
    """Of the last checkpoint, from which the run goes on."""
    kept = folder / "checkpoints"
    return max((int(path.name) for path in kept.glob("*") if path.name.isdigit()), default=0)


def _width(voice: VoiceConfig, test: Recordings) -> float:
    """Mean log2 of the width of the bins in recorded amplitude, by which bits of two quantizers compare."""
    widths = np.asarray(voice.quantizer.log2_widths())
    codes = np.concatenate([np.asarray(voice.encode(jnp.asarray(test.read(i)))) for i in range(len(test))])
    return float(widths[codes].mean() - np.log2(voice.gain))


def _picture(path: Path, figures: dict[str, Any]) -> None:
    rows = figures["rows"]
    figure = Figure(figsize=(7, 0.6 + 0.4 * len(rows)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    for at, row in enumerate(rows.values()):
        bits = [run["bits"] for run in row["runs"].values()]
        axes.plot(bits, [at] * len(bits), "o", color="C0")
    axes.set_yticks(range(len(rows)), list(rows))
    axes.invert_yaxis()
    axes.set(xlabel="bits per sample of the test split; a point per seed")
    axes.grid(axis="x", alpha=0.3)
    with files.atomic_write(path) as temporary:
        figure.savefig(temporary, format="png", dpi=110)
