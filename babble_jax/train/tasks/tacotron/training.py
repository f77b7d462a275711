"""Training of Tacotron and Tacotron 2 from a folder of recordings: what `babble train --task tacotron` calls."""

import dataclasses
import os
from pathlib import Path

from babble_jax.dataset.labelled.reading import LabelledFolder
from babble_jax.train.config import LogConfig
from babble_jax.train.tasks.tacotron.config import TacotronTrainConfig
from babble_jax.train.tasks.tacotron.task import TacotronTask
from babble_jax.train.trainer import train


@dataclasses.dataclass(frozen=True)
class TacotronTrainReport:
    """Report of a training.

    Attributes:
      step: updates made in all.
      metrics: of the last evaluation on the validation split, by name.
      synthesizer: folder of the model.
      recordings: as they were understood.
    """

    step: int
    metrics: dict[str, float]
    synthesizer: Path
    recordings: LabelledFolder


def train_tacotron(
    config: TacotronTrainConfig, workdir: str | os.PathLike, steps: int, log: LogConfig | None = None
) -> TacotronTrainReport:
    """Trains a model, or goes on with a training that was interrupted, to the same parameters.

    Args:
      config: values of the training.
      workdir: folder of the run: checkpoints, `metrics.jsonl`, and the model.
      steps: updates in all.
      log: settings of the log.

    Raises:
      BabbleError: the recordings cannot be used, or the run in the folder has another config.
    """
    if config.recordings and Path(config.recordings).is_dir():  # the run goes on from any folder
        config = dataclasses.replace(config, recordings=str(Path(config.recordings).resolve()))
    task = TacotronTask(config)
    report = train(task, Path(workdir), steps, log or LogConfig())
    return TacotronTrainReport(report.step, report.evaluation.metrics, report.export, task.folder)
