"""Options that log the results of a verb: as JSON lines, which `babble board` shows, and to Weights & Biases."""

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from babble_jax.cli.marks import NO_HINT
from babble_jax.errors import BabbleError

if TYPE_CHECKING:
    from babble_jax.track.tracker import Tracker


@dataclasses.dataclass(frozen=True)
class TrackOptions:
    """Where results are logged, beside what is printed.

    Attributes:
      folder: Folder of the log: JSON lines, tables, pictures and sounds, which `babble board` shows.
      wandb: Mode of Weights & Biases; offline writes into the folder, for `wandb sync`.
      project: Project of Weights & Biases.
    """

    folder: Annotated[Path | None, NO_HINT] = None
    wandb: Literal["online", "offline", "off"] = "off"
    project: str = "babble_jax"

    @property
    def is_on(self) -> bool:
        """Tells whether anything is to be logged."""
        return self.folder is not None or self.wandb != "off"

    def log_folder(self, verb: str) -> Path:
        """Returns the folder of the log: the one that is named, or babble-VERB-log in the working folder."""
        return self.folder or Path(f"babble-{verb}-log")

    def check(self, verb: str) -> None:
        """Checks before long work that the log of a verb has a folder of its own.

        Raises:
          BabbleError: a log is there already.
        """
        from babble_jax.track.jsonl import METRICS

        folder = self.log_folder(verb)
        if self.is_on and (folder / METRICS).exists():
            raise BabbleError(f"{folder}: holds the log of another run; give a new folder by --log.folder.")

    @contextlib.contextmanager
    def open(self, verb: str, values: dict[str, Any], folder: Path | None = None) -> "Iterator[Tracker]":
        """Yields a tracker, whose folder gets `config.json`.

        Args:
          verb: of the command line, which is the name of the experiment on a board.
          values: JSON values of the run.
          folder: of the log; that of `log_folder` where None.
        """
        from babble_jax import files
        from babble_jax.track.jsonl import JsonLines
        from babble_jax.track.tracker import CompositeTracker, Tracker

        folder = folder or self.log_folder(verb)
        values = {"verb": verb} | values
        files.write_json(folder / "config.json", values)
        trackers: list[Tracker] = [JsonLines(folder)]
        if self.wandb != "off":
            from babble_jax.track.weights_and_biases import WeightsAndBiases

            trackers.append(WeightsAndBiases(folder, self.wandb, self.project, values, kind=verb))
        with contextlib.closing(CompositeTracker(trackers)) as tracker:
            yield tracker
