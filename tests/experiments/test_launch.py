"""Experiments are found in their folders, are values, and say how they are run."""

import ast
import dataclasses
import importlib
import json
import re
from pathlib import Path

import pytest

from babble_jax import files
from babble_jax.launch.provenance import current_commit
from babble_jax.launch.values import values_of
from experiments import launch

FOLDER = Path(launch.__file__).parent
MODULES = launch.modules()
OPTIONAL_KEYS = {
    "LiveExperiment": {"simulated_rescaling", "curve", "kit", "closed_loop", "turing"},
    "ProsodyExperiment": {"tempo"},
}
"""Keys of the result that depend on the values of an experiment, by its class."""


@pytest.mark.parametrize("name", MODULES)
def test_an_experiment_is_a_frozen_value_whose_module_gives_its_command(name):
    module = importlib.import_module(MODULES[name])
    experiment = module.EXPERIMENT
    assert dataclasses.is_dataclass(experiment)
    assert experiment.__dataclass_params__.frozen  # pyright: ignore[reportAttributeAccessIssue]
    assert callable(experiment.run)  # pyright: ignore[reportAttributeAccessIssue]
    assert f"python -m experiments.launch {name}" in module.__doc__
    assert "Expected" in module.__doc__
    values_of(experiment, name)  # can be written as JSON and read


def test_every_result_of_an_experiment_has_its_experiment():
    results = {path.stem for path in (FOLDER / "results").glob("*.json")}
    assert {name for name in results if not name.startswith("bench_")} <= MODULES.keys()


def committed(name):
    """The committed result of an experiment; None where there is none."""
    path = FOLDER / "results" / f"{name}.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def test_every_committed_result_names_a_commit():
    for path in (FOLDER / "results").glob("*.json"):
        values = json.loads(path.read_text("utf-8"))
        assert values.get("commit") or values.get("file_commit"), path.name


def test_results_of_one_kind_of_experiment_have_the_same_keys():
    """A pipeline that returns other keys than it did leaves results that no longer belong together."""
    keys = {}
    for name, module in MODULES.items():
        if (result := committed(name)) is not None:
            kind = type(importlib.import_module(module).EXPERIMENT).__name__
            own = result.keys() - {"commit", "file_commit", "date", "machine"}
            keys.setdefault(kind, {})[name] = sorted(own - OPTIONAL_KEYS.get(kind, set()))
    for kind, results in keys.items():
        assert len({tuple(own) for own in results.values()}) == 1, (kind, results)


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda path: path.stem)
def test_commands_in_docstrings_exist(path):
    doc = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert doc
    for module, name in re.findall(r"python -m (experiments[\w.]*)(?: (\w+))?", doc):
        file = FOLDER.parent / module.replace(".", "/")
        assert file.with_suffix(".py").is_file() or (file / "__main__.py").is_file(), module
        if module == "experiments.launch" and name != "NAME":
            assert name in MODULES


def run(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["launch", *map(str, arguments)])
    launch.main()


def test_metrics_are_written_and_printed(monkeypatch, tmp_path, capsys):
    @dataclasses.dataclass(frozen=True)
    class Experiment:
        def run(self, work, results):
            return {"work": str(work), "results": str(results)}

    monkeypatch.setattr(importlib.import_module(MODULES["vad_bias"]), "EXPERIMENT", Experiment())
    run(monkeypatch, "vad_bias", "--work", tmp_path / "runs", "--results", tmp_path / "results")
    text = (tmp_path / "results" / "vad_bias.json").read_text()
    assert str(tmp_path / "runs" / "vad_bias") in text
    assert json.loads(text).get("commit") == current_commit()
    assert str(tmp_path / "results" / "vad_bias") in text
    assert capsys.readouterr().out == text


def test_an_unknown_experiment_is_refused_with_the_names(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(files, "write_json", pytest.fail)
    with pytest.raises(SystemExit) as stop:
        run(monkeypatch, "vad_bais", "--work", tmp_path, "--results", tmp_path)
    assert stop.value.code == 2
    message = capsys.readouterr().err
    assert message.startswith("launch: There is no experiment 'vad_bais'; choose from ")
    assert "vad_bias" in message
