"""A training of a voice of any kind that is killed at any moment, during a save too, resumes to the bit.

There are twenty kills in all, each while steps are being made, and ten of them in a save.

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
from babble_jax.train.record import latest_step
from tests.faults.outcomes import read_tree
from tests.train.kill_run import KINDS

SCRIPT = Path(__file__).with_name("kill_run.py")
PATIENCE = 300  # seconds, for a process to get where it is to be killed


def start(dataset, workdir, steps, kind, log):
    command = [sys.executable, SCRIPT, dataset, workdir, str(steps), kind]
    return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)


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


def killed(tones, workdir, steps, kind, in_saves, log):
    """Trains to the end through kills.

    Args:
      tones: data set.
      workdir: folder of the run.
      steps: of the training.
      kind: of the voice.
      in_saves: for each kill whether it is to strike in a save.
      log: file of the processes' output.

    Returns:
      For each kill the last step whose metrics were logged, and whether a save was under way.
    """
    draw, struck, path = np.random.default_rng(7), [], workdir / "metrics.jsonl"
    for number, in_save in enumerate(in_saves):
        target = int((number + draw.random()) * steps / (len(in_saves) + 1)) + 1
        before = path.stat().st_ino if path.exists() else None
        process = start(tones, workdir, steps, kind, log)

        def moment():
            if in_save:  # noqa: B023
                return logged(workdir) >= target and saving(workdir)  # noqa: B023
            begun = path.exists() and path.stat().st_ino != before  # noqa: B023
            return begun and logged(workdir) > (latest_step(workdir) or 0) and not saving(workdir)

        kill(process, moment)
        struck.append((logged(workdir), saving(workdir)))
    assert start(tones, workdir, steps, kind, log).wait(PATIENCE) == 0
    return struck


@pytest.mark.slow
@pytest.mark.parametrize(("number", "kind"), list(enumerate(KINDS)))
def test_killed_at_random_moments_it_is_the_unbroken_run_to_the_bit(tones, tmp_path, number, kind):
    steps, in_saves = 240, [(number + i) % 2 == 1 for i in range(5)]
    unbroken, broken = tmp_path / "unbroken", tmp_path / "broken"
    with (tmp_path / "log").open("wb") as log:
        assert start(tones, unbroken, steps, kind, log).wait(PATIENCE) == 0
        struck = killed(tones, broken, steps, kind, in_saves, log)
    print(f"{kind}: killed after step (in a save): {struck}")
    assert sum(in_save for _, in_save in struck) >= sum(in_saves)  # a save may begin as the process is killed
    assert all(0 < step < steps for step, _ in struck)

    lines = jsonl.read_metrics(broken / "metrics.jsonl")
    assert lines == jsonl.read_metrics(unbroken / "metrics.jsonl")
    assert [line["step"] for line in lines if "train/bits" in line] == list(range(1, steps + 1))
    assert sum("validation/bits" in line for line in lines) == steps // 40
    one, two = load_voice(unbroken), load_voice(broken)
    assert one.card == two.card
    jax.tree.map(np.testing.assert_array_equal, one.params, two.params)

    assert read_tree(broken / "voice") == read_tree(unbroken / "voice")

    def left(workdir):
        paths = {path.relative_to(workdir) for path in workdir.rglob("*")}
        return {path for path in paths if path.parts[0] != "checkpoints" or len(path.parts) == 2}

    assert left(broken) == left(unbroken)
