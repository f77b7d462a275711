"""The kind of experiment that fills a table like those of Mehri et al. 2017 (arXiv 1612.07837, section 3).

Every row is a voice of about 0.45 M parameters that hears the same 20 M samples, 8,192 an update; two seeds of each.
Rows that stand in several tables are trained once: a run is kept under the name of what it is.
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
from babble_jax.train.config import LogConfig, OptimizerConfig, TrainConfig
from babble_jax.train.evaluate import Evaluation, simple_laws, thinned
from babble_jax.train.loop import recordings_for, train
from babble_jax.train.parallel import parallel
from babble_jax.voice.models import ModelConfig
from babble_jax.voice.released import VoiceConfig, load

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
      source: a recipe of `babble_jax.dataset.recipes`.
      rows: by name.
    """

    source: str
    rows: dict[str, Row]

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Trains and scores what is missing; after each row and seed the table so far is written."""
        shared = work.parent / "paper" / self.source
        dataset = shared / "dataset"
        if not dataset.exists():
            with tempfile.TemporaryDirectory() as scratch:
                recordings.build(recipes.fetch(self.source, Path(scratch)), dataset, RATE)
        table: dict[str, Any] = {}
        figures: dict[str, Any] = {}
        for seed in SEEDS:
            for name, row in self.rows.items():
                table.setdefault(name, []).append(_trained(row, seed, shared, dataset))
                figures = _figures(self.source, table)
                files.write_json(results.with_suffix(".json"), figures)
        _picture(Path(f"{results}.png"), figures)
        return figures


def _trained(row: Row, seed: int, shared: Path, dataset: Path) -> dict[str, Any]:
    """The figures of a row and seed, trained and scored where they are not kept."""
    opened = open_dataset(dataset, "train")
    voice = VoiceConfig(row.model, row.quantizer, opened.sample_rate, opened.gain)
    optimizer = OptimizerConfig(learning_rate=row.learning_rate, warmup_steps=50, decay_steps=STEPS)
    whole = TrainConfig(voice, str(dataset), optimizer, UPDATE // row.subsequence, row.subsequence, seed)
    told = json.dumps(config.to_json(row), sort_keys=True)
    folder = shared / f"{hashlib.sha256(told.encode()).hexdigest()[:12]}-{seed}"
    kept = folder / "scores.json"
    if kept.is_file():
        return json.loads(kept.read_text())
    log = LogConfig(every=10, evaluate_every=STEPS // 4, save_every=200, keep=1, audio_seconds=0)
    start, seen = time.monotonic(), _steps(folder)
    report = train(whole, folder, STEPS, log)
    pace = (time.monotonic() - start) / max(1, report.step - seen)
    found = load(report.voice)
    score = dataclasses.replace(whole, lanes=8, subsequence=SCORED)
    test = thinned(recordings_for(score, "test"), ASKED)
    alone = parallel("jit", score.lanes, jax.local_devices()[:1])
    got = Evaluation(score, alone, test, score.lanes)(found.params)
    figures = {
        "bits": got.bits,
        "bits_per_amplitude": got.bits + _width(voice, test),
        "parameters": int(sum(x.size for x in jax.tree.leaves(found.params))),
        "minutes": pace * STEPS / 60,
        "samples": got.samples,
        **simple_laws(voice, recordings_for(score, "train"), test),
    }
    files.write_json(kept, figures)
    return figures


def _steps(folder: Path) -> int:
    """Of the last checkpoint, from which the run goes on."""
    kept = folder / "checkpoints"
    return max((int(path.name) for path in kept.glob("*") if path.name.isdigit()), default=0)


def _width(voice: VoiceConfig, test: Recordings) -> float:
    """Mean log2 of the width of the bins in recorded amplitude, by which bits of two quantizers compare."""
    widths = np.asarray(voice.quantizer.log2_widths())
    codes = np.concatenate([np.asarray(voice.encode(jnp.asarray(test.read(i)))) for i in range(len(test))])
    return float(widths[codes].mean() - np.log2(voice.gain))


def _figures(source: str, table: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Means over seeds, and how far apart these are: two rows that differ by less are a tie. Of the minutes the least:
    other work slows a run down.
    """
    rows = {}
    for name, runs in table.items():
        bits = [run["bits"] for run in runs]
        rows[name] = {
            "bits": float(np.mean(bits)),
            "spread": float(np.ptp(bits)) if len(bits) > 1 else None,
            "bits_per_amplitude": float(np.mean([run["bits_per_amplitude"] for run in runs])),
            "below_markov": float(np.mean([run["markov"] - run["bits"] for run in runs])),
            "parameters": runs[0]["parameters"],
            "minutes": min(run["minutes"] for run in runs),
            "seeds": bits,
        }
    first = next(iter(table.values()))[0]
    laws = {name: first[name] for name in ("unigram", "markov", "samples")}
    return {"source": source, "training_samples": STEPS * UPDATE, "test": laws, "rows": rows}


def _picture(path: Path, figures: dict[str, Any]) -> None:
    rows = figures["rows"]
    figure = Figure(figsize=(7, 0.6 + 0.4 * len(rows)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    for at, row in enumerate(rows.values()):
        axes.plot(row["seeds"], [at] * len(row["seeds"]), "o", color="C0")
    axes.set_yticks(range(len(rows)), list(rows))
    axes.invert_yaxis()
    axes.set(xlabel="bits per sample of the test split; a point per seed")
    axes.grid(axis="x", alpha=0.3)
    with files.whole(path) as temporary:
        figure.savefig(temporary, format="png", dpi=110)
