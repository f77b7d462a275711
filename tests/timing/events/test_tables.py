"""The tables of events: by hand, and beside the counts of the same conversations."""

import dataclasses
import sys

import numpy as np
import pytest

from babble_jax.errors import BabbleError
from babble_jax.timing.events import Definitions, Kind, events, ipus, pool_ftos, transitions
from babble_jax.timing.events.columns import BOOLEAN, COUNT, TABLES, TEXT, table_columns
from babble_jax.timing.events.measures import EVENTS
from tests.timing.events.events_reference import random_talk, talk

D = Definitions()
TYPES = {TEXT: object, COUNT: np.int64, BOOLEAN: bool}


@pytest.fixture(scope="module")
def conversations():
    return [random_talk(seed) for seed in range(6)]


def test_by_hand():
    """Half a minute: A 0-4 with B's yeah inside, B 3.5-7 overlapping, pause, B 8-9, gap, A 9.5-12."""
    conversation = talk(
        (0, 0, 4), (1, 1, 1.5), (1, 3.5, 7), (1, 8, 9), (0, 9.5, 12), windows=((0.0, 30.0),)
    )  # fmt: skip
    words = dataclasses.replace(conversation, labels=("so", "yeah", "well", "then", "no"))
    tables = events([words], tables="numpy", text=True)
    rows = {name: list(zip(*(column.tolist() for column in table.values()), strict=True)) for name, table in
            tables.items()}  # fmt: skip
    assert rows["ftos"] == [
        ("talk", "A", "B", 0, 4, 3.5, 9, -0.5, "overlap", "ipu", False, "so", "well then"),
        ("talk", "B", "A", 3.5, 9, 9.5, 12, 0.5, "gap", "ipu", False, "well then", "no"),
        ("talk", "A", "B", 0, 4, 3.5, 9, -0.5, "overlap", "turn", False, "so", "well then"),
        ("talk", "B", "A", 3.5, 9, 9.5, 12, 0.5, "gap", "turn", False, "well then", "no"),
    ]
    assert rows["transitions"] == [
        ("talk", "overlap_within", "A", "A", 1, 1.5, 0.5),
        ("talk", "overlap_between", "A", "B", 3.5, 4, 0.5),
        ("talk", "pause", "B", "B", 7, 8, 1),
        ("talk", "gap", "B", "A", 9, 9.5, 0.5),
    ]
    assert rows["ipus"][:2] == [
        ("talk", "A", 0, 4, 4, 0, 0, 30, False, "first", "first", "so"),
        ("talk", "B", 1, 1.5, 0.5, 0, 0, 30, True, "contained", "backchannel", "yeah"),
    ]
    (row,) = [dict(zip(tables["conversations"], row, strict=True)) for row in rows["conversations"]]
    assert [row[name] for name in ("speakers", "windows", "seconds")] == [2, 1, 30]
    shares = [row[f"{name}_share"] for name in ("silence", "solo", "overlap")]
    assert shares == pytest.approx([19.5 / 30, 9.5 / 30, 1 / 30])
    assert [row[f"gap_{name}"] for name in ("count", "seconds", "per_minute", "median")] == [1, 0.5, 2, 0.5]
    a, b = (dict(zip(tables["speakers"], row, strict=True)) for row in rows["speakers"])
    assert (a["speaker"], b["speaker"]) == ("A", "B")
    assert [a["speech_share"], a["share_of_speech"]] == pytest.approx([6.5 / 30, 6.5 / 11.5])
    assert [[one[f"{event}_count"] for event in EVENTS] for one in (a, b)] == [
        [2, 0, 1, 0, 1, 0],
        [3, 1, 0, 1, 0, 1],
    ]
    assert [a["fto_ipu_median"], b["fto_ipu_median"]] == [0.5, -0.5]


def test_the_columns_are_those_that_are_described(conversations):
    for text in (False, True):
        tables = events(conversations, tables="numpy", text=text)
        assert list(tables) == list(TABLES)
        for name, table in tables.items():
            assert list(table) == [column.name for column in table_columns(name, text)]
            assert len({len(column) for column in table.values()}) == 1
            for column in table_columns(name, text):
                assert table[column.name].dtype == TYPES.get(column.unit, np.float64), column.name


