"""Logs metrics, audio and pictures to Weights & Biases, online or into a folder to `wandb sync` later."""

import os
import uuid
from pathlib import Path
from typing import Any, Literal

import numpy as np
import wandb

from babble_jax import files


class WeightsAndBiases:
    """Logs to one wandb run for one folder, all of it in `WORKDIR/wandb`: a resumed training has the same run id.

    Offline, every start adds a folder `offline-run-DATE-ID`; those of one run are synced together.

    The step is a metric of its own, the x axis of all others, so that steps that are logged again after a restart are
    taken rather than refused.
    """

    def __init__(
        self, workdir: Path, mode: Literal["online", "offline"], project: str, config: dict[str, Any]
    ):
        folder = (workdir / "wandb").resolve()
        for variable in ("WANDB_DATA_DIR", "WANDB_CACHE_DIR"):  # or media and logs go to the user's home
            os.environ[variable] = str(folder)
        identity = folder / "run-id"
        if not identity.exists():
            files.write_text(identity, uuid.uuid4().hex[:8])
        self._run = wandb.init(
            id=identity.read_text().strip(),
            resume="allow",
            mode=mode,
            project=project,
            name=workdir.resolve().name,
            dir=workdir.resolve(),
            config=config,
            settings=wandb.Settings(silent=True, console="off"),
        )
        self._run.define_metric("*", step_metric="step")

    def resume(self, step: int, complete: bool = True) -> None:
        """Does nothing: wandb keeps its log, and the metrics logged again are the same to the bit."""

    def log_metrics(self, step: int, values: dict[str, float]) -> None:
        """Logs scalars by name."""
        self._run.log({"step": step} | values)

    def log_audio(self, step: int, name: str, samples: np.ndarray, rate: int) -> None:
        """Logs a sound.

        Args:
          step: number of the update.
          name: of the sound.
          samples: [T] float32 in [-1, 1].
          rate: Hz.
        """
        self._run.log({"step": step, name: wandb.Audio(samples, sample_rate=rate)})

    def log_picture(self, step: int, name: str, path: Path) -> None:
        """Logs a PNG.

        Args:
          step: number of the update.
          name: of the picture.
          path: of the PNG.
        """
        self._run.log({"step": step, name: wandb.Image(str(path))})

    def close(self) -> None:
        """Ends the wandb run."""
        self._run.finish()
