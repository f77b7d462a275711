"""Tables of the paper: a run that any table holds is not trained again, and an interrupted table loses none."""

import dataclasses
import importlib
import json
from pathlib import Path

import pytest

from experiments.launch import modules
from experiments.pipelines import paper_table
from experiments.pipelines.paper_rows import BASE
from experiments.pipelines.paper_table import SEEDS, PaperTable, run_name

RESULTS = Path(__file__).resolve().parents[2] / "experiments" / "results"
OTHER = dataclasses.replace(BASE, subsequence=64)
FIRST = PaperTable("speech", {"base": BASE})
SECOND = PaperTable("speech", {"other": OTHER, "base again": BASE})


@pytest.fixture
def trainings(monkeypatch):
    """Lists the trainings in order; the third is interrupted where the list begins with None."""
    trainings = []

    def train(row, seed, shared, dataset):
        if trainings[:1] == [None] and len(trainings) == 3:
            raise KeyboardInterrupt
        trainings.append((row.subsequence, seed))
        bits = row.subsequence / 100 + seed
        return {
            "bits": bits,
            "bits_per_amplitude": bits - 9.0,
            "parameters": 7,
            "minutes": 3.0 if seed else None,
            "samples": 5,
            "unigram": 9.0,
            "markov": 8.0,
        }

    monkeypatch.setattr(paper_table, "_train_and_score", train)
    monkeypatch.setattr(PaperTable, "_dataset", lambda self, folder: folder)
    return trainings


def test_a_row_of_two_tables_is_trained_once(trainings, tmp_path):
    first = FIRST.run(tmp_path / "work" / "a", tmp_path / "paper_a")
    assert trainings == [(512, seed) for seed in SEEDS]
    second = SECOND.run(tmp_path / "work" / "b", tmp_path / "paper_b")
    assert trainings == [(512, 0), (512, 1), (64, 0), (64, 1)]
    assert second["rows"]["base again"] == first["rows"]["base"]
    row = second["rows"]["other"]
    assert (row["bits"], row["spread"], row["below_markov"], row["minutes"]) == pytest.approx(
        (1.14, 1.0, 6.86, 3.0)
    )


def test_another_data_set_is_another_run(trainings, tmp_path):
    FIRST.run(tmp_path / "work" / "a", tmp_path / "paper_a")
    dataclasses.replace(FIRST, source="music").run(tmp_path / "work" / "b", tmp_path / "paper_b")
    assert len(trainings) == 2 * len(SEEDS)


def test_an_interrupted_table_goes_on(trainings, tmp_path):
    trainings.append(None)
    with pytest.raises(KeyboardInterrupt):
        SECOND.run(tmp_path / "work" / "b", tmp_path / "paper_b")
    rows = json.loads((tmp_path / "paper_b.json").read_text())["rows"]
    assert {name: len(row["runs"]) for name, row in rows.items()} == {"other": 1, "base again": 1}
    assert rows["other"]["spread"] is None
    trainings.clear()
    SECOND.run(tmp_path / "work" / "b", tmp_path / "paper_b")
    assert trainings == [(64, 1), (512, 1)]


@pytest.mark.parametrize("table", sorted(name for name in modules() if name.startswith("paper_")))
def test_no_run_of_the_committed_tables_would_be_trained_again(table):
    """A renamed field of a config changes the names of runs: the tables must be changed with it."""
    rows = json.loads((RESULTS / f"{table}.json").read_text("utf-8"))["rows"]
    experiment = importlib.import_module(modules()[table]).EXPERIMENT
    assert {label: set(row["runs"]) for label, row in rows.items()} == {
        label: {run_name(row, seed) for seed in SEEDS} for label, row in experiment.rows.items()
    }
