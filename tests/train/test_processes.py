"""Several processes of a run: the same losses as one, any number of them goes on, they stop and they end together.

Sums over devices are made in another order where their number is another, in float32: the losses of the 40 updates here
differ by up to 5e-7 of their size, and `ROUNDING` allows for twenty times that. On the same processes and devices all
is the same to the bit.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import jax
import numpy as np
import pytest

from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.track import jsonl
from babble_jax.train import processes
from babble_jax.train.interruption import AGREE_EVERY
from tests.command import TINY

SCRIPT = Path(__file__).with_name("two_processes.py")
STEPS, SAVE_EVERY = 40, 10
ROUNDING = 1e-5
WAITING = r"waiting for 2 processes at localhost:\d+, up to 300 s\n"
PATIENCE = 300  # seconds, for processes to get where they are to be killed, or to their end


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("nonsense", None, None), "give auto, off, or HOST:PORT"),
        (("host:0", None, None), "give auto, off, or HOST:PORT"),
        (("off", None, 1), "say where the first one is found"),
        (("host:7000", 0, None), "one process at least"),
        (("host:7000", 2, 2), "numbered from 0 to 1"),
        (("[::1]:7000", None, -1), "numbered from 0"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    with pytest.raises(BabbleError, match=message):
        processes.check_distributed(*options)
    for address in ("auto", "off", "host:7000", "[::1]:7000", "10.0.0.1:65535"):
        processes.check_distributed(address, None, None)


def test_a_folder_that_is_not_shared_is_named(tmp_path):
    with pytest.raises(BabbleError, match="was written by process 0, and process 0 does not see it"):
        processes.check_shared(tmp_path / "config.json", patience=0.0)


def free_port():
    with socket.socket() as free:
        free.bind(("localhost", 0))
        return free.getsockname()[1]


def start(dataset, workdir, count=2, devices=2, steps=STEPS, options=(), numbers=None):
    """Starts the processes of a training, all of them or those of some numbers."""
    flags = f"--xla_force_host_platform_device_count={devices} {os.environ['XLA_FLAGS']}"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "XLA_FLAGS": flags}
    line = f"train {dataset} --workdir {workdir} --steps {steps} {TINY} --batch-size 8 --log.every 1 "
    line += f"--log.save-every {SAVE_EVERY} --log.evaluate-every 20"
    command = [sys.executable, "-c", "from babble_jax.cli import main; main()", *line.split(), *options]
    if count > 1:
        command += ["--distributed", f"localhost:{free_port()}", "--process-count", str(count)]
    return [
        subprocess.Popen(
            [*command, *(["--process-id", str(i)] if count > 1 else [])],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for i in (range(count) if numbers is None else numbers)
    ]


def train(*args, **options):
    """Runs a training to its end, and returns what its processes printed."""
    started = start(*args, **options)
    outputs = [process.communicate(timeout=PATIENCE) for process in started]
    assert [process.returncode for process in started] == [0] * len(started), outputs
    return outputs


def metrics(workdir):
    return jsonl.read_metrics(workdir / "metrics.jsonl")


def compare(workdir, other):
    """Returns the largest difference of losses, relative to their size; steps and names are the same."""
    worst = 0.0
    for one, two in zip(metrics(workdir), metrics(other), strict=True):
        assert one.keys() == two.keys()
        assert one["step"] == two["step"]
        names = [name for name in one if name.endswith(("/bits", "/gradient_norm"))]
        worst = max([worst, *(abs(one[name] / two[name] - 1) for name in names)])
    return worst


@pytest.fixture(scope="module", params=["pmap", "jit"])
def unbroken(request, tones, tmp_path_factory):
    """A run on two processes of two devices each, and the options of its kind."""
    workdir, options = tmp_path_factory.mktemp("unbroken") / "run", ("--parallel", request.param)
    (out, err), silent = train(tones, workdir, options=options)
    assert silent[0] == ""
    assert re.fullmatch(WAITING, silent[1])
    assert "on 4 devices in 2 processes" in err
    assert err.count(f"training: {STEPS}/{STEPS} steps") == 1
    assert out.startswith(f"step {STEPS}: ")
    return workdir, options


@pytest.mark.slow
def test_one_process_has_their_losses_and_goes_on_where_they_ended(unbroken, tones, tmp_path):
    workdir, options = unbroken
    train(tones, tmp_path / "one", 1, 1, options=options)
    assert compare(tmp_path / "one", workdir) < ROUNDING

    shutil.copytree(workdir, tmp_path / "less")
    shutil.rmtree(tmp_path / "less" / "checkpoints" / str(STEPS))
    train(tones, tmp_path / "less", 1, 1, options=options)
    assert compare(tmp_path / "less", workdir) < ROUNDING

    shutil.rmtree(tmp_path / "one" / "checkpoints" / str(STEPS))
    train(tones, tmp_path / "one", options=options)
    assert compare(tmp_path / "one", workdir) < ROUNDING
    differences = [
        np.max(np.abs(one - two))
        for one, two in zip(
            *(jax.tree.leaves(load_voice(run).params) for run in (workdir, tmp_path / "one")), strict=True
        )
    ]
    assert max(differences) < ROUNDING


@pytest.mark.slow
@pytest.mark.parametrize("victim", [0, 1])
def test_kill_9_of_one_ends_the_other_and_going_on_is_the_unbroken_run_to_the_bit(
    unbroken, tones, tmp_path, victim
):
    workdir, options = unbroken
    broken = tmp_path / "run"
    started = start(tones, broken, options=options)
    wait_for_step(broken, SAVE_EVERY + 4, started)
    os.kill(started[victim].pid, signal.SIGKILL)
    moment = time.monotonic()
    _, err = started[1 - victim].communicate(timeout=60)
    print(f"process {victim} killed, the other ended {time.monotonic() - moment:.1f} s later")
    started[victim].communicate()
    assert started[1 - victim].returncode not in (0, None)
    assert err.splitlines()[-1].startswith(f"babble: process {victim} of this run has ended or no longer")
    assert err.count("babble: ") == 1
    assert "Check failure" not in err
    assert not (broken / "checkpoints" / str(STEPS)).exists()

    (_, err), _ = train(tones, broken, options=options)
    assert "goes on after " in err
    assert metrics(broken) == metrics(workdir)
    one, two = load_voice(broken), load_voice(workdir)
    jax.tree.map(np.testing.assert_array_equal, one.params, two.params)


def wait_for_step(workdir, step, started):
    """Waits until processes have logged a step."""
    end = time.monotonic() + PATIENCE
    while not any(line["step"] >= step for line in read_lines(workdir)):
        assert all(process.poll() is None for process in started), "they ended before"
        assert time.monotonic() < end
        time.sleep(0.05)


def read_lines(workdir):
    with contextlib.suppress(FileNotFoundError):
        return metrics(workdir)
    return []


@pytest.mark.slow
def test_sigterm_of_one_stops_both_and_the_first_says_so(tones, tmp_path):
    started = start(tones, tmp_path / "run", steps=10_000, options=["--log.evaluate-every", "0"])
    wait_for_step(tmp_path / "run", 3, started)
    started[1].send_signal(signal.SIGTERM)
    (_, err), silent = [process.communicate(timeout=PATIENCE) for process in started]
    assert [process.returncode for process in started] == [143, 143]
    assert silent[0] == ""
    assert re.fullmatch(WAITING, silent[1])
    assert err.splitlines()[-1].startswith("babble: stopped after step ")
    step = int(err.split("stopped after step ")[1].split(",")[0])
    assert step % AGREE_EVERY == 0
    assert (tmp_path / "run" / "checkpoints" / str(step)).is_dir()


@pytest.mark.slow
def test_a_process_that_fails_by_itself_ends_the_other(tones, tmp_path):
    first, second = start(tones, tmp_path / "run", options=["--init-from", str(tmp_path / "nowhere")])
    outputs = [process.communicate(timeout=120) for process in (first, second)]
    assert first.returncode == 2
    assert second.returncode not in (0, None)
    assert "babble: process 0: " in outputs[0][1]
    assert re.match(f"{WAITING}babble: process ", outputs[1][1])


@pytest.mark.slow
@pytest.mark.parametrize(("number", "sent"), [(0, signal.SIGTERM), (1, signal.SIGTERM), (1, signal.SIGINT)])
def test_a_process_that_waits_for_the_others_says_so_and_a_signal_ends_it_at_once(tmp_path, number, sent):
    (process,) = start(tmp_path, tmp_path / "run", numbers=[number])
    assert process.stderr is not None
    assert re.fullmatch(WAITING, process.stderr.readline())
    time.sleep(1.0)  # until native code waits
    assert process.poll() is None
    process.send_signal(sent)
    process.communicate(timeout=10)
    assert process.returncode == -sent
    assert not (tmp_path / "run").exists()


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
