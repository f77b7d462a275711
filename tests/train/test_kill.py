"""A training of a voice that is killed at any moment, during a save too, resumes to the bit.

`test_task.py` kills a cheaper task once, among the fast tests.
"""

import subprocess
import sys
import time
from pathlib import Path

import jax
import numpy as np
import pytest

from babble_jax.pretrained.pretrained import load_voice
from babble_jax.track import jsonl

SCRIPT = Path(__file__).with_name("kill_run.py")
PATIENCE = 300  # seconds, for a process to get where it is to be killed


def start(dataset, workdir, steps, log):
    return subprocess.Popen(
        [sys.executable, SCRIPT, dataset, workdir, str(steps)], stdout=log, stderr=subprocess.STDOUT
    )


def logged(workdir):
    """Returns the step of the last complete line of metrics; 0 without one."""
    lines = jsonl.read_metrics(workdir / "metrics.jsonl")
    return lines[-1]["step"] if lines else 0


def saving(workdir):
    """Whether a save is under way: orbax writes into a folder of another name and renames it."""
    return any("tmp" in path.name for path in (workdir / "checkpoints").glob("*"))


def kill(process, moment):
    """Kills with SIGKILL once `moment()` holds."""
    end = time.monotonic() + PATIENCE
    while not moment():
        assert process.poll() is None, "the training ended before it could be killed"
        assert time.monotonic() < end, "the training got nowhere"
        time.sleep(0.001)
    process.kill()
    process.wait()


def killed(tones, workdir, steps, kills, log):
    """Trains to the end through `kills` kills, every second one in a save; returns how many hit a save."""
    draw = np.random.default_rng(7)
    in_save = 0
    for number in range(kills):
        target = int((number + draw.random()) * steps / (kills + 1)) + 1
        process = start(tones, workdir, steps, log)
        if number % 2:
            kill(process, lambda target=target: logged(workdir) >= target and saving(workdir))
        else:
            kill(process, lambda target=target: logged(workdir) >= target)
        in_save += saving(workdir)
    assert start(tones, workdir, steps, log).wait(PATIENCE) == 0
    return in_save


@pytest.mark.slow
def test_killed_at_random_moments_it_is_the_unbroken_run_to_the_bit(tones, tmp_path):
    steps, kills = 440, 10
    unbroken, broken = tmp_path / "unbroken", tmp_path / "broken"
    with (tmp_path / "log").open("wb") as log:
        assert start(tones, unbroken, steps, log).wait(PATIENCE) == 0
        in_save = killed(tones, broken, steps, kills, log)
    assert in_save >= kills // 2

    lines = jsonl.read_metrics(broken / "metrics.jsonl")
    assert lines == jsonl.read_metrics(unbroken / "metrics.jsonl")
    assert [line["step"] for line in lines if "train/bits" in line] == list(range(1, steps + 1))
    assert sum("validation/bits" in line for line in lines) == steps // 40
    one, two = load_voice(unbroken), load_voice(broken)
    assert one.card == two.card
    jax.tree.map(np.testing.assert_array_equal, one.params, two.params)

    def left(workdir):
        paths = {path.relative_to(workdir) for path in workdir.rglob("*")}
        return {path for path in paths if path.parts[0] != "checkpoints" or len(path.parts) == 2}

    assert left(broken) == left(unbroken)
