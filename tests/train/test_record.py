"""What may change when a run goes on and what may not; one new option is one field."""

import dataclasses
import json
import shlex
import shutil
from pathlib import Path
from typing import Annotated

import jax.numpy as jnp
import numpy as np
import pytest
from tyro.conf import arg

from babble_jax.cli import earlier_run, usage
from babble_jax.cli import train as verb
from babble_jax.cli.train import Train
from babble_jax.errors import BabbleError
from babble_jax.track import jsonl
from babble_jax.train.config import LogConfig, OptimizerConfig, join_schedules
from babble_jax.train.record import MAY_CHANGE, RunRecord, check_workdir
from babble_jax.train.tasks.voice.config import VoiceTrainConfig
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.train.trainer import train, update_record
from tests.command import TINY, done, refused
from tests.train.toy_task import LineConfig, LineTask

LOG = LogConfig(every=1, evaluate_every=0)


def line_task(**options):
    return LineTask(LineConfig(**({"batch_size": 8} | options)))


def rates(workdir):
    lines = jsonl.read_metrics(workdir / "metrics.jsonl")
    return [line["train/learning_rate"] for line in lines if "train/loss" in line]


def test_a_changed_learning_rate_begins_its_schedule_anew_and_says_so(tmp_path, capsys):
    first = OptimizerConfig(learning_rate=1e-2, warmup_steps=2, decay_steps=8)
    second = OptimizerConfig(learning_rate=1e-3, warmup_steps=2, decay_steps=4)
    train(line_task(optimizer=first), tmp_path, 4, LOG)
    assert "begins anew" not in capsys.readouterr().err
    train(line_task(optimizer=second), tmp_path, 7, LOG)
    assert (
        "learning_rate 0.01 -> 0.001, decay_steps 8 -> 4: the learning rate's schedule begins anew after step 4"
        in capsys.readouterr().err
    )
    train(line_task(optimizer=second), tmp_path, 9, LOG)
    expected = [float(first.schedule()(i)) for i in range(4)] + [
        float(second.schedule()(i)) for i in range(5)
    ]
    assert rates(tmp_path) == pytest.approx(expected, abs=1e-12)
    record = json.loads((tmp_path / "config.json").read_text())
    assert [one["from_step"] for one in record["schedules"]] == [0, 4]
    assert record["optimizer"]["learning_rate"] == 1e-3
    assert record["steps"] == 9
    joined = join_schedules([(0, first), (4, second)])
    assert [float(joined(jnp.array(i))) for i in range(9)] == pytest.approx(expected, abs=1e-12)


def test_what_may_not_change_is_refused_with_both_values_and_leaves_the_record(tmp_path):
    train(line_task(), tmp_path, 2, LOG)
    before = (tmp_path / "config.json").read_bytes()
    with pytest.raises(
        BabbleError,
        match=r"another config \(seed: 0 -> 3; slope: 2.0 -> 1.0\).*only steps, log, .* may change",
    ):
        train(line_task(seed=3, slope=1.0), tmp_path, 4, dataclasses.replace(LOG, every=2))
    assert (tmp_path / "config.json").read_bytes() == before


def test_fewer_or_equal_steps_are_said(tmp_path, capsys):
    train(line_task(), tmp_path, 4, LOG)
    for steps in (3, 4):
        capsys.readouterr()
        assert train(line_task(), tmp_path, steps, LOG).step == 4
        sentence = (
            f"{tmp_path}: has made 4 updates already; give more than that as steps to train on, not {steps}."
        )
        assert sentence in capsys.readouterr().err
        assert json.loads((tmp_path / "config.json").read_text())["steps"] == 4


def test_a_folder_without_a_checkpoint_takes_new_values(tmp_path):
    RunRecord.begin(line_task(seed=3).config, {}, 5, LOG).write(tmp_path)
    train(line_task(), tmp_path, 2, LOG)
    assert json.loads((tmp_path / "config.json").read_text())["seed"] == 0


def test_help_and_documentation_name_what_may_change():
    assert Train.__doc__ is not None
    for name in MAY_CHANGE:
        assert f"--{name.replace('_', '-')}" in Train.__doc__


def test_a_run_goes_on_by_its_folder_alone(capsys, tones, tmp_path):
    run = tmp_path / "run"
    line = f"train {tones} --workdir {run} --steps 1 {TINY} --log.every 1 --no-balance"
    done(capsys, line)
    first = json.loads((run / "config.json").read_text())
    done(capsys, f"train --workdir={run} --steps 2 --log.every 2")
    lines = jsonl.read_metrics(run / "metrics.jsonl")
    assert [line["step"] for line in lines if "train/bits" in line] == [1, 2]
    first["log"]["every"] = 2
    assert json.loads((run / "config.json").read_text()) == first | {"steps": 2}
    assert Path(first["dataset"]).is_absolute()  # it goes on from any folder
    again, alone = (usage.parse(shlex.split(words)) for words in (line, f"train --workdir {run}"))
    assert again.config == alone.config
    assert (again.steps, alone.steps) == (1, 2)
    for options, message in {
        "--seed 4": "seed: 0 -> 4",
        "--by-speaker": "by_speaker: False -> True",
        "model:rnn --model.dim 8": "(model.kind: 'samplernn' -> 'rnn')",
    }.items():
        assert message in refused(capsys, f"train --workdir {run} --steps 5 {options}")
    moved = tmp_path / "moved"
    shutil.copytree(tones, moved)
    task = VoiceTask(dataclasses.replace(alone.config, dataset=str(moved)))
    task.open(resumed=True)
    assert update_record(task, run, 3, alone.log).config["dataset"] == str(moved)
    (moved / "manifest.json").unlink()
    assert "is of another version" in refused(capsys, f"train --workdir {run}")
    shutil.rmtree(moved)
    assert f"`babble train DATASET --workdir {run}` goes on" in refused(capsys, f"train --workdir {run}")


