"""Runs several runs as jobs of a SLURM cluster, through submitit.

A job that is preempted, or near its time limit, gets a signal: the run saves, the job is put into the queue again, and
goes on.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from babble_jax.errors import BabbleError
from babble_jax.launch import worker
from babble_jax.launch.run_folder import Run

_POLL = 2.0  # seconds
_UNSEEN = 3  # polls after which a job that the queue does not list is over
_TERMINAL = ("done", "failed", "stopped", "killed")


def check_slurm() -> None:
    """Checks that jobs can be submitted from here.

    Raises:
      BabbleError: submitit is not installed, or this is no machine of a SLURM cluster.
    """
    try:
        import submitit  # noqa: F401
    except ImportError as error:
        raise BabbleError(
            "--cluster slurm needs submitit; install it by `pip install babble_jax[cluster]`."
        ) from error
    if shutil.which("sbatch") is None:
        raise BabbleError("--cluster slurm: there is no `sbatch` here; log in to a machine of the cluster.")


def run_as_job(folder: str) -> int:
    """Runs a run within a job; a preempted one puts its job into the queue again.

    Args:
      folder: of the run.

    Returns:
      The exit code of `babble_jax.launch.worker`.
    """
    code = worker.run_folder(Path(folder))
    if code == worker.PREEMPTED:
        subprocess.run(["scontrol", "requeue", _job_id()], check=True)
        time.sleep(600)  # SLURM ends this process; the job must not count as complete
    return code


def _job_id() -> str:
    """Returns the number of this process's job as `scontrol` knows it."""
    array = os.environ.get("SLURM_ARRAY_JOB_ID")
    return f"{array}_{os.environ['SLURM_ARRAY_TASK_ID']}" if array else os.environ["SLURM_JOB_ID"]


class SlurmExecutor:
    """Submits runs as jobs.

    Args:
      folder: for the files of the jobs; all machines of the cluster see it and the folders of the runs.
      parameters: of submitit: `slurm_time` in minutes, `slurm_partition` and so on.
      report: called with a line of text when a job is submitted or has ended.
    """

    def __init__(self, folder: Path, parameters: dict[str, Any], report: Callable[[str], object]):
        check_slurm()
        import submitit

        self._executor = submitit.AutoExecutor(folder=folder, cluster="slurm")
        self._executor.update_parameters(slurm_use_srun=True, **parameters)
        self._report = report
        self._jobs: dict[Run, str] = {}

    def submit(self, runs: Sequence[Run]) -> dict[Run, str]:
        """Submits a job for each run and returns their numbers.

        Raises:
          BabbleError: the cluster refuses them.
        """
        from submitit.core.utils import FailedJobError

        for run in runs:
            run.stop_request.unlink(missing_ok=True)
            run.log.touch()
        try:
            with self._executor.batch():
                jobs = [self._executor.submit(run_as_job, str(run.folder.resolve())) for run in runs]
        except (FailedJobError, OSError) as error:
            raise BabbleError(f"the cluster takes no jobs: {str(error).splitlines()[-1]}") from error
        for run, job in zip(runs, jobs, strict=True):
            self._jobs[run] = job.job_id
            run.write_state(state="waiting", job=job.job_id, message="")
            self._report(f"{run.label}: job {job.job_id}")
        return dict(self._jobs)

    def wait(self, runs: Sequence[Run], retries: int) -> dict[Run, str]:
        """Waits until all jobs have ended; submits those anew that were killed.

        Args:
          runs: that were submitted.
          retries: how often a run that was killed is submitted again.

        Returns:
          The state in which each run ended.
        """
        ends: dict[Run, str] = {}
        kills, unseen = dict.fromkeys(runs, 0), dict.fromkeys(runs, 0)
        shown = dict.fromkeys(runs, "")
        while len(ends) < len(runs):
            time.sleep(_POLL)
            queue = queued_jobs()
            for run in [run for run in runs if run not in ends]:
                state = run.read_state().state
                unseen[run] = 0 if self._jobs[run] in queue else unseen[run] + 1
                if state not in _TERMINAL and unseen[run] >= _UNSEEN:
                    state = "killed"
                    run.write_state(state=state, message="its job is gone")
                if state != shown[run]:
                    shown[run] = state
                    self._report(f"{run.label}: {state}")
                if state == "killed" and unseen[run] and kills[run] < retries:
                    kills[run] += 1
                    self.submit([run])
                    shown[run], unseen[run] = "waiting", 0
                elif state in _TERMINAL and (state != "killed" or unseen[run]):
                    ends[run] = state
        return ends


def queued_jobs() -> set[str]:
    """Lists the jobs that the cluster has in its queue or runs, by their numbers."""
    run = subprocess.run(["squeue", "--noheader", "--array", "--format=%i"], capture_output=True, text=True)
    return {line.strip() for line in run.stdout.splitlines()}


def cancel_job(run: Run) -> bool:
    """Tells the job of a run to save and end; one that has not begun is taken out of the queue.

    Returns:
      Whether the run has a job in the queue.
    """
    state = run.read_state()
    if not state.job or shutil.which("scancel") is None or state.job not in queued_jobs():
        return False
    run.stop_request.touch()
    signal = ["--signal=TERM"] if state.state == "running" else []
    subprocess.run(["scancel", *signal, state.job], check=False, capture_output=True)
    if not signal:
        run.write_state(state="stopped", message="taken out of the queue")
    return True
