"""Training of an ear from a folder of labelled recordings: what `babble train --task ear` calls."""

import dataclasses
import os
from pathlib import Path

from babble_jax.dataset.labelled.reading import LabelledFolder
from babble_jax.train.config import LogConfig
from babble_jax.train.tasks.ear.config import EarTrainConfig
from babble_jax.train.tasks.ear.task import EarTask
from babble_jax.train.trainer import train


@dataclasses.dataclass(frozen=True)
class EarTrainReport:
    """Report of the training of an ear.

    Attributes:
      step: updates made in all.
      metrics: of the last evaluation on the validation split, by name.
      ear: folder of the ear.
      recordings: as they were understood.
    """

    step: int
    metrics: dict[str, float]
    ear: Path
    recordings: LabelledFolder


def train_ear(
    config: EarTrainConfig, workdir: str | os.PathLike, steps: int, log: LogConfig | None = None
) -> EarTrainReport:
    """Trains an ear, or goes on with a training that was interrupted, to the same parameters.

    Args:
      config: values of the training.
      workdir: folder of the run: checkpoints, features, `metrics.jsonl`, and the ear.
      steps: updates in all.
      log: settings of the log.

    Raises:
      BabbleError: the recordings cannot be used, or the run in the folder has another config.
    """
    if config.recordings and Path(config.recordings).is_dir():  # the run goes on from any folder
        config = dataclasses.replace(config, recordings=str(Path(config.recordings).resolve()))
    task = EarTask(config)
    report = train(task, Path(workdir), steps, log or LogConfig(evaluate_recordings=0))
    return EarTrainReport(report.step, report.evaluation.metrics, report.export, task.folder)
