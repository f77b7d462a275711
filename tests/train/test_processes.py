"""Two processes of a run stop together where one of them gets a signal."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from babble_jax.track import jsonl
from babble_jax.train.interruption import AGREE_EVERY

SCRIPT = Path(__file__).with_name("two_processes.py")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["jit", "pmap"])
def test_they_save_at_a_step_on_which_both_agree(tmp_path, kind):
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    line = [str(port), str(tmp_path), kind, "29"]
    processes = [
        subprocess.Popen(
            [sys.executable, SCRIPT, str(i), *line], env=environment, stdout=subprocess.PIPE, text=True
        )
        for i in range(2)
    ]
    outputs = [process.communicate(timeout=300)[0] for process in processes]
    assert [process.returncode for process in processes] == [143, 143]
    assert all("stopped after step 32, saved in" in output for output in outputs)
    assert 32 % AGREE_EVERY == 0
    assert sorted(p.name for p in (tmp_path / "checkpoints").iterdir() if p.name.isdigit()) == ["25", "32"]
    assert jsonl.read_metrics(tmp_path / "metrics.jsonl")[-1]["step"] == 32
