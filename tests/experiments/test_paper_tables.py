"""Tables of the paper: a run that some table holds is never trained again, and an interrupted table loses none."""

import dataclasses
import json

import pytest

from experiments.pipelines import paper_table
from experiments.pipelines.paper_rows import BASE
from experiments.pipelines.paper_table import SEEDS, PaperTable

OTHER = dataclasses.replace(BASE, subsequence=64)
FIRST = PaperTable("speech", {"base": BASE})
SECOND = PaperTable("speech", {"other": OTHER, "base again": BASE})


@pytest.fixture
def trained(monkeypatch):
    """Lists what is trained, in order; runs after the second are interrupted where the list begins with None."""
    done = []

    def train(row, seed, shared, dataset):
        if done[:1] == [None] and len(done) == 3:
            raise KeyboardInterrupt
        done.append((row.subsequence, seed))
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

    monkeypatch.setattr(paper_table, "_trained", train)
    monkeypatch.setattr(PaperTable, "_dataset", lambda self, folder: folder)
    return done


def test_a_row_of_two_tables_is_trained_once(trained, tmp_path):
    first = FIRST.run(tmp_path / "work" / "a", tmp_path / "paper_a")
    assert trained == [(512, seed) for seed in SEEDS]
    second = SECOND.run(tmp_path / "work" / "b", tmp_path / "paper_b")
    assert trained == [(512, 0), (512, 1), (64, 0), (64, 1)]
    assert second["rows"]["base again"] == first["rows"]["base"]
    row = second["rows"]["other"]
    assert (row["bits"], row["spread"], row["below_markov"], row["minutes"]) == pytest.approx(
        (1.14, 1.0, 6.86, 3.0)
    )


def test_another_data_set_is_another_run(trained, tmp_path):
    FIRST.run(tmp_path / "work" / "a", tmp_path / "paper_a")
    dataclasses.replace(FIRST, source="music").run(tmp_path / "work" / "b", tmp_path / "paper_b")
    assert len(trained) == 2 * len(SEEDS)


def test_an_interrupted_table_goes_on(trained, tmp_path):
    trained.append(None)
    with pytest.raises(KeyboardInterrupt):
        SECOND.run(tmp_path / "work" / "b", tmp_path / "paper_b")
    rows = json.loads((tmp_path / "paper_b.json").read_text())["rows"]
    assert {name: len(row["runs"]) for name, row in rows.items()} == {"other": 1, "base again": 1}
    assert rows["other"]["spread"] is None
    trained.clear()
    SECOND.run(tmp_path / "work" / "b", tmp_path / "paper_b")
    assert trained == [(64, 1), (512, 1)]
