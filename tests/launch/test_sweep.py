"""Sweeps give the values of each run."""

import pytest

from babble_jax.errors import BabbleError
from babble_jax.launch.sweep import options_of, parse_sweep, read_sweep


def test_values_are_crossed():
    points = parse_sweep(["optimizer.learning_rate=1e-3, 2e-3", "seed=0:3"])
    assert len(points) == 6
    assert points[0] == {"optimizer.learning-rate": "1e-3", "seed": "0"}
    assert points[-1] == {"optimizer.learning-rate": "2e-3", "seed": "2"}
    assert parse_sweep([]) == [{}]
    assert [point["seed"] for point in parse_sweep(["seed=0:10:4"])] == ["0", "4", "8"]


def test_fields_are_drawn_within_their_range_and_the_same_each_time():
    points = parse_sweep(["rate=log:1e-4:1e-2", "noise=uniform:0:1", "seed=0:2"], samples=40)
    assert len(points) == 80
    rates = [float(point["rate"]) for point in points[::2]]
    assert all(1e-4 <= rate <= 1e-2 for rate in rates)
    assert 8 < sum(rate < 1e-3 for rate in rates) < 32  # evenly by the logarithm
    assert points[0]["rate"] == points[1]["rate"]  # both seeds have the same draw
    assert points == parse_sweep(["rate=log:1e-4:1e-2", "noise=uniform:0:1", "seed=0:2"], samples=40)


def test_options_of_flags_tuples_and_nested_fields():
    point = {"model.skip": "false", "loud": "true", "shape": "8 2", "rate": "1"}
    assert options_of(point) == ["--model.no-skip", "--loud", "--shape", "8", "2", "--rate", "1"]


@pytest.mark.parametrize(
    "word", ["seed", "=1", "seed=", "seed=1,,2", "seed=3:3", "seed=1,1", "x=log:0:1", "x=log:a:b"]
)
def test_words_that_are_no_sweep_are_refused(word):
    with pytest.raises(BabbleError, match="--sweep"):
        parse_sweep([word])


def test_too_many_runs_and_fields_twice_are_refused():
    with pytest.raises(BabbleError, match="stands there twice"):
        parse_sweep(["seed=1", "--seed=2"])
    with pytest.raises(BabbleError, match="makes 1000000 runs"):
        parse_sweep(["a=0:1000", "b=0:1000"])


def test_a_file_holds_a_sweep(tmp_path):
    path = tmp_path / "sweep.toml"
    path.write_text('seed = "0:2"\nshape = [[1, 2], [3]]\n[optimizer]\nrate = [0.1, 0.2]\nloud = [true]\n')
    assert read_sweep(path) == ["seed=0:2", "shape=1 2,3", "optimizer.rate=0.1,0.2", "optimizer.loud=true"]
    path.write_text("seed = \n")
    with pytest.raises(BabbleError, match="is no TOML"):
        read_sweep(path)
    path.write_text("seed = 1979-05-27\n")
    with pytest.raises(BabbleError, match="neither a list"):
        read_sweep(path)
