"""Logs a run to Weights & Biases, online or into a folder to `wandb sync` later."""

import os
import re
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import wandb

from babble_jax import files
from babble_jax.track.tracker import Cell


class WeightsAndBiases:
    """Logs to one wandb run for one folder, all of it in `WORKDIR/wandb`: a resumed training has the same run id.

    Offline, every start adds a folder `offline-run-DATE-ID`; those of one run are synced together.

    The step is a metric of its own, the x axis of all others, so that steps that are logged again after a restart are
    taken rather than refused. Name, group and tags are those of WANDB_NAME, WANDB_RUN_GROUP and WANDB_TAGS, which the
    launcher sets; the name is otherwise that of the folder.

    Args:
      workdir: folder of the run.
      mode: "online" or "offline".
      project: project of wandb.
      config: JSON values of the run.
      kind: what kind of run it is, wandb's job type: "train", "fit", "dialogue" or "live".
    """

    def __init__(
        self,
        workdir: Path,
        mode: Literal["online", "offline"],
        project: str,
        config: dict[str, Any],
        kind: str = "train",
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
            name=os.environ.get("WANDB_NAME") or workdir.resolve().name,
            dir=workdir.resolve(),
            config=config,
            job_type=kind,
            settings=wandb.Settings(silent=True, console="off"),
        )
        self._run.define_metric("*", step_metric="step")

    def resume(self, step: int, complete: bool = True) -> None:
        """Does nothing: wandb keeps its log, and the metrics logged again are the same to the bit."""

    def log_metrics(self, step: int, values: dict[str, float]) -> None:
        """Logs scalars by name."""
        self._run.log({"step": step} | values)

    def log_machine(self, step: int, values: dict[str, float]) -> None:
        """Logs scalars of the clock and the device by name."""
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

    def log_table(self, step: int, name: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        """Logs a table; a column with words and numbers becomes one of words, since wandb takes one type a column.

        Args:
          step: number of the update.
          name: of the table.
          columns: C headings.
          rows: [R, C] cells.
        """
        mixed = {
            column
            for column in range(len(columns))
            if len({isinstance(row[column], str) for row in rows if row[column] is not None}) > 1
        }
        cells = [
            [str(cell) if column in mixed and cell is not None else cell for column, cell in enumerate(row)]
            for row in rows
        ]
        table = wandb.Table(columns=list(columns), data=cells)  # pyright: ignore[reportArgumentType]
        self._run.log({"step": step, name: table})

    def log_histogram(self, step: int, name: str, edges: np.ndarray, counts: np.ndarray) -> None:
        """Logs a histogram.

        Args:
          step: number of the update.
          name: of the histogram.
          edges: [N + 1] limits of the bins, rising.
          counts: [N] numbers of values, 512 bins at most.
        """
        histogram = wandb.Histogram(np_histogram=(np.asarray(counts), np.asarray(edges, float)))
        self._run.log({"step": step, name: histogram})

    def log_summary(self, values: Mapping[str, Cell]) -> None:
        """Logs values of the whole run by name."""
        self._run.summary.update(dict(values))

    def log_artifact(self, name: str, kind: str, path: Path, metadata: dict[str, Any]) -> None:
        """Logs a file or a folder as an artifact RUN-NAME, whose versions are those of the run's starts.

        Args:
          name: of the artifact.
          kind: its type.
          path: a file or a folder, which is copied.
          metadata: JSON values.
        """
        own = re.sub(r"[^A-Za-z0-9._-]", "_", f"{self._run.name}-{name}")
        artifact = wandb.Artifact(own, type=kind, metadata=metadata)
        (artifact.add_file if path.is_file() else artifact.add_dir)(str(path))
        self._run.log_artifact(artifact)

    def close(self) -> None:
        """Ends the wandb run."""
        self._run.finish()
