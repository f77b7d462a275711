"""Runs several runs on this machine, each in a process of its own, with the cores shared out among them."""

import contextlib
import dataclasses
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import BinaryIO

from babble_jax.errors import BabbleError, StoppedError
from babble_jax.launch import worker
from babble_jax.launch.run_folder import Run
from babble_jax.plural import plural

_POLL = 0.1  # seconds
_ENDS = {
    worker.DONE: "done",
    worker.FAILED: "failed",
    worker.PREEMPTED: "preempted",
    worker.STOPPED: "stopped",
}
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]


@dataclasses.dataclass
class _Job:
    """A process that runs a run.

    Attributes:
      run: its folder.
      process: the process.
      slot: number of the share of the cores that it uses.
      log: the log, open for reading behind what was printed of it.
    """

    run: Run
    process: subprocess.Popen
    slot: int
    log: BinaryIO


def core_shares(parallel: int, cores: Sequence[int] | None = None) -> list[list[int]]:
    """Shares cores out among processes: each core to one of them, or several processes to a core.

    Args:
      parallel: number of processes.
      cores: numbers of the cores; those that this process may use where None.
    """
    if cores is None:
        cores = (
            sorted(os.sched_getaffinity(0))
            if hasattr(os, "sched_getaffinity")
            else [*range(os.cpu_count() or 1)]
        )
    if parallel >= len(cores):
        return [[cores[number % len(cores)]] for number in range(parallel)]
    edges = [round(number * len(cores) / parallel) for number in range(parallel + 1)]
    return [list(cores[low:high]) for low, high in itertools.pairwise(edges)]


class LocalExecutor:
    """Runs runs; one that was killed or preempted begins again, from what it saved.

    Args:
      parallel: processes at once.
      retries: how often a run that was killed begins again; one that was preempted always does.
      report: called with a line of text when a run begins or ends.
      follow: whether to report the output of the runs, too.
    """

    def __init__(self, parallel: int, retries: int, report: Callable[[str], object], follow: bool = False):
        self._parallel, self._retries, self._report, self._follow = parallel, retries, report, follow
        self._shares = core_shares(parallel)
        self._kills: dict[Run, int] = {}
        self._jobs: list[_Job] = []

    def run(self, runs: Sequence[Run]) -> dict[Run, str]:
        """Runs all runs and returns the state in which each ended.

        Raises:
          StoppedError: SIGTERM or Ctrl-C; the runs in progress were told to save, and have ended.
        """
        waiting, ends = deque(runs), {}
        with _stopping() as stopped:
            try:
                while waiting or self._jobs:
                    slots = {*range(self._parallel)} - {job.slot for job in self._jobs}
                    while waiting and slots:
                        self._start(waiting.popleft(), min(slots), len(ends), len(runs))
                        slots = {*range(self._parallel)} - {job.slot for job in self._jobs}
                    time.sleep(_POLL)
                    for job in [job for job in self._jobs if self._has_ended(job)]:
                        self._jobs.remove(job)
                        state = self._end(job)
                        if state in ("again", "preempted"):
                            waiting.appendleft(job.run)
                        else:
                            ends[job.run] = state
                    if stopped:
                        raise StoppedError(self._stop(), stopped[0])
            finally:
                self._stop()
        return ends

    def _start(self, run: Run, slot: int, ended: int, count: int) -> None:
        cores = ",".join(map(str, self._shares[slot]))
        command = [sys.executable, "-m", worker.__name__, str(run.folder.resolve()), cores]
        path = os.pathsep.join(filter(None, (str(_PACKAGE_ROOT), os.environ.get("PYTHONPATH"))))
        run.stop_request.unlink(missing_ok=True)
        run.log.touch()
        log = run.log.open("rb")
        log.seek(0, os.SEEK_END)
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches this process only, which passes it on
            cwd=run.record["cwd"],
            env=os.environ | {"PYTHONPATH": path},
        )
        self._jobs.append(_Job(run, process, slot, log))
        self._report(f"{run.label}: begins on core {cores} ({ended} of {count} have ended)")

    def _has_ended(self, job: _Job) -> bool:
        ended = job.process.poll() is not None
        while self._follow and (line := job.log.readline()):
            self._report(f"{job.run.digest} | {line.decode('utf-8', errors='replace').rstrip()}")
        return ended

    def _end(self, job: _Job) -> str:
        """Reports how a process ended; returns the state of its run, or "again" where a killed one is to go on."""
        job.log.close()
        state = _ENDS.get(job.process.returncode, "killed")
        if job.run.stop_request.exists() and state != "done":
            state = "stopped"
        message = job.run.read_state().message if state == "failed" else ""
        if state == "killed":
            number = -job.process.returncode
            message = signal.Signals(number).name if number in {*signal.Signals} else f"exit code {-number}"
            kills = self._kills[job.run] = self._kills.get(job.run, 0) + 1
            if kills <= self._retries:
                state, message = "again", f"{message}; goes on, retry {kills} of {self._retries}"
            else:
                job.run.write_state(state="killed", message=message)
        words = {"again": "killed", "preempted": "preempted; goes on"}.get(state, state)
        self._report(f"{job.run.label}: {words}{f' ({message})' if message else ''}")
        return state

    def _stop(self) -> str:
        """Tells the processes to save and end, and waits for them; returns a sentence on what is left."""
        for job in self._jobs:
            job.run.stop_request.touch()
            with contextlib.suppress(ProcessLookupError):
                job.process.send_signal(signal.SIGTERM)
        for job in self._jobs:
            job.process.wait()
            job.log.close()
        count, self._jobs = len(self._jobs), []
        return f"stopped {plural(count, 'run')}; the same command goes on from what they saved"


@contextlib.contextmanager
def _stopping() -> Iterator[list[int]]:
    """Collects the signals by which this process is told to stop, instead of ending it."""
    numbers: list[int] = []

    def handle(number: int, frame: FrameType | None) -> None:
        numbers.append(number)

    earlier = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield numbers
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


def stop_run(run: Run) -> bool:
    """Tells a run on this machine to save and end, and not to go on by itself.

    Args:
      run: its folder.

    Returns:
      Whether it was running.

    Raises:
      BabbleError: it runs on another machine.
    """
    state = run.read_state()
    if state.state != "running":
        return False
    if state.host != socket.gethostname():
        job = f", or `scancel {state.job}`" if state.job else ""
        raise BabbleError(f"{run.label}: runs on {state.host}; stop it there{job}.")
    run.stop_request.touch()
    with contextlib.suppress(ProcessLookupError):
        os.kill(state.pid, signal.SIGTERM)
    return True
