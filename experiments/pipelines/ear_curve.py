"""The kind of experiment that trains ears which differ in one value, by equally many updates, and draws their errors.

Axes: N utterances.
"""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from tyro.conf import arg

from babble_jax import files
from babble_jax.audio import wave
from babble_jax.dataset.labelled.recording import LabelledRecording
from babble_jax.ear.decoding.greedy import decode_greedy
from babble_jax.ear.ear import Ear
from babble_jax.ear.features import features
from babble_jax.ear.inference import run
from babble_jax.input_files import read_json
from babble_jax.plotting import create_figure, save_png
from babble_jax.pretrained.ear import load_ear
from babble_jax.progress import Progress
from babble_jax.train.config import LogConfig, OptimizerConfig
from babble_jax.train.tasks.ear.config import EarShape, EarTrainConfig
from babble_jax.train.tasks.ear.equalizing import equalize_bands
from babble_jax.train.tasks.ear.task import EarTask
from babble_jax.train.tasks.ear.warping import warp_bands
from babble_jax.train.trainer import train
from experiments.pipelines.ear import find_voice, hear_all
from experiments.pipelines.ear_scores import UNCOUNTED, Strings, score_strings, spell

Axis = Literal["minutes", "look_ahead", "warp", "equalize"]
LABELS = {
    "minutes": "minutes of training speech",
    "look_ahead": "look-ahead, ms",
    "warp": "factor by which the spectrum of what is heard is warped",
    "equalize": "tilt of what is heard, dB from the lowest to the highest band",
}
"""Of the axis of a picture."""


@dataclasses.dataclass(frozen=True)
class EarCurveExperiment:
    """Trains an ear for each of some values, and scores all on the test split, by the best path.

    Attributes:
      axis: What differs: minutes of training speech, milliseconds of look-ahead, or the warp or the curve of the
        training.
      values: Of it.
      model: Shape of the network.
      optimizer: Optimizer and its learning rate schedule.
      steps: Updates of each ear.
      changes: Of what each ear then hears, too: of the warp, factors by which the spectrum of the test split is warped;
        of the curve, tilts of it in dB from the lowest to the highest band. None for other axes.
      folder: Recordings, as `babble train --task ear` takes them; empty to fetch the Debian package festvox-ru. Where
        they lie is no value of the experiment.
      seed: Random seed.
    """

    axis: Axis
    values: tuple[float, ...]
    model: EarShape
    optimizer: OptimizerConfig
    steps: int
    changes: tuple[float, ...] = ()
    folder: Annotated[str, arg(name="from")] = dataclasses.field(default="", compare=False)
    seed: int = 0

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Trains and scores; what is done is not done again, and an interrupted training is resumed.

        Args:
          work: folder for the training runs.
          results: path, without suffix, of the picture.

        Returns:
          A row for each value: the share of errors with an interval over utterances, and that of each change of the
          test split.
        """
        folder = find_voice(self.folder, work)
        rows = [self._point(value, folder, work) for value in self.values]
        plot(Path(f"{results}.png"), self.axis, rows, self.changes)
        return {"axis": self.axis, "updates": self.steps, "changes": list(self.changes), "rows": rows}

    def config(self, value: float, folder: Path) -> EarTrainConfig:
        """Makes the config of one training."""
        config = EarTrainConfig(
            recordings=str(folder.resolve()),
            model=self.model,
            optimizer=self.optimizer,
            noise=None,
            seed=self.seed,
        )
        if self.axis == "minutes":
            return dataclasses.replace(config, most_minutes=value)
        if self.axis == "warp":
            return dataclasses.replace(config, warp=value)
        if self.axis == "equalize":
            return dataclasses.replace(config, equalize=value)
        steps = round(value / 1000 / self.model.ear(("a",)).seconds_per_step)
        return dataclasses.replace(config, model=dataclasses.replace(self.model, look_ahead=steps))

    def _change(self, ear: Ear, change: float) -> Callable[[np.ndarray], np.ndarray]:
        """Makes one of the changes of the features of the test split."""
        if self.axis == "warp":
            return lambda values: warp_bands(values, change, ear.config.sample_rate)
        return lambda values: equalize_bands(values, np.array([-change / 2, change / 2]))

    def _point(self, value: float, folder: Path, work: Path) -> dict[str, Any]:
        """Trains and scores one ear, or reads what was found."""
        name = f"{self.axis}-{value:g}"
        record = work / f"{name}.json"
        if record.exists():
            return read_json(record)
        task = EarTask(self.config(value, folder))
        log = LogConfig(every=10, evaluate_every=0, evaluate_recordings=0, save_every=250)
        report = train(task, work / name, self.steps, log)
        ear = load_ear(report.export)
        test, training = (
            [task.folder.labelled[i] for i in task.splits[split]] for split in ("test", "train")
        )
        strings = {"": hear_all(ear, test, None)[0]} | {
            f"{change:g}": hear_changed(ear, test, self._change(ear, change)) for change in self.changes
        }
        scores = score_strings([spell(one) for one in test], strings)
        row = {
            "value": value,
            **scores[""],
            "changed": [scores[f"{change:g}"] for change in self.changes],
            "minutes_of_training_speech": sum(one.seconds for one in training) / 60,
            "passes": task.data_read(report.step)["passes"],
            "parameters": int(task.facts["parameters"]),
            "latency": ear.config.latency if ear.config.direction == "forward" else None,
            "test_utterances": len(test),
        }
        files.write_json(record, row)
        return row


def hear_changed(
    ear: Ear, recordings: Sequence[LabelledRecording], change: Callable[[np.ndarray], np.ndarray]
) -> Strings:
    """Hears recordings whose features are changed, by the best path.

    Args:
      ear: the ear.
      recordings: to be heard.
      change: maps features [F, M] to others.
    """
    strings = []
    with Progress("hearing what is changed", len(recordings), "recordings") as progress:
        for one in recordings:
            audio, _ = wave.read(one.path, ear.config.sample_rate)
            log_probs = run(ear.config, ear.params, change(features(audio, ear.config)))
            symbols = [ear.config.symbols[i] for i in decode_greedy(log_probs.ctc)[0]]
            strings.append([symbol for symbol in symbols if symbol not in UNCOUNTED])
            progress.update()
    return strings


def plot(path: Path, axis: Axis, rows: Sequence[dict[str, Any]], changes: Sequence[float]) -> None:
    """Draws the errors over the values, with their intervals; or over the changes of what is heard.

    Args:
      path: PNG file.
      axis: what differs.
      rows: of `EarCurveExperiment`.
      changes: of the test split.
    """
    figure = create_figure(6, 4)
    axes = figure.subplots()
    curves = (
        [(f"trained with {row['value']:g}", changes, row["changed"]) for row in rows]
        if changes
        else [("", [row["value"] for row in rows], rows)]
    )
    for label, at, scores in curves:
        low, middle, high = (
            100 * np.array([one[name] for one in scores]) for name in ("low", "rate", "high")
        )
        axes.errorbar(at, middle, np.stack([middle - low, high - middle]), fmt="o-", capsize=3, label=label)
    if len(curves) > 1:
        axes.legend()
    axes.set(xlabel=LABELS[axis], ylabel="errors in a hundred phones")
    axes.set_ylim(bottom=0)
    save_png(figure, path)
