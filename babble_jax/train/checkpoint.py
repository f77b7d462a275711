"""Everything that a run needs to go on, saved together or not at all: state, data iterator, config.

Orbax writes into a temporary folder and renames it, so that a run killed in the middle of a save finds the one before;
the folder that the kill left is removed by the next start.
"""

import json
from pathlib import Path
from typing import Any

import grain
import jax
import orbax.checkpoint as ocp

from babble_jax import config, files
from babble_jax.errors import BabbleError
from babble_jax.train.config import TrainConfig
from babble_jax.train.state import TrainState


class Checkpoints:
    """The checkpoints of one run, `WORKDIR/checkpoints`, and `WORKDIR/config.json`.

    Args:
      workdir: made if absent.
      settings: of the run.
      keep: how many of the latest are kept.

    Raises:
      BabbleError: the folder belongs to a run with another config; says in what they differ.
    """

    def __init__(self, workdir: Path, settings: TrainConfig, keep: int):
        self._config = config.to_json(settings)
        path = workdir / "config.json"
        if path.exists():
            self._check(path)
        else:
            for kept in (workdir / "checkpoints").glob("*/config/metadata"):  # somebody took config.json away
                if kept.parent.parent.name.isdigit():  # and not a save that was killed
                    self._check(kept)
            files.write_json(path, self._config)
        options = ocp.CheckpointManagerOptions(
            max_to_keep=keep, create=True, enable_async_checkpointing=True, cleanup_tmp_directories=True
        )
        self._manager = ocp.CheckpointManager(
            (workdir / "checkpoints").resolve(),
            options=options,
            item_names=("state", "data", "config"),
        )

    def _check(self, path: Path) -> None:
        """Raises BabbleError where a run had another config. A field younger than the run has its default."""
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BabbleError(f"{path}: damaged ({error}); choose another folder.") from error
        if not isinstance(found, dict):
            raise BabbleError(f"{path}: is no config of a run; choose another folder.")
        found = config.to_json(config.from_json(TrainConfig, found, str(path)))
        if changed := config.difference(found, self._config):
            raise BabbleError(
                f"{path}: the run in this folder has another config ({'; '.join(changed)}); "
                "choose another folder, or the same values to go on."
            )

    @property
    def latest(self) -> int | None:
        """Step of the latest checkpoint."""
        return self._manager.latest_step()

    def save(self, step: int, state: TrainState, data: Any) -> None:
        """Saves a flat state and the data iterator, in the background; an earlier save ends first.

        All processes call it, and orbax writes what they have in common once.
        """
        self._manager.save(
            step,
            args=ocp.args.Composite(
                state=ocp.args.StandardSave(state),  # pyright: ignore[reportCallIssue]
                data=grain.checkpoint.CheckpointSave(data),  # pyright: ignore[reportCallIssue]
                config=ocp.args.JsonSave(self._config),  # pyright: ignore[reportCallIssue]
            ),
        )

    def restore(self, state: TrainState, data: Any) -> TrainState:
        """The latest checkpoint: returns its state, and sets the data iterator.

        Args:
          state: a flat state of the same shapes.
          data: the iterator that goes on where the saved one was.

        Raises:
          BabbleError: the checkpoint is damaged.
        """
        abstract = jax.device_get(state)  # plain arrays, or every process would ask for its own device
        try:
            restored = self._manager.restore(
                self.latest,
                args=ocp.args.Composite(
                    state=ocp.args.StandardRestore(abstract),  # pyright: ignore[reportCallIssue]
                ),
            )
            # Every process saved the same place in the data: read so, any number of processes can go on from it.
            place = min((self._manager.directory / str(self.latest) / "data").glob("process_*.json"))
            data.set_state(json.loads(place.read_text()))
        except BabbleError:
            raise
        except Exception as error:
            # Orbax, tensorstore and grain have no common error for a file that is cut off or missing.
            raise BabbleError(
                f"{self._manager.directory / str(self.latest)}: the checkpoint is damaged "
                f"({str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__}); "
                "remove its folder to go on from the one before."
            ) from error
        return restored["state"]

    def close(self) -> None:
        """Waits for the last save."""
        self._manager.close()
