"""Benchmarks run, at a size that shows nothing but that they do."""

import dataclasses
import importlib
import json

import pytest
import tyro

from experiments.bench import machine

BENCHMARKS = {
    "ctc": "BenchCtc",
    "devices": "BenchDevices",
    "events": "Bench",
    "features": "BenchFeatures",
    "first_block": "Bench",
    "fit": "Bench",
    "quality": "BenchQuality",
    "memory": "BenchMemory",
    "session": "Bench",
    "simulate": "Bench",
    "speak": "BenchSpeak",
    "start_up": "Bench",
    "train": "BenchTrain",
}


@pytest.mark.parametrize("name", BENCHMARKS)
def test_options_have_defaults_and_help(name, capsys):
    options = getattr(importlib.import_module(f"experiments.bench.{name}"), BENCHMARKS[name])
    assert tyro.cli(options, args=[]) == options()
    with pytest.raises(SystemExit):
        tyro.cli(options, args=["--help"])
    assert "Attributes" not in capsys.readouterr().out


def test_the_start_of_a_verb_is_timed(tmp_path):
    from experiments.bench.start_up import Bench

    Bench(rounds=1, only=("babble --help",), results=tmp_path / "a.json").run()
    values = json.loads((tmp_path / "a.json").read_text())
    (row,) = values["rows"]
    assert row["command"] == "babble --help"
    assert all(row[name]["processor"] > 0 for name in ("numpy", "now"))
    assert [one["libraries_compiled"] for one in values["first_start"]] == [True, False]


def test_simulation_is_timed(tmp_path, capsys):
    from experiments.bench.simulate import Bench

    Bench(hours=(0.2, 0.4), results=tmp_path / "a.json").run()
    rows = json.loads((tmp_path / "a.json").read_text())["rows"]
    assert [row["hours"] for row in rows] == [0.2, 0.4]
    assert all(row["processor_seconds"] > 0 < row["bytes"] for row in rows)


@pytest.mark.slow
def test_training_and_generation_are_timed(monkeypatch):
    from experiments.bench import speak, train

    monkeypatch.setattr(train, "SECONDS", 0.01)
    row = train.bench(dim=8, batch=2, against="nothing")
    assert row["ours"] > 0
    assert 0 < row["peak_share"] < 1
    for kind in ("samplernn", "wavenet"):
        row = speak.bench(kind, dim=16, streams=1, against="nothing")
        assert row["ours"] == row["samplers"][row["sampler"]] > 0


@pytest.mark.slow
def test_time_to_quality_goes_on_where_it_was_stopped(tmp_path):
    from babble_jax.dataset.building import build_dataset
    from babble_jax.dataset.recipes import EXCERPT
    from experiments.bench.quality import BenchQuality

    options = BenchQuality(
        str(build_dataset(EXCERPT, tmp_path / "data", sample_rate=4_000).path),
        workdir=tmp_path / "run",
        dim=8,
        batch=4,
        marks=(0.01,),
        recordings=2,
        results=tmp_path / "a.json",
    )
    options.run()
    first = json.loads(options.results.read_text())["rows"]
    dataclasses.replace(options, marks=(0.01, 0.03)).run()
    rows = json.loads(options.results.read_text())["rows"]
    assert rows[:1] == first
    assert rows[1]["steps"] >= rows[0]["steps"] > 0  # the first update compiles, and may reach both marks
    assert all(0 < row["bits"] < 9 for row in rows)
    assert options.results.with_suffix(".png").stat().st_size > 1000


def test_the_arithmetic_of_many_devices():
    from experiments.bench.devices import COUNTS, Link, arithmetic, efficiency

    assert efficiency(1e9, 1.0, 1, Link("", 1e9, 1.0)) == 1.0
    assert efficiency(1e9, 1.0, 2, Link("", 1e9, 0.0)) == 0.5
    values = arithmetic()
    assert values["gradient_bytes"] == 4 * 23_438_592
    for link in values["links"]:
        shares = [link["efficiency"][str(count)] for count in COUNTS]
        assert shares == sorted(shares, reverse=True)


def test_a_rate_is_of_the_fastest_round():
    durations = iter([9, 3, 2, 4])
    clock = [0.0]

    def work():
        clock[0] += next(durations)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(machine.time, "perf_counter", lambda: clock[0])
        assert machine.fastest(work, rounds=3) == 2
