"""Experiments with ears run, at a size that shows nothing but that they do; a curve goes on where it was stopped.

All here compile networks, and are slow.
"""

import dataclasses
import json

import numpy as np
import pytest

from babble_jax.audio.level import active_level_db
from babble_jax.train.config import OptimizerConfig
from babble_jax.train.tasks.ear.config import EarShape
from experiments.pipelines.ear import EarExperiment
from experiments.pipelines.ear_curve import EarCurveExperiment
from experiments.pipelines.ear_noise import degrade
from experiments.pipelines.ear_scores import score_strings
from tests.dataset.labelled.folders import festival

SHAPE = EarShape(bands=16, context=1, dim=12, layers=1, recurrent=6, recurrent_layers=1)
OPTIMIZER = OptimizerConfig(learning_rate=1e-2)


@pytest.fixture(scope="module")
def voice(tmp_path_factory):
    return festival(tmp_path_factory.mktemp("labelled") / "voice", count=24)


@pytest.mark.slow
def test_a_curve_has_a_row_for_each_value_and_trains_none_twice(voice, tmp_path):
    values = (0.0, 0.1)
    experiment = EarCurveExperiment("warp", values, SHAPE, OPTIMIZER, 2, (0.9, 1.0), str(voice))
    work, results = tmp_path / "work", tmp_path / "results" / "curve"
    work.mkdir()
    first = experiment.run(work, results)
    assert [row["value"] for row in first["rows"]] == [0.0, 0.1]
    for row in first["rows"]:
        assert row["low"] <= row["rate"] <= row["high"]
        # the second factor is none
        assert row["changed"][1] == {name: row[name] for name in ("rate", "low", "high")}
    times = [path.stat().st_mtime_ns for path in work.rglob("*.json")]
    assert json.loads(json.dumps(experiment.run(work, results))) == json.loads(json.dumps(first))
    assert [path.stat().st_mtime_ns for path in work.rglob("*.json")] == times
    assert results.with_suffix(".png").stat().st_size > 1000


def test_a_curve_changes_the_value_that_it_is_named_by(tmp_path):
    shape = dataclasses.replace(SHAPE, direction="forward")
    experiment = EarCurveExperiment("look_ahead", (0.0, 160.0), shape, OPTIMIZER, 2)
    assert [experiment.config(value, tmp_path).model.look_ahead for value in (0.0, 160.0)] == [0, 8]
    experiment = dataclasses.replace(experiment, axis="minutes")
    assert experiment.config(20.0, tmp_path).most_minutes == 20
    experiment = dataclasses.replace(experiment, axis="warp")
    assert experiment.config(0.1, tmp_path).warp == 0.1
    experiment = dataclasses.replace(experiment, axis="equalize")
    assert experiment.config(6.0, tmp_path).equalize == 6


def test_recordings_are_degraded_by_so_much():
    rate, time = 16_000, np.arange(32_000) / 16_000
    sound = (0.1 * np.sin(2 * np.pi * 300 * time) * (time % 1 < 0.6)).astype(np.float32)
    noisy = degrade(sound, rate, 20, 1)
    assert 10 * np.log10(np.square(noisy - sound).mean()) == pytest.approx(
        active_level_db(sound, rate) - 20, abs=0.1
    )
    error = degrade(sound, rate, None, 1) - sound
    assert 0 < np.abs(error[:9000]).max() < 0.1 / 255 * np.log(256) * 1.2  # half a bin where it is loudest


@pytest.mark.slow
def test_an_ear_of_letters_is_scored_in_letters_characters_and_words(voice, tmp_path):
    experiment = EarExperiment(SHAPE, OPTIMIZER, 2, str(voice), symbols="graphemes")
    values = experiment.run(tmp_path, tmp_path / "letters")
    assert {*values["error_rate"]} == {"letters", "characters", "words"}
    for rates in values["error_rate"].values():
        assert {*rates} == {"greedy", "beam", "greedy_float32", "unigram", "bigram"}
    assert values["alignment"] is None


def test_strings_are_scored_by_what_is_read_of_them():
    reference, other = [[*"on a"]], [[*"in a"]]
    assert score_strings(reference, {"a": other})["a"]["rate"] == 0.25
    words = score_strings(reference, {"a": other}, lambda string: "".join(string).split())
    assert words["a"] == {"rate": 0.5, "low": 0.5, "high": 0.5}