def test_the_tables_hold_what_is_counted(conversations):
    tables = events(conversations, tables="numpy")
    summary = events(conversations)
    minutes = 60 * summary["hours"]
    assert len(tables["conversations"]["conversation"]) == summary["conversations"] == 6
    for event in EVENTS:
        for name in ("conversations", "speakers"):
            count, seconds = (tables[name][f"{event}_{what}"].sum() for what in ("count", "seconds"))
            assert count == pytest.approx(summary["per_minute"][event] * minutes)
            assert seconds == pytest.approx(summary["seconds_per_minute"][event] * minutes)
    for kind in Kind:
        count = sum(np.count_nonzero(transitions(ipus(c, D)).kind == kind) for c in conversations)
        assert np.count_nonzero(tables["transitions"]["kind"] == kind.name.lower()) == count
    ftos = tables["ftos"]
    for fto_level in ("ipu", "turn"):
        rows = ftos["level"] == fto_level
        pooled = pool_ftos(conversations, fto_level, D)
        np.testing.assert_array_equal(ftos["fto"][rows], pooled.fto)
        np.testing.assert_array_equal(ftos["start"][rows], pooled.time)
        assert tables["speakers"][f"fto_{fto_level}_n"].sum() == len(pooled)
    np.testing.assert_array_equal(ftos["fto"], np.round(ftos["start"] - ftos["from_end"], 9))
    assert not ftos["backchannel"][ftos["level"] == "turn"].any()
    ipu = tables["ipus"]
    assert np.count_nonzero(ipu["reason_turn"] == "backchannel") == ipu["backchannel"].sum()


def test_a_recording_of_one_is_in_no_table_and_in_no_rate():
    both = talk((0, 0, 1), (1, 2, 3), windows=((0.0, 60.0),))
    alone = dataclasses.replace(talk((0, 0, 500)), id="alone")
    short = dataclasses.replace(talk((0, 0, 5), (1, 6, 6.01)), id="short")  # the other one has no IPU
    summary = events([alone, both, short])
    assert summary["monologues"] == ["alone", "short"]
    assert {**summary, "monologues": []} == events([both])
    tables = events([alone, both, short], tables="numpy")
    assert {name for table in tables.values() for name in table["conversation"]} == {"talk"}


def test_names_are_unique():
    one = talk((0, 0, 1), (1, 2, 3))
    other = dataclasses.replace(one, corpus="other")
    names = [*events([one, other, one], tables="numpy")["conversations"]["conversation"]]
    assert names == ["hand/talk#1", "other/talk", "hand/talk#2"]


def test_of_little_there_are_tables_without_rows():
    for conversations in ([], [talk()], [talk((0, 0, 1))], [talk(windows=())]):
        tables = events(conversations, tables="numpy")
        assert all(len(column) == 0 for table in tables.values() for column in table.values())
        assert [column.name for column in TABLES["ftos"] if "text" not in column.name] == [*tables["ftos"]]


def test_frames_are_the_same(conversations):
    arrays = events(conversations, tables="numpy", text=True)
    frames = events(conversations, tables="pandas", text=True)
    for name, frame in frames.items():
        assert list(frame.columns) == list(arrays[name])
        for column, values in arrays[name].items():
            np.testing.assert_array_equal(frame[column].to_numpy().astype(values.dtype), values)
    medians = frames["ftos"].groupby("level")["fto"].median()
    assert medians["turn"] == np.median(pool_ftos(conversations, "turn", D).fto)


def test_without_pandas_one_sentence_says_so(conversations, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(BabbleError, match=r"need the package pandas; install it with `pip install pandas`"):
        events(conversations, tables="pandas")


def test_another_kind_of_tables(conversations):
    with pytest.raises(BabbleError, match="no tables for 'polars'; choose numpy or pandas"):
        events(conversations, tables="polars")  # pyright: ignore[reportCallIssue, reportArgumentType]


def test_words_that_were_not_read():
    conversation = talk((0, 0, 1), (1, 2, 3))
    for labels in (None, ("", "")):
        with pytest.raises(
            BabbleError, match="hold no words: their files have none, or they were not read with"
        ):
            events([dataclasses.replace(conversation, labels=labels)], tables="numpy", text=True)
