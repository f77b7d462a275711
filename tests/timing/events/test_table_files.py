"""Folders of tables: what is written is read back exactly; a README says what each column holds."""

import csv
import dataclasses
import importlib.util
import json
import re

import numpy as np
import pandas
import pytest

from babble_jax.conversation.reading import read
from babble_jax.errors import BabbleError
from babble_jax.files import sha256
from babble_jax.timing.events import Definitions, events
from babble_jax.timing.events.columns import TABLES, table_columns
from babble_jax.timing.events.table_files import write_tables
from tests.timing.events.events_reference import random_talk

NAMES = ('a, "b"', "line\nend", "Jürgen 日本", "NA")


@pytest.fixture(scope="module")
def tables():
    """Of conversations whose names, speakers and words are hard to write."""
    conversations = [
        dataclasses.replace(
            random_talk(seed), id=name, speakers=NAMES[:3], labels=tuple(NAMES[i % 4] for i in range(60))
        )
        for seed, name in enumerate(NAMES)
    ]
    return events(conversations, tables="numpy", text=True)


def test_csv_holds_the_numbers_exactly(tables, tmp_path):
    write_tables(tables, tmp_path / "out")
    for name, table in tables.items():
        with (tmp_path / "out" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            header, *rows = csv.reader(stream)
        assert header == list(table)
        for values, *fields in zip(table.values(), *rows, strict=True):
            if values.dtype == bool:
                assert [{"TRUE": True, "FALSE": False}[field] for field in fields] == values.tolist()
            elif values.dtype == object:
                assert fields == values.tolist()
            else:
                np.testing.assert_array_equal([float(field or "nan") for field in fields], values)
                assert all(len(field.partition(".")[2].partition("e")[0]) <= 9 for field in fields)


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_pandas_reads_every_table_in_one_line(tables, tmp_path, format):
    write_tables(tables, tmp_path / "out", format=format)
    for name, table in tables.items():
        path = tmp_path / "out" / f"{name}.{format}"
        if format == "parquet":
            frame = pandas.read_parquet(path)
        else:  # a speaker is called NA
            missing = {column: [""] for column, values in table.items() if values.dtype == np.float64}
            frame = pandas.read_csv(path, keep_default_na=False, na_values=missing)
        assert list(frame.columns) == list(table)
        for column, values in table.items():
            read = frame[column].to_numpy()
            if values.dtype == np.float64 and format == "csv":
                np.testing.assert_allclose(read, values, rtol=1e-15)
            else:
                np.testing.assert_array_equal(read.astype(values.dtype), values)
                assert values.dtype == object or read.dtype == values.dtype


def test_the_readme_describes_every_column(tables, tmp_path):
    for text in (False, True):
        parts = {
            name: {column.name: table[column.name] for column in table_columns(name, text)}
            for name, table in tables.items()
        }
        out = tmp_path / str(text)
        write_tables(parts, out, definitions=Definitions(merge=0.18), monologues=["alone\n"])
        readme = (out / "README").read_text("utf-8")
        described = re.findall(r"^(?:## (\w+)|\| `(\w+)` \| [^|]+ \| [^|]+ \|)$", readme, re.MULTILINE)
        assert described == [
            row for name in parts for row in [(name, ""), *(("", column) for column in parts[name])]
        ]
        assert "- merge: 0.18\n" in readme
        assert "in no table: alone\\n." in readme
        for name, table in parts.items():
            rows = f"{len(table['conversation'])} rows"
            if name == "ftos":
                ipu, turn = (np.count_nonzero(table["level"] == level) for level in ("ipu", "turn"))
                assert ipu + turn == len(table["level"])
                rows = f"{ipu} rows at level ipu, {turn} at level turn; select one by the column level"
            assert f"- `{name}.csv`: {rows}\n" in readme


def test_the_folder_is_replaced_only_when_told_and_only_if_its_own(tables, tmp_path):
    out = tmp_path / "out"
    write_tables(tables, out)
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["sha256"] == {
        path.name: sha256(path) for path in sorted(out.iterdir()) if path.suffix != ".json"
    }
    with pytest.raises(BabbleError, match=r"holds earlier babble_jax event tables; .* overwrite them with"):
        write_tables(tables, out, format="parquet")
    write_tables(tables, out, format="parquet", overwrite=True)
    assert {path.name for path in out.iterdir()} == {
        "README", "manifest.json", *(f"{name}.parquet" for name in TABLES)
    }  # fmt: skip
    (out / "mine.txt").touch()
    with pytest.raises(BabbleError, match="holds other files"):
        write_tables(tables, out, overwrite=True)


def test_a_folder_of_tables_is_no_annotation(tables, tmp_path):
    """Its tables have speakers, starts and ends, too."""
    rows = ["conversation,speaker,start,end", *(f"talk,{'AB'[i % 2]},{i},{i + 0.9}" for i in range(8))]
    (tmp_path / "talk.csv").write_text("\n".join(rows))
    write_tables(tables, tmp_path / "out")
    assert [conversation.id for conversation in read(tmp_path).conversations] == ["talk"]
    with pytest.raises(BabbleError, match="the folder holds tables of results"):
        read(tmp_path / "out")


def test_without_pyarrow_one_sentence_says_so(tables, tmp_path, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "pyarrow" else find(name))
    with pytest.raises(BabbleError, match=r"need the package pyarrow; install it with `pip install pyarrow`"):
        write_tables(tables, tmp_path / "out", format="parquet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_half_a_character_is_escaped_and_nothing_is_written_after_an_error(tables, tmp_path, format):
    wrong = {
        **tables,
        "ftos": {**tables["ftos"], "to": np.array(["\ud800"] * len(tables["ftos"]["to"]), object)},
    }
    write_tables(wrong, tmp_path / "out", format=format)
    path = tmp_path / "out" / f"ftos.{format}"
    frame = pandas.read_csv(path) if format == "csv" else pandas.read_parquet(path)
    assert set(frame["to"]) == {"\\ud800"}
    with pytest.raises((ValueError, TypeError)):
        write_tables(
            {**tables, "ftos": {"a": np.zeros(2), "b": np.zeros(1)}}, tmp_path / "new", format=format
        )
    assert [one.name for one in tmp_path.iterdir()] == ["out"]
