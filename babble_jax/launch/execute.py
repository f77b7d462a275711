"""Runs one run in this process: under a lock, with a log, and stopped by signals so that it can go on."""

import contextlib
import io
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

from babble_jax import files
from babble_jax.errors import BabbleError, StoppedError
from babble_jax.launch.experiment import Experiment
from babble_jax.launch.provenance import provenance
from babble_jax.launch.run_folder import Run

PREEMPTION = (signal.SIGUSR1, signal.SIGUSR2)
"""Signals by which a cluster says that it needs the machine."""


class Signals:
    """What a run was asked by signals.

    Attributes:
      preempted: whether a preemption signal has come.
    """

    def __init__(self):
        self.preempted = False

    def _preempt(self, number: int, frame: FrameType | None) -> None:
        self.preempted = True
        os.kill(os.getpid(), signal.SIGTERM)  # which trainings know: they save first

    def _stop(self, number: int, frame: FrameType | None) -> None:
        raise StoppedError("stopped", number)

    @contextlib.contextmanager
    def handled(self) -> Iterator[None]:
        """Handles SIGTERM and the preemption signals while the block runs; the latter have an experiment save, too."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        earlier = {number: signal.signal(number, self._preempt) for number in PREEMPTION}
        earlier[signal.SIGTERM] = signal.signal(signal.SIGTERM, self._stop)
        try:
            yield
        finally:
            for number, handler in earlier.items():
                signal.signal(number, handler)


class _Tee(io.TextIOBase):
    """Writes text to a stream and to a log."""

    def __init__(self, stream: TextIO, log: TextIO):
        self._stream, self._log = stream, log

    def write(self, text: str) -> int:
        self._log.write(text)
        return self._stream.write(text)

    def flush(self) -> None:
        self._log.flush()
        self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()

    @property
    def encoding(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        return self._stream.encoding

    def fileno(self) -> int:
        return self._stream.fileno()


@contextlib.contextmanager
def copy_output(path: Path) -> Iterator[None]:
    """Copies what Python prints in the block to the end of a file."""
    with (
        path.open("a", encoding="utf-8", errors="backslashreplace") as log,
        contextlib.redirect_stdout(_Tee(sys.stdout, log)),
        contextlib.redirect_stderr(_Tee(sys.stderr, log)),
    ):
        yield


@contextlib.contextmanager
def named_for_wandb(run: Run) -> Iterator[None]:
    """Names, groups and tags what the block logs to Weights & Biases: runs of one experiment are one group.

    What the user has set by these variables stays as it is.
    """
    names = {"WANDB_NAME": run.label, "WANDB_RUN_GROUP": run.name, "WANDB_TAGS": f"launch,{run.digest}"}
    own = {name: value for name, value in names.items() if name not in os.environ}
    os.environ.update(own)
    try:
        yield
    finally:
        for name in own:
            os.environ.pop(name, None)


def execute(
    run: Run, experiment: Experiment, results: Path | None = None, goes_on: bool = False
) -> dict[str, Any]:
    """Runs a run and writes its result; an earlier start of it goes on.

    Args:
      run: its folder.
      experiment: with the values of the run.
      results: path, without suffix, of the JSON file and the pictures elsewhere; None for the folder of the run.
      goes_on: whether a run that SIGTERM ends is begun again, so that it counts as preempted.

    Returns:
      What was written: the experiment's values with `commit`, `date` and `machine`.

    Raises:
      BabbleError: another process runs it, or the experiment refuses its input.
      StoppedError: a signal has stopped it; its state says whether it was preempted.
    """
    signals, began = Signals(), time.monotonic()
    with run.lock(), signals.handled():
        before = run.read_earlier_state()
        run.stop_request.unlink(missing_ok=True)
        run.write_state(
            state="running",
            starts=before.starts + 1,
            seconds=before.seconds,
            host=socket.gethostname(),
            pid=os.getpid(),
            job=before.job if "SLURM_JOB_ID" in os.environ else "",
            message="",
        )

        def end(state: str, message: str = "") -> None:
            run.write_state(state=state, message=message, seconds=before.seconds + time.monotonic() - began)

        try:
            run.work.mkdir(exist_ok=True)
            with named_for_wandb(run):
                metrics = experiment.run(run.work, results or run.folder / "results" / run.name)
            metrics = metrics | provenance(run.code_folder)
            if results is not None:
                files.write_json(results.with_name(f"{results.name}.json"), metrics)
            files.write_json(run.folder / "result.json", metrics)
        except KeyboardInterrupt as error:
            terminated = goes_on and isinstance(error, StoppedError) and error.signal == signal.SIGTERM
            preempted = (signals.preempted or terminated) and not run.stop_request.exists()
            end("preempted" if preempted else "stopped", str(error))
            raise
        except BaseException as error:
            if not isinstance(error, BabbleError):
                with run.log.open("a", encoding="utf-8") as log:
                    traceback.print_exc(file=log)
            end(
                "failed",
                f"{type(error).__name__}: {error}" if not isinstance(error, BabbleError) else str(error),
            )
            raise
        end("done")
        return metrics
