"""Runs one run in a process of its own: `python -m babble_jax.launch.worker FOLDER [CORES]`.

The process ends with one of the codes below.
"""

import os
import signal
import sys
from pathlib import Path

from babble_jax import config
from babble_jax.errors import BabbleError
from babble_jax.launch.execute import PREEMPTION, execute
from babble_jax.launch.experiment import load_experiment
from babble_jax.launch.run_folder import Run

DONE, FAILED, PREEMPTED, STOPPED = 0, 1, 75, 130
"""Exit codes. Any other one is that of a process that was killed."""
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def run_folder(folder: Path) -> int:
    """Runs the run of a folder, with its values and in the folder from which it was begun; returns the exit code.

    Args:
      folder: of the run.
    """
    run = Run(folder.resolve())
    with run.log.open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    try:
        record = run.record
        os.chdir(record["cwd"])
        experiment = load_experiment(record["source"])
        experiment = config.from_json(type(experiment), record["values"], str(run.folder / "run.json"))
        execute(run, experiment, goes_on=True)
    except KeyboardInterrupt as error:
        print(error, file=sys.stderr)
        return PREEMPTED if run.read_state().state == "preempted" else STOPPED
    except BabbleError as error:
        print(error, file=sys.stderr)
        if run.read_state().state == "waiting":  # nothing has begun
            run.write_state(state="failed", message=str(error))
        return FAILED
    return DONE


def share_out(cores: list[int]) -> None:
    """Lets this process use some cores only; libraries that are loaded later make as many threads."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores)
    os.environ.update({name: str(len(cores)) for name in _THREADS})


def main() -> None:
    """Runs the run that the command line names."""
    for number in PREEMPTION:  # until the run can handle them; nothing has begun yet
        signal.signal(number, lambda *_: sys.exit(PREEMPTED))
    if len(sys.argv) > 2:
        share_out([int(core) for core in sys.argv[2].split(",")])
    sys.exit(run_folder(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
