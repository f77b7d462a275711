"""SIGTERM and Ctrl-C save a run before it ends, wherever it is; it goes on to the bytes of a run without a break."""

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import jax
import numpy as np
import pytest

from babble_jax.errors import StoppedError
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.track import jsonl
from babble_jax.train.config import LogConfig
from babble_jax.train.evaluate import Evaluator
from babble_jax.train.hooks import EvaluateHook, SaveHook
from babble_jax.train.interruption import StopRequest, watch_signals
from babble_jax.train.trainer import train
from tests.command import TINY
from tests.small_run import small
from tests.train.toy_task import LineConfig, LineTask

ROOT = Path(__file__).parents[2]
LOG = LogConfig(every=1, evaluate_every=3, evaluate_recordings=2, save_every=4, audio_seconds=0)
STEPS = 7
VOICE = ("voice/weights.safetensors", "voice/voice.json")
PATIENCE = 300  # seconds


def equal(one, other, *names):
    """Compares what two runs leave, by bytes."""
    for name in ("metrics.jsonl", "config.json", *names):
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    return True


def line_task():
    return LineTask(LineConfig(batch_size=8))


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    workdir = tmp_path_factory.mktemp("unbroken")
    train(line_task(), workdir, STEPS, LOG)
    return workdir


def signal_at(call, owner, name, monkeypatch, number=signal.SIGTERM):
    """Sends a signal to this process as a method is called for the `call`-th time."""
    original, calls = getattr(owner, name), []

    def method(self, *args, **options):
        calls.append(0)
        if len(calls) == call:
            os.kill(os.getpid(), number)
            time.sleep(0.05)  # the thread that reads signals runs
        return original(self, *args, **options)

    monkeypatch.setattr(owner, name, method)


@pytest.mark.parametrize(
    ("call", "owner", "name", "number", "step"),
    [
        (2, StopRequest, "agreed", signal.SIGINT, 2),
        (1, LineTask, "evaluate", signal.SIGTERM, 3),
        (2, SaveHook, "__call__", signal.SIGINT, 7),
        (2, EvaluateHook, "__call__", signal.SIGTERM, 6),
        (2, jsonl.JsonLines, "log_metrics", signal.SIGTERM, 3),
    ],
    ids=["update", "evaluation", "last-save", "later-evaluation", "metrics"],
)
def test_it_saves_wherever_it_is_and_goes_on_to_the_same_bytes(
    unbroken, tmp_path, monkeypatch, call, owner, name, number, step
):
    signal_at(call, owner, name, monkeypatch, number)
    with pytest.raises(StoppedError) as stopped:
        train(line_task(), tmp_path / "run", STEPS, LOG)
    monkeypatch.undo()
    command = f"go on with: babble train --workdir {tmp_path / 'run'}"
    assert str(stopped.value) == f"stopped after step {step}, saved in {tmp_path / 'run'}; {command}"
    assert stopped.value.signal == number
    train(line_task(), tmp_path / "run", STEPS, LOG)
    assert equal(tmp_path / "run", unbroken, "export/line.npz")


@pytest.mark.slow
def test_a_long_evaluation_is_left_and_made_later(tones, tmp_path, monkeypatch):
    signal_at(1, Evaluator, "__call__", monkeypatch)
    with pytest.raises(StoppedError, match="stopped after step 3"):
        train(small(tones), tmp_path / "run", STEPS, LOG)
    monkeypatch.undo()
    assert not any(
        "validation/bits" in line for line in jsonl.read_metrics(tmp_path / "run" / "metrics.jsonl")
    )
    for name in ("run", "unbroken"):
        train(small(tones), tmp_path / name, STEPS, LOG)
    assert equal(tmp_path / "run", tmp_path / "unbroken", *VOICE)


def test_before_the_first_update_it_ends_at_once_and_says_that_nothing_is_saved(tmp_path, monkeypatch):
    signal_at(1, LineTask, "batches", monkeypatch)
    with pytest.raises(StoppedError, match="stopped before the first update; nothing was saved"):
        train(line_task(), tmp_path, 5)


def test_the_handlers_are_put_back_and_another_thread_has_none():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with watch_signals() as request:
        assert signal.getsignal(signal.SIGINT) == request._handle
        with pytest.raises(StoppedError):
            signal.raise_signal(signal.SIGTERM)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def start(line, log):
    """Starts `babble` with a command line."""
    command = [sys.executable, "-c", "from babble_jax.cli import main; main()", *shlex.split(line)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)


SETTINGS = f"{TINY} --log.every 1 --log.evaluate-every 40 --log.save-every 25"


@pytest.mark.slow
def test_ten_signals_at_random_moments_lose_nothing(tones, tmp_path):
    """Moments: one in each tenth of the steps, in updates, evaluations and saves."""
    steps, broken, log_file = 400, tmp_path / "broken", tmp_path / "log"
    with log_file.open("wb") as log:
        line = f"train {tones} --steps {steps} {SETTINGS}"
        assert start(f"{line} --workdir {tmp_path / 'unbroken'}", log).wait(PATIENCE) == 0
        draws, lines = np.random.default_rng(3), 0
        for number in range(10):
            first = not (broken / "config.json").exists()
            process = start(f"{line if first else 'train'} --workdir {broken}", log)
            metrics, end = broken / "metrics.jsonl", time.monotonic() + PATIENCE
            target = int((number + draws.random()) * steps / 11) + 1
            target = max(target, lines + 1)  # the run has begun to train when the signal comes
            while len(jsonl.read_metrics(metrics)) < target and time.monotonic() < end:
                assert process.poll() is None
                time.sleep(0.002)
            time.sleep(draws.random() * 0.05)
            sent = signal.SIGINT if number % 2 else signal.SIGTERM
            process.send_signal(sent)
            assert process.wait(PATIENCE) == 128 + sent
            lines_now = [one["step"] for one in jsonl.read_metrics(metrics)]
            assert len(lines_now) >= lines
            lines = len(lines_now)
            checkpoints = [int(p.name) for p in (broken / "checkpoints").glob("*") if p.name.isdigit()]
            assert max(lines_now, default=0) == max(checkpoints, default=0)
        assert start(f"train --workdir {broken}", log).wait(PATIENCE) == 0
    assert equal(broken, tmp_path / "unbroken", *VOICE)
    jax.tree.map(
        np.testing.assert_array_equal, load_voice(broken).params, load_voice(tmp_path / "unbroken").params
    )
    assert log_file.read_text().count("stopped after step") == 10


@pytest.mark.slow
def test_a_second_ctrl_c_ends_at_once(tones, tmp_path):
    run = tmp_path / "run"
    with (tmp_path / "log").open("wb") as log:
        # an update of this model takes seconds
        line = f"train {tones} --workdir {run} --steps 50 {TINY} --model.dim 1500 --subsequence 4096 --log.every 1"
        process = start(line, log)
        while not jsonl.read_metrics(run / "metrics.jsonl"):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(2) == 130
    assert not any(path.name.isdigit() for path in (run / "checkpoints").glob("*"))
    assert (tmp_path / "log").read_text().endswith("stopping after the running update; Ctrl-C ends at once\n")
