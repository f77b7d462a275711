"""Training on a folder of labelled recordings: what `babble train --task ear` and `--task tacotron` call."""

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from babble_jax.dataset.labelled.reading import LabelledFolder
from babble_jax.train.config import LogConfig
from babble_jax.train.tasks.labelled.config import LabelledTrainConfig
from babble_jax.train.tasks.labelled.task import LabelledTask
from babble_jax.train.trainer import train

Config = TypeVar("Config", bound=LabelledTrainConfig)


@dataclasses.dataclass(frozen=True)
class LabelledTrainReport:
    """Report of a training.

    Attributes:
      step: updates made in all.
      metrics: of the last evaluation on the validation split, by name.
      export: folder of the model.
      recordings: as they were understood.
    """

    step: int
    metrics: dict[str, float]
    export: Path
    recordings: LabelledFolder


def train_labelled(
    task: Callable[[Config], LabelledTask],
    config: Config,
    workdir: str | os.PathLike,
    steps: int,
    log: LogConfig | None = None,
) -> LabelledTrainReport:
    """Trains a model, or goes on with a training that was interrupted, to the same parameters.

    Args:
      task: class of the task.
      config: values of the training.
      workdir: folder of the run: checkpoints, what was measured of the recordings, `metrics.jsonl`, and the model.
      steps: updates in all.
      log: settings of the log.

    Raises:
      BabbleError: the recordings cannot be used, or the run in the folder has another config.
    """
    if config.recordings and Path(config.recordings).is_dir():  # the run goes on from any folder
        config = dataclasses.replace(config, recordings=str(Path(config.recordings).resolve()))
    own = task(config)
    report = train(own, Path(workdir), steps, log or LogConfig())
    return LabelledTrainReport(report.step, report.evaluation.metrics, report.export, own.folder)
