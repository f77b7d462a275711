"""Checkpoints of a run: state, data iterator and config, saved together or not at all.

Orbax writes into a temporary folder and renames it, so that a run that is killed during a save resumes from the
checkpoint before; the next start removes the temporary folder.
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
      workdir: folder of the run; made if absent.
      settings: config of the run.
      keep: number of latest checkpoints to retain.

    Raises:
      BabbleError: the folder belongs to a run with another config; the message names the differences.
    """

    def __init__(self, workdir: Path, settings: TrainConfig, keep: int):
        self._config = config.to_json(settings)
        path = workdir / "config.json"
        if path.exists():
            self._check(path)
        else:
            for saved in (workdir / "checkpoints").glob(
                "*/config/metadata"
            ):  # config.json was removed by hand
                if saved.parent.parent.name.isdigit():  # else the folder is of a save that was killed
                    self._check(saved)
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
        """Raises BabbleError where a run had another config. A field that is newer than the run takes its default."""
        try:
            saved = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BabbleError(f"{path}: damaged ({error}); choose another folder.") from error
        if not isinstance(saved, dict):
            raise BabbleError(f"{path}: this is not the config of a run; choose another folder.")
        saved = config.to_json(config.from_json(TrainConfig, saved, str(path)))
        if changed := config.difference(saved, self._config):
            raise BabbleError(
                f"{path}: the run in this folder has another config ({'; '.join(changed)}); "
                "choose another folder, or the same values to resume."
            )

    @property
    def latest(self) -> int | None:
        """Step of the latest checkpoint; None without one."""
        return self._manager.latest_step()

    def save(self, step: int, state: TrainState, data: Any) -> None:
        """Saves a checkpoint in the background, after an earlier save has ended.

        All processes call it; orbax writes what they have in common once.

        Args:
          step: updates made.
          state: host state.
          data: the data iterator.
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
        """Restores the latest checkpoint: returns its host state, and sets the data iterator.

        Args:
          state: a host state of the same shapes.
          data: the iterator, which continues where the saved one was.

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
            # Every process saved the same position in the data, so that any number of processes can resume from one.
            position = min((self._manager.directory / str(self.latest) / "data").glob("process_*.json"))
            data.set_state(json.loads(position.read_text()))
        except BabbleError:
            raise
        except Exception as error:
            # Orbax, tensorstore and grain have no common error for a file that is cut off or missing.
            raise BabbleError(
                f"{self._manager.directory / str(self.latest)}: the checkpoint is damaged "
                f"({str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__}); "
                "remove its folder to resume from the one before."
            ) from error
        return restored["state"]

    def close(self) -> None:
        """Waits for the end of the last save."""
        self._manager.close()
