"""What a run says: its size, compiling, an estimate after ten updates, samples per second; nothing of a bare task."""

import dataclasses
import re

from babble_jax.train.config import LogConfig
from babble_jax.train.trainer import train
from tests.train.toy_task import LineConfig, LineTask

LOG = LogConfig(every=100, evaluate_every=0, save_every=100)


class DescribedTask(LineTask):
    @property
    def description(self):
        return "2 parameters, preset none"

    @property
    def samples_per_update(self):
        return 8


def test_a_run_says_its_size_and_how_long_it_takes(capsys, tmp_path):
    config = LineConfig(batch_size=8)
    train(DescribedTask(config), tmp_path / "run", 30, LOG)
    lines = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"training: 2 parameters, preset none, on .*(CPU with \d+ cores?|device.*)", lines[0])
    assert lines[1] == "compiling ..."
    assert re.fullmatch(r"compiled in \d+\.\d s, the first update included", lines[2])
    (estimate,) = [line for line in lines if line.startswith("estimate: ")]
    assert "for 30 updates, until " in estimate
    train(DescribedTask(config), tmp_path / "run", 35, dataclasses.replace(LOG))
    lines = capsys.readouterr().err.splitlines()
    assert lines[1] == "goes on after 30 of 35 updates"
    assert lines[-1].startswith("training: 35/35 steps")  # counted from the beginning of the run
    assert not [line for line in lines if line.startswith("estimate: ")]


def test_a_task_without_a_description_is_trained_in_silence(capsys, tmp_path):
    train(LineTask(LineConfig(batch_size=8)), tmp_path, 13, LOG)
    err = capsys.readouterr().err
    assert [line.split(":")[0] for line in err.splitlines()] == ["training"]
