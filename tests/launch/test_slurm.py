"""Runs as jobs of a real SLURM cluster; skipped where there is none."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from babble_jax.errors import BabbleError
from babble_jax.launch import slurm
from babble_jax.launch.run_folder import find_runs
from tests.launch.toy import signal_run


def test_without_a_cluster_the_remedy_is_named(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(BabbleError, match="there is no `sbatch` here"):
        slurm.check_slurm()
    monkeypatch.setitem(sys.modules, "submitit", None)
    with pytest.raises(BabbleError, match=r"install it by `pip install babble_jax\[cluster\]`"):
        slurm.check_slurm()


def test_the_number_of_a_job_is_that_of_the_cluster(monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    monkeypatch.delenv("SLURM_ARRAY_JOB_ID", raising=False)
    assert slurm._job_id() == "7"
    monkeypatch.setenv("SLURM_ARRAY_JOB_ID", "5")
    monkeypatch.setenv("SLURM_ARRAY_TASK_ID", "2")
    assert slurm._job_id() == "5_2"


def cluster_is_up() -> bool:
    """Tells whether jobs can be submitted from this machine."""
    if shutil.which("sinfo") is None:
        return False
    return subprocess.run(["sinfo", "--noheader"], capture_output=True, text=True, timeout=20).stdout != ""


@pytest.mark.slow
def test_a_sweep_of_jobs_outlives_a_kill_and_a_preemption(toy, tmp_path):
    if not cluster_is_up():
        pytest.skip("no SLURM cluster here: start munged, slurmctld and slurmd (docs/howto/launch.md)")
    words = "--sweep seed=0:3 --steps 400 --pause 0.05 --cluster slurm --slurm.cores 1 --follow"
    command = [
        sys.executable,
        "-c",
        "from babble_jax.cli import main; main()",
        "launch",
        "toy.py",
        *words.split(),
    ]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    numbers = {0: signal.SIGKILL, 1: signal.SIGUSR2}
    while numbers and process.poll() is None:
        for run in find_runs(tmp_path / "runs"):
            if run.values["seed"] in numbers and run.read_state().state == "running":
                signal_run(run, numbers.pop(run.values["seed"]))
        time.sleep(0.1)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    runs = {run.values["seed"]: run for run in find_runs(tmp_path / "runs")}
    assert [runs[seed].read_state().state for seed in range(3)] == ["done"] * 3
    assert [runs[seed].read_state().starts for seed in range(3)] == [2, 2, 1]
    for run in runs.values():
        steps = [json.loads(line)["step"] for line in (run.work / "metrics.jsonl").read_text().splitlines()]
        assert steps == [*range(1, 401)]
    assert out.count(" done ") == 3