def test_a_folder_of_other_content_is_refused_wherever_it_is(tmp_path):
    digests = {"dataset": "sha256"}

    def record(dataset, digest):
        return dataclasses.replace(
            RunRecord.begin(line_task().config, {"sha256": digest} if digest else {}, 5, LOG),
            config={"dataset": dataset, "seed": 0},
        )

    first = record("a", "1")
    assert first.continue_as(record("b", "1"), 2, tmp_path, digests).config["dataset"] == "b"
    for other, message in {
        ("b", "2"): r"the dataset b has other content than that with which the run began \(a\);",
        ("a", "2"): "the dataset a has other content than that with which the run began;",
        ("b", ""): "dataset: 'a' -> 'b'",
    }.items():
        with pytest.raises(BabbleError, match=message):
            first.continue_as(record(*other), 2, tmp_path, digests)
    with pytest.raises(BabbleError, match="dataset: 'a' -> 'b'"):  # it is not known what the run began with
        record("a", "").continue_as(record("b", "1"), 2, tmp_path, digests)
    assert record("a", "").continue_as(record("a", "1"), 2, tmp_path, digests).derived == {"sha256": "1"}


def test_a_folder_without_a_run_is_said_and_what_starts_one(capsys, tmp_path):
    for options in ("", " --steps 5"):
        message = refused(capsys, f"train --workdir {tmp_path / 'new'}{options}")
        assert "there is no such folder, and so no run to go on with; start one with" in message
        assert f"`babble train DATASET --workdir {tmp_path / 'new'}`" in message
    assert "there is no option --stepz" in refused(capsys, f"train --workdir {tmp_path} --stepz 5")
    (tmp_path / "notes.txt").touch()
    assert "holds no run to go on with" in refused(capsys, f"train --workdir {tmp_path}")


def test_a_run_is_not_trained_among_other_files(tmp_path):
    (tmp_path / ".hidden").touch()
    check_workdir(tmp_path)
    (tmp_path / "notes.txt").touch()
    with pytest.raises(BabbleError, match=r"holds other files than a run \(notes.txt, say\)"):
        train(line_task(), tmp_path, 2, LOG)
    assert {path.name for path in tmp_path.iterdir()} == {".hidden", "notes.txt"}


def test_defaults_are_those_of_the_run_whatever_its_kind_of_model(tmp_path, monkeypatch):
    line = f"data --workdir {tmp_path} --steps 3 model:wavenet --model.channels 8 --model.stacks 1 --subsequence 64"
    one = usage.parse_options("train", Train, shlex.split(line))
    RunRecord.begin(one.config, {}, one.steps, one.log).write(tmp_path)
    one = dataclasses.replace(one, preset=None)  # the run has its values now
    monkeypatch.setattr(earlier_run, "latest_step", lambda _: 3)
    for words in (f"--workdir {tmp_path}", line, f"--workdir {tmp_path} model:wavenet --model.channels 8"):
        assert usage.parse_options("train", Train, shlex.split(words)) == one
    changed = usage.parse_options("train", Train, shlex.split(f"--workdir {tmp_path} --model.channels 9"))
    assert changed.config.model == dataclasses.replace(one.config.model, channels=9)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ScaledConfig(VoiceTrainConfig):
    """A voice whose loss is scaled.

    Attributes:
      loss_scale: Factor of the loss.
    """

    loss_scale: float = 1.0


def test_one_new_option_is_one_field(capsys, monkeypatch, tones, tmp_path):
    """Command line, help, record, check and loss take it from the config."""
    marks = Annotated[ScaledConfig, arg(name="")]
    extended = dataclasses.make_dataclass(
        "Train", [("config", marks), *_fields(Train)[1:]], bases=(Train,), frozen=True
    )
    extended.__doc__ = Train.__doc__
    monkeypatch.setattr(verb, "VoiceTrainConfig", ScaledConfig)
    monkeypatch.setattr(verb, "Train", extended)
    original = VoiceTask.loss

    def loss(self, *args):
        one = original(self, *args)
        return one._replace(total=one.total * self.config.loss_scale)

    monkeypatch.setattr(VoiceTask, "loss", loss)
    assert "Factor of the loss." in done(capsys, "train --help").out
    run = tmp_path / "run"
    done(capsys, f"train {tones} --workdir {run} --steps 1 {TINY} --log.every 1 --loss-scale 3")
    assert json.loads((run / "config.json").read_text())["loss_scale"] == 3
    (line, *_) = jsonl.read_metrics(run / "metrics.jsonl")
    assert line["train/bits"] > 2 * np.log2(16)  # nearly 3 times the bits of an untrained voice
    assert "loss_scale: 3.0 -> 2.0" in refused(capsys, f"train --workdir {run} --steps 2 --loss-scale 2")


def _fields(cls):
    return [(field.name, field.type, field) for field in dataclasses.fields(cls)]
