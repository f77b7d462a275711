"""Checkpoints of a run: state, position in the data and record, saved together or not at all.

Orbax writes into a temporary folder and renames it, so that a run that is killed during a save resumes from the
checkpoint before; the next start removes the temporary folder. Each checkpoint holds a digest of all that it holds,
which is compared when it is restored: orbax itself notices no changed byte of an array that is stored uncompressed.
"""

import contextlib
import hashlib
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import jax
import numpy as np
import orbax.checkpoint as ocp

from babble_jax import files
from babble_jax.errors import BabbleError
from babble_jax.temporaries import remove
from babble_jax.train.state import TrainState
from babble_jax.train.task import BatchIterator


class _DamagedError(Exception):
    """A checkpoint is damaged; the text says how, as the end of a sentence."""


class Restored(NamedTuple):
    """State of a checkpoint, and whether the evaluation that was due at its step was complete."""

    state: TrainState
    complete: bool


def content_digest(state: TrainState, position: Any, record: Any) -> str:
    """Computes the SHA-256 digest of the content of a checkpoint, as hexadecimal digits.

    Args:
      state: host state; of each array its place in the state, type, shape and bytes are hashed.
      position: JSON values of the position in the data.
      record: JSON values of the run's record.
    """
    digest = hashlib.sha256(json.dumps([position, record], sort_keys=True).encode())
    for path, leaf in jax.tree_util.tree_leaves_with_path(state):
        array = np.asarray(leaf)
        digest.update(f"{jax.tree_util.keystr(path)} {array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data.cast("B") if array.size else b"")
    return digest.hexdigest()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keeps from standard error what orbax and tensorstore print about a damaged checkpoint: one sentence says it.

    Orbax logs errors in spite of which it goes on. Each thread of tensorstore that ends after the first error prints
    that the event loop is closed, sooner or later; only that is left out, from then on.
    """
    logger = logging.getLogger("absl")
    level, hook = logger.level, sys.unraisablehook

    def leave_out_closed_loops(unraisable: "sys.UnraisableHookArgs") -> None:
        if str(unraisable.exc_value) != "Event loop is closed":
            hook(unraisable)

    sys.unraisablehook = leave_out_closed_loops
    logger.setLevel(logging.CRITICAL)
    try:
        yield
        sys.unraisablehook = hook
    finally:
        logger.setLevel(level)


class Checkpoints:
    """The checkpoints of one run, `WORKDIR/checkpoints`.

    Args:
      workdir: folder of the run; made if absent.
      record: JSON values of the run's record, which every checkpoint repeats.
      keep: number of latest checkpoints to retain.
    """

    def __init__(self, workdir: Path, record: dict[str, Any], keep: int):
        self._record, self._folder = record, workdir / "checkpoints"
        # Orbax logs the traceback of a failed save many times; `_errors_named` says what it was.
        logging.getLogger("absl").setLevel(logging.CRITICAL)
        options = ocp.CheckpointManagerOptions(
            max_to_keep=keep, create=True, enable_async_checkpointing=True, cleanup_tmp_directories=True
        )
        with self._errors_named(), _quiet():
            self._manager = ocp.CheckpointManager(
                self._folder.resolve(), options=options, item_names=("state", "position", "config", "digest")
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
                    digest=ocp.args.JsonSave(  # pyright: ignore[reportCallIssue]
                        {"sha256": content_digest(state, position, self._record)}
                    ),
                ),
            )

    def restore(self, state: TrainState, data: BatchIterator) -> Restored:
        """Restores the latest checkpoint, and sets the iterator over batches to where the saved one was.

        Args:
          state: a host state of the same shapes.
          data: the iterator.

        Raises:
          BabbleError: the checkpoint is damaged; the message names the last one that is not.
        """
        abstract = jax.device_get(state)  # plain arrays, or every process would ask for its own device
        step = self.latest
        assert step is not None
        try:
            restored, position = self._read(step, abstract)
        except _DamagedError as damage:
            folder = self._manager.directory / str(step)
            raise BabbleError(
                f"{folder}: the checkpoint {damage}; {self._remedy(step, abstract)}."
            ) from damage
        # The same in every process, so that any number of processes can resume from one checkpoint.
        data.set_state(position["data"])
        return Restored(restored, position["complete"])

    def _read(self, step: int, abstract: TrainState) -> tuple[TrainState, dict[str, Any]]:
        """Reads a checkpoint and compares it with its digest.

        Args:
          step: of the checkpoint.
          abstract: a host state of the same shapes.

        Returns:
          The state, and the JSON values of the position.

        Raises:
          _DamagedError: the checkpoint is damaged.
        """
        try:
            with _quiet():
                saved = self._manager.restore(
                    step,
                    args=ocp.args.Composite(
                        state=ocp.args.StandardRestore(abstract),  # pyright: ignore[reportCallIssue]
                        position=ocp.args.JsonRestore(),
                        config=ocp.args.JsonRestore(),
                        digest=ocp.args.JsonRestore(),
                    ),
                )
            expected = saved["digest"]["sha256"]
            digest = content_digest(saved["state"], saved["position"], saved["config"])
        except Exception as error:
            # Orbax and tensorstore have no common error for a file that is cut off, changed or missing.
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
            raise _DamagedError(f"is damaged ({reason})") from error
        if digest != expected:
            raise _DamagedError("is damaged (its content is not what was saved)")
        return saved["state"], saved["position"]

    def _remedy(self, damaged: int, abstract: TrainState) -> str:
        """Says how to go on after a damaged checkpoint.

        Args:
          damaged: its step.
          abstract: a host state of the same shapes.
        """
        for step in sorted(self._manager.all_steps(), reverse=True):
            if step < damaged:
                with contextlib.suppress(_DamagedError):
                    self._read(step, abstract)
                    newer = [str(one) for one in sorted(self._manager.all_steps()) if one > step]
                    folders = "its folder" if len(newer) == 1 else f"the folders {', '.join(newer)}"
                    return f"remove {folders} to go on from step {step}, the last good one"
        return "there is no good one before it: begin anew in another folder"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The end of a save takes all processes: one that fails does not wait for others, which may wait for it.
        if kind is None or jax.process_count() == 1:
            self.close()

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
            with files.name_disk_errors(self._folder, self._folder):
                yield
        except Exception as error:
            for path in self._folder.glob("*.orbax-checkpoint-tmp*"):
                remove(path)
            if isinstance(error, BabbleError):
                raise
            reason = (str(error).strip().splitlines() or [type(error).__name__])[-1][:200]
            raise BabbleError(
                f"{self._folder}: cannot be written ({reason}); make room there, and give the same command to go on."
            ) from error
