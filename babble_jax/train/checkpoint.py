"""Checkpoints of a run: state, position in the data and record, saved together or not at all.

Orbax writes into a temporary folder and renames it, so that a run that is killed during a save resumes from the
checkpoint before; the next start removes the temporary folder.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jax
import orbax.checkpoint as ocp

from babble_jax.errors import BabbleError
from babble_jax.temporaries import remove
from babble_jax.train.state import TrainState
from babble_jax.train.task import BatchIterator


class Restored(NamedTuple):
    """State of a checkpoint, and whether the evaluation that was due at its step was complete."""

    state: TrainState
    complete: bool


class Checkpoints:
    """The checkpoints of one run, `WORKDIR/checkpoints`.

    Args:
      workdir: folder of the run; made if absent.
      record: JSON values of the run's record, which every checkpoint repeats.
      keep: number of latest checkpoints to retain.
    """

    def __init__(self, workdir: Path, record: dict[str, Any], keep: int):
        self._record, self._folder = record, workdir / "checkpoints"
        options = ocp.CheckpointManagerOptions(
            max_to_keep=keep, create=True, enable_async_checkpointing=True, cleanup_tmp_directories=True
        )
        with self._errors_named():
            self._manager = ocp.CheckpointManager(
                self._folder.resolve(), options=options, item_names=("state", "position", "config")
            )

    @property
    def latest(self) -> int | None:
        """Step of the latest checkpoint; None without one."""
        return self._manager.latest_step()

    def save(self, step: int, state: TrainState, data: BatchIterator, complete: bool = True) -> None:
        """Saves a checkpoint in the background, after an earlier save has ended.

        All processes call it; orbax writes what they have in common once.

        Args:
          step: updates made.
          state: host state.
          data: the iterator over batches.
          complete: whether the evaluation that was due at this step was made.
        """
        position = {"data": data.get_state(), "complete": complete}
        with self._errors_named():
            self._manager.save(
                step,
                args=ocp.args.Composite(
                    state=ocp.args.StandardSave(state),  # pyright: ignore[reportCallIssue]
                    position=ocp.args.JsonSave(position),  # pyright: ignore[reportCallIssue]
                    config=ocp.args.JsonSave(self._record),  # pyright: ignore[reportCallIssue]
                ),
            )

    def restore(self, state: TrainState, data: BatchIterator) -> Restored:
        """Restores the latest checkpoint, and sets the iterator over batches to where the saved one was.

        Args:
          state: a host state of the same shapes.
          data: the iterator.

        Raises:
          BabbleError: the checkpoint is damaged.
        """
        abstract = jax.device_get(state)  # plain arrays, or every process would ask for its own device
        try:
            saved = self._manager.restore(
                self.latest,
                args=ocp.args.Composite(
                    state=ocp.args.StandardRestore(abstract),  # pyright: ignore[reportCallIssue]
                    position=ocp.args.JsonRestore(),
                ),
            )
            # The same in every process, so that any number of processes can resume from one checkpoint.
            data.set_state(saved["position"]["data"])
        except BabbleError:
            raise
        except Exception as error:
            # Orbax and tensorstore have no common error for a file that is cut off or missing.
            raise BabbleError(
                f"{self._manager.directory / str(self.latest)}: the checkpoint is damaged "
                f"({str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__}); "
                "remove its folder to resume from the one before."
            ) from error
        return Restored(saved["state"], saved["position"]["complete"])

    def close(self) -> None:
        """Waits for the end of the last save.

        Raises:
          BabbleError: it could not be written.
        """
        with self._errors_named():
            self._manager.close()

    @contextlib.contextmanager
    def _errors_named(self) -> Iterator[None]:
        """Turns what orbax and tensorstore raise while they write, which have no common error, into a `BabbleError`.

        What is left of the checkpoint is removed.
        """
        try:
            yield
        except BabbleError:
            raise
        except Exception as error:
            for path in self._folder.glob("*.orbax-checkpoint-tmp*"):
                remove(path)
            reason = (str(error).strip().splitlines() or [type(error).__name__])[-1][:200]
            raise BabbleError(
                f"{self._folder}: cannot be written ({reason}); make room there, and give the same command to go on."
            ) from error
