"""Experiments are found, described and loaded."""

import pytest

from babble_jax.errors import BabbleError
from babble_jax.launch.experiment import describe, find_experiments, load_experiment, read_description


def test_a_docstring_gives_command_time_and_expected_values(toy):
    description = read_description(toy)
    assert description.summary == "Counts steps; the metric falls by the rate."
    assert description.command == "babble launch toy.py"
    assert description.time == "a second"
    assert description.expected == "bits of 8 less steps times rate"
    assert description.is_cheap


@pytest.mark.parametrize(
    ("prose", "time", "expected", "cheap"),
    [
        ("An hour on a core. Expected: 4.01 bits, not 7.73. More.", "an hour on a core", "4.01 bits, not 7.73", False),
        ("About two hours; it goes on. Expected bits: 3.", "about two hours", "bits: 3", False),
        ("Calls of 8 minutes. Takes two minutes on two cores.", "two minutes on two cores", "", True),
        ("Nothing of it.", "", "", False),
    ],
)  # fmt: skip
def test_sentences_of_time_and_expected_values(prose, time, expected, cheap):
    description = describe(f"Head.\n\n    command\n\n{prose}")
    assert (description.time, description.expected, description.is_cheap) == (time, expected, cheap)


def test_files_with_an_experiment_are_found(toy, tmp_path):
    (tmp_path / "other.py").write_text("x = 1\n")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "b.py").write_text("EXPERIMENT: object = None\n")
    assert find_experiments(tmp_path) == {"toy": toy}
    assert list(find_experiments(tmp_path, recursive=True)) == ["b", "toy"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1", "has no EXPERIMENT"),
        ("import dataclasses\n@dataclasses.dataclass\nclass A: pass\nEXPERIMENT = A()", "can change"),
        ("import dataclasses\n@dataclasses.dataclass(frozen=True)\nclass A: pass\nEXPERIMENT = A()", "no method run"),
    ],
)  # fmt: skip
def test_what_is_no_experiment_is_refused(tmp_path, monkeypatch, text, message):
    monkeypatch.setattr("sys.path", [])
    path = tmp_path / f"no_experiment_{len(text)}.py"
    path.write_text(text)
    with pytest.raises(BabbleError, match=message):
        load_experiment(str(path))


def test_files_that_are_none_are_refused(tmp_path):
    with pytest.raises(BabbleError, match="there is no such file"):
        load_experiment(str(tmp_path / "none.py"))
    (tmp_path / "json.py").write_text("EXPERIMENT = 1")
    with pytest.raises(BabbleError, match="a module named json is loaded already"):
        load_experiment(str(tmp_path / "json.py"))
    (tmp_path / "broken.py").write_text("def")
    with pytest.raises(BabbleError, match="line 1: is no Python"):
        read_description(tmp_path / "broken.py")
