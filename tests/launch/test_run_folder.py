"""Folders of runs, and how runs are run in them."""

import json
import os
import signal
import subprocess
import sys

import pytest

from babble_jax import locks
from babble_jax.errors import BabbleError, StoppedError
from babble_jax.launch.execute import copy_output, execute
from babble_jax.launch.experiment import load_experiment
from babble_jax.launch.run_folder import Run, create_run, find_runs, shared_folder
from babble_jax.launch.values import values_of


def make_run(root, toy):
    return create_run(
        root, "toy", str(toy), values_of(load_experiment(str(toy))), ["babble", "launch", "toy.py"]
    )


def test_a_folder_says_how_a_run_is_begun_again(toy, tmp_path):
    run = make_run(tmp_path / "runs", toy)
    assert run.folder.parent == tmp_path / "runs" / "toy"
    assert make_run(tmp_path / "runs", toy) == run
    record = json.loads((run.folder / "run.json").read_text())
    assert record["command"] == f"cd {tmp_path} && babble launch toy.py"
    assert record["versions"]["jax"]
    assert run.values["steps"] == 3
    assert run.read_state().state == "waiting"
    assert find_runs(tmp_path / "runs") == find_runs(tmp_path / "runs", "toy") == [run]
    assert shared_folder(run.work) == tmp_path / "runs"


def test_a_folder_with_other_files_is_refused(toy, tmp_path):
    run = make_run(tmp_path / "runs", toy)
    (run.folder / "run.json").unlink()
    with pytest.raises(BabbleError, match="holds other files than a run"):
        make_run(tmp_path / "runs", toy)


def test_a_run_writes_its_result_state_and_log(toy, tmp_path):
    run, experiment = make_run(tmp_path / "runs", toy), load_experiment(str(toy))
    with copy_output(run.log):
        print("hello")
        result = execute(run, experiment, tmp_path / "results" / "toy")
    assert result["bits"] == 6.5
    assert {"date", "machine"} <= result.keys()
    assert run.result == result == json.loads((tmp_path / "results" / "toy.json").read_text())
    state = run.read_state()
    assert (state.state, state.starts, state.pid) == ("done", 1, os.getpid())
    assert run.log.read_text() == "hello\n"


class Raising:
    def __init__(self, error):
        self.error = error

    def run(self, work, results):
        if isinstance(self.error, int):
            os.kill(os.getpid(), self.error)
        else:
            raise self.error


@pytest.mark.parametrize(
    ("error", "goes_on", "state", "message"),
    [
        (BabbleError("no sound."), False, "failed", "no sound."),
        (ZeroDivisionError("zero"), False, "failed", "ZeroDivisionError: zero"),
        (KeyboardInterrupt(), True, "stopped", ""),
        (int(signal.SIGTERM), False, "stopped", "stopped"),
        (int(signal.SIGTERM), True, "preempted", "stopped"),
        (int(signal.SIGUSR1), False, "preempted", "stopped"),
    ],
)
def test_a_run_that_ends_otherwise_says_so(toy, tmp_path, error, goes_on, state, message):
    run = make_run(tmp_path / "runs", toy)
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGUSR1)]
    with pytest.raises(StoppedError if isinstance(error, int) else type(error)):
        execute(run, Raising(error), goes_on=goes_on)  # pyright: ignore[reportArgumentType]
    assert (run.read_state().state, run.read_state().message) == (state, message)
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGUSR1)] == handlers
    assert ("zero" in run.log.read_text()) if isinstance(error, ZeroDivisionError) else not run.log.exists()


def test_two_processes_do_not_run_one_run_and_a_dead_one_is_seen(toy, tmp_path):
    run = make_run(tmp_path / "runs", toy)
    with run.lock():
        run.write_state(state="running", host=os.uname().nodename, pid=os.getpid())
        assert run.read_state().state == "running"
        with pytest.raises(BabbleError, match="is being written by process"):
            execute(run, load_experiment(str(toy)))
    code = f"import os; f = os.open({str(run._lock)!r}, os.O_CREAT); os._exit(0)"
    subprocess.run([sys.executable, "-c", code], check=True)  # a lock file that was left behind
    assert not locks.is_held(run._lock)
    assert run.read_state().state == "killed"
    run.write_state(state="running", since="2020-01-01T00:00:00+00:00", seconds=5.0)
    run.log.write_text("a line\n")
    os.utime(run.log, times=(0, 1_577_836_800 + 60))  # a minute later
    assert run.read_state().seconds == 65
    execute(run, load_experiment(str(toy)))
    assert 65 <= run.read_state().seconds < 95
    run.write_state(state="running", host="elsewhere")
    assert run.read_state().state == "running"


def test_a_run_without_a_state_is_waiting(tmp_path):
    assert Run(tmp_path / "a" / "b").read_state().state == "waiting"
    assert Run(tmp_path / "a" / "b").label == "a/b"
