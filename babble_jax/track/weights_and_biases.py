"""Figures, audio and pictures on Weights & Biases, online or into a folder to `wandb sync` later."""

import os
import uuid
from pathlib import Path
from typing import Any, Literal

import numpy as np
import wandb

from babble_jax import files


class WeightsAndBiases:
    """One wandb run for one folder, all of it in `WORKDIR/wandb`: a run that goes on has the same id.

    Offline, every start adds a folder `offline-run-DATE-ID`; those of one run are synced together.

    The step is a figure of its own, the x axis of all others, so that steps that are logged again after a restart are
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

    def resume(self, step: int) -> None:
        """Nothing: wandb keeps what it has, and the figures logged again are the same to the bit."""

    def figures(self, step: int, values: dict[str, float]) -> None:
        """See `tracker.Tracker`."""
        self._run.log({"step": step} | values)

    def audio(self, step: int, name: str, samples: np.ndarray, rate: int) -> None:
        """See `tracker.Tracker`."""
        self._run.log({"step": step, name: wandb.Audio(samples, sample_rate=rate)})

    def picture(self, step: int, name: str, path: Path) -> None:
        """See `tracker.Tracker`."""
        self._run.log({"step": step, name: wandb.Image(str(path))})

    def close(self) -> None:
        """See `tracker.Tracker`."""
        self._run.finish()
