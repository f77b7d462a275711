"""Prints the logs of runs."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from babble_jax import input_files
from babble_jax.launch.run_folder import Run

_POLL = 0.5  # seconds
_MOST = 1024**3  # bytes of a log


def last_lines(path: Path, count: int) -> list[str]:
    """Reads the last lines of a log.

    Args:
      path: of the log; there may be none yet.
      count: of lines; 0 for all.
    """
    if not path.exists():
        return []
    lines = input_files.read_bytes(path, _MOST).decode("utf-8", errors="replace").splitlines()
    return lines[-count:] if count else lines


def follow_logs(runs: Sequence[Run], report: Callable[[str], object]) -> None:
    """Reports what is added to logs until no run is waiting or running.

    Args:
      runs: their folders.
      report: called with each line, behind the digest of its run.
    """
    positions = {run: len(last_lines(run.log, 0)) for run in runs}
    active = True
    while active:
        active = any(run.read_state().state in ("waiting", "running", "preempted") for run in runs)
        for run in runs:
            lines = last_lines(run.log, 0)
            for line in lines[positions[run] :]:
                report(f"{run.digest} | {line}")
            positions[run] = len(lines)
        if active:
            time.sleep(_POLL)
