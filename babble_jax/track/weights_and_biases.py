"""Figures, audio and pictures on Weights & Biases, online or into a folder to `wandb sync` later."""

import os
import uuid
from pathlib import Path
from typing import Any, Literal

import numpy as np
import wandb


class WeightsAndBiases:
    """One wandb run for one folder: a run that goes on has the same id.

    The step is a figure of its own, the x axis of all others, so that steps that are logged again after a restart are
    taken rather than refused.
    """

    def __init__(
        self, folder: Path, mode: Literal["online", "offline"], project: str, config: dict[str, Any]
    ):
        folder.mkdir(parents=True, exist_ok=True)
        os.environ["WANDB_DATA_DIR"] = str(folder)  # or table media stay behind
        name = folder.resolve().parent.name if folder.name == "wandb" else folder.resolve().name
        identity = folder / "run-id"
        if not identity.exists():
            identity.write_text(uuid.uuid4().hex[:8])
        self._run = wandb.init(
            id=identity.read_text().strip(),
            resume="allow",
            mode=mode,
            project=project,
            name=name,
            dir=folder,
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
