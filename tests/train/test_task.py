"""A new kind of model is one task file: a linear model is trained, killed, resumed and exported."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from babble_jax.track import jsonl
from babble_jax.train.config import LogConfig, OptimizerConfig
from babble_jax.train.trainer import train
from tests.train.toy_task import LineConfig, LineTask

SCRIPT = Path(__file__).with_name("toy_task.py")
STEPS = 1000
ROOT = Path(__file__).parents[2]
LOG = LogConfig(every=1)


def start(workdir):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, SCRIPT, workdir, str(STEPS)], env=environment)


def test_it_takes_under_forty_lines():
    lines = [line for line in SCRIPT.read_text("utf-8").split("\n\n\nif ")[0].splitlines() if line.strip()]
    assert len(lines) < 40


def test_it_is_killed_resumed_and_exported(tmp_path):
    process, log = start(tmp_path / "killed"), tmp_path / "killed" / "metrics.jsonl"
    end = time.monotonic() + 300
    while len(jsonl.read_metrics(log)) < 120:
        assert process.poll() is None, "the training ended before it could be killed"
        assert time.monotonic() < end
        time.sleep(0.001)
    process.kill()
    process.wait()
    assert len(jsonl.read_metrics(log)) < STEPS
    for name in ("killed", "unbroken"):
        assert start(tmp_path / name).wait(300) == 0
    assert log.read_bytes() == (tmp_path / "unbroken" / "metrics.jsonl").read_bytes()
    last = jsonl.read_metrics(log)[-1]
    assert last["step"] == STEPS
    assert last["validation/slope_error"] < 1e-3
    lines = [dict(np.load(tmp_path / name / "export" / "line.npz")) for name in ("killed", "unbroken")]
    assert lines[0] == lines[1]
    assert lines[0]["intercept"] == pytest.approx(1, abs=1e-3)


def test_its_metrics_are_means_over_all_devices(tmp_path):
    """By hand: the first loss is the mean square of y over the whole batch."""
    task = LineTask(LineConfig(batch_size=8, optimizer=OptimizerConfig(learning_rate=1e-2)))
    train(task, tmp_path, 1, LOG)
    y = next(task.batches())["y"]
    line = jsonl.read_metrics(tmp_path / "metrics.jsonl")[0]
    assert line["train/loss"] == pytest.approx(np.mean(y**2), rel=1e-5)
    assert line["train/error"] == pytest.approx(np.mean(np.abs(y)), rel=1e-5)
