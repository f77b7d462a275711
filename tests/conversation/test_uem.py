"""UEM files: the windows of conversations in other files; and that pyannote.database reads the same."""

import pytest
from pyannote.database.util import load_uem

from babble_jax.conversation.formats.uem import parse
from babble_jax.conversation.reading import read
from babble_jax.conversation.source import Source
from babble_jax.errors import BabbleError
from tests.conversation import annotations
from tests.conversation.annotations import read_one, segments

ROWS = "talk 1 0.25 2.5\ntalk 1 3.25 7\nwalk NA 0 1\n"


@pytest.mark.parametrize("beside", [annotations.rttm, annotations.mdtm, annotations.stm, annotations.ctm])
def test_another_file_has_its_windows(tmp_path, beside):
    (tmp_path / "a").write_text(beside())
    (tmp_path / "b").write_text("talk 1 0.25 2.5\ntalk 1 3.25 7\n")
    conversation = read_one(tmp_path)
    assert conversation.windows.tolist() == [[0.25, 2.5], [3.25, 7]]
    assert segments(conversation) == annotations.SEGMENTS


def test_windows_that_touch_or_overlap_are_one(tmp_path):
    (tmp_path / "a").write_text(annotations.rttm())
    (tmp_path / "b").write_text(annotations.uem() + "talk 2 5 7\n")
    assert read_one(tmp_path).windows.tolist() == [[0, 7]]


def test_pyannote_says_the_same(tmp_path):
    (tmp_path / "x.uem").write_text(ROWS)
    ours, skipped = parse(Source("x", ROWS))
    assert skipped == []
    theirs = load_uem(tmp_path / "x.uem")
    assert {one.id: one.windows for one in ours} == {
        id: [(segment.start, segment.end) for segment in timeline] for id, timeline in theirs.items()
    }


def test_windows_of_nothing_are_listed_and_alone_refused(tmp_path):
    (tmp_path / "b").write_text(ROWS)
    with pytest.raises(
        BabbleError, match=r"windows of 2 conversations that no other file holds \(talk, walk\)"
    ):
        read(tmp_path / "b")
    (tmp_path / "a").write_text(annotations.rttm())
    (skip,) = read(tmp_path).skipped
    assert skip.reason == "windows of a conversation that no other file holds (walk)"


@pytest.mark.parametrize(
    ("row", "reason"),
    [("talk 1 3 2", "before the start"), ("talk 1 3", "3 fields"), ("talk 1 x 3", "is not a time")],
)
def test_broken_rows_are_listed(row: str, reason: str):
    annotations_, (skip,) = parse(Source("x", f"{ROWS}{row}\n"))
    assert (len(annotations_), skip.line) == (2, 4)
    assert reason in skip.reason


def test_empty_windows_are_none():
    annotations_, (skip,) = parse(Source("x", "talk 1 3 3\n"))
    assert annotations_ == []
    assert "empty" in skip.reason
