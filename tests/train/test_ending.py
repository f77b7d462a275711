"""A run with a budget: evaluated in parts, its best parameters kept, ended early; in pieces it is the unbroken run."""

import dataclasses

import jax
import numpy as np
import pytest

from babble_jax.errors import BabbleError, StoppedError
from babble_jax.track.jsonl import METRICS, read_metrics
from babble_jax.train.config import LogConfig, OptimizerConfig
from babble_jax.train.ending import BEST, Budget, list_evaluations
from babble_jax.train.interruption import InterruptedEvaluationError
from babble_jax.train.task import Evaluation
from babble_jax.train.trainer import train
from tests.train.toy_task import LineConfig, LineTask

LOG = LogConfig(every=1, evaluate_every=1, save_every=3)
CONFIG = LineConfig(batch_size=8, optimizer=OptimizerConfig(learning_rate=0.5))


class Scored(LineTask):
    """The linear model, whose evaluations are given: that of update N is `scores[N]`."""

    def __init__(self, scores):
        super().__init__(CONFIG)
        self.scores, self.at = scores, 0

    def evaluate(self, params):
        value = self.scores[self.at]
        self.at += 1
        return Evaluation({"error": value}, 1.0)


def _evaluations(workdir):
    return [(step, values["error"]) for step, values in list_evaluations(read_metrics(workdir / METRICS))]


def _slope(folder):
    return float(np.load(folder / "line.npz")["slope"])


def test_the_best_evaluation_is_kept_and_the_run_ends_where_it_gains_nothing(tmp_path, capsys):
    report = train(Scored([5.0, 3.0, 4.0, 4.0, 1.0]), tmp_path, 20, LOG, Budget(parts=10, patience=2))
    assert _evaluations(tmp_path) == [(0, 5.0), (2, 3.0), (4, 4.0), (6, 4.0)]
    assert report.step == 6
    train(LineTask(CONFIG), tmp_path / "plain", 2, LOG)
    assert _slope(tmp_path / BEST) == _slope(tmp_path / "plain" / "export")
    assert "ends after 6 updates: the latest evaluations gained nothing" in capsys.readouterr().err
    # The same call goes on with nothing.
    again = Scored([9.0])  # of the report
    assert train(again, tmp_path, 20, LOG, Budget(parts=10, patience=2)).step == 6
    assert len(_evaluations(tmp_path)) == 4


def test_no_update_is_a_candidate(tmp_path):
    train(Scored([1.0, 2.0, 2.0]), tmp_path, 2, LOG, Budget(parts=2))
    assert _slope(tmp_path / BEST) == 0.0
    assert _slope(tmp_path / "export") != 0.0


class Clock:
    """A pace by which each update takes a second."""

    def __init__(self):
        self.total, self.count, self.seconds = 0.0, 0, 1.0

    def restart(self): ...

    def update(self):
        self.total += 1.0


def test_the_clock_ends_a_run_and_what_went_before_counts(tmp_path, monkeypatch):
    monkeypatch.setattr("babble_jax.train.run_messages.Pace", Clock)
    budget, log = Budget(seconds=12.0, parts=4, patience=9), dataclasses.replace(LOG, save_every=1000)
    report = train(LineTask(CONFIG), tmp_path / "one", 10**6, log, budget)
    steps = [step for step, _ in list_evaluations(read_metrics(tmp_path / "one" / METRICS))]
    assert 12 <= report.step <= 12 + len(steps)  # what an evaluation waits for is not counted
    assert len(steps) == 5
    assert (steps[0], steps[-1]) == (0, report.step)
    assert train(LineTask(CONFIG), tmp_path / "one", 10**6, log, budget).step == report.step
    half = train(LineTask(CONFIG), tmp_path / "two", 10**6, log, budget._replace(seconds=6.0)).step
    assert 6 <= half < 12 <= train(LineTask(CONFIG), tmp_path / "two", 10**6, log, budget).step < 24


def test_a_run_that_is_stopped_in_its_first_evaluation_makes_no_update(tmp_path):
    class Stopped(Scored):
        def evaluate(self, params):
            self.at += 1
            if self.at == 1:
                raise InterruptedEvaluationError
            return Evaluation({"error": 1.0}, 1.0)

    train(Stopped([]), tmp_path, 4, LOG, Budget())
    assert not (tmp_path / "checkpoints" / "1").exists()


def test_in_pieces_it_is_the_unbroken_run(tmp_path):
    budget = Budget(parts=6, patience=9)
    log = dataclasses.replace(LOG, save_every=1)
    train(LineTask(CONFIG), tmp_path / "unbroken", 12, log, budget)
    halted = LineTask(CONFIG)
    export, calls = halted.export, []

    def stop(params, folder, step, evaluation):
        export(params, folder, step, evaluation)
        calls.append(step)
        if step == 5:
            raise StoppedError("killed", 15)

    halted.export = stop
    with pytest.raises(StoppedError):
        train(halted, tmp_path / "pieces", 12, log, budget)
    train(LineTask(CONFIG), tmp_path / "pieces", 12, log, budget)
    one, two = ((tmp_path / name / METRICS).read_text() for name in ("unbroken", "pieces"))
    assert one == two
    assert _slope(tmp_path / "unbroken" / BEST) == _slope(tmp_path / "pieces" / BEST)


def test_what_was_best_at_the_checkpoint_is_written_again(tmp_path):
    train(Scored([2.0, 1.0]), tmp_path, 1, LOG, Budget(parts=1))
    slope = _slope(tmp_path / BEST)
    (tmp_path / BEST / "line.npz").unlink()  # killed between the checkpoint and the best parameters
    train(Scored([1.0]), tmp_path, 1, LOG, Budget(parts=1))
    assert _slope(tmp_path / BEST) == slope


def test_several_processes_have_no_budget(tmp_path, monkeypatch):
    monkeypatch.setattr(jax, "process_count", lambda: 2)
    with pytest.raises(BabbleError, match="trains in one process"):
        train(LineTask(CONFIG), tmp_path / "run", 2, LOG, Budget())
