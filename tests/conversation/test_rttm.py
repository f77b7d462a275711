"""RTTM, and the sums of its times."""

import pytest
from pyannote.database.util import load_rttm

from babble_jax.conversation.layout.layout import Layout
from babble_jax.conversation.reading import inspect, read
from tests.conversation import annotations
from tests.conversation.annotations import read_one, segments


def test_rttm(tmp_path):
    path = tmp_path / "x"
    others = ";; a comment\nSPKR-INFO talk 1 <NA> <NA> <NA> unknown A <NA>\n"
    path.write_text(others + annotations.rttm("talk.cha") + annotations.rttm("walk"))
    reading = read(path)
    assert reading.skipped == ()
    assert [c.id for c in reading.conversations] == ["talk", "walk"]
    for conversation in reading.conversations:
        assert segments(conversation) == annotations.SEGMENTS
        assert conversation.windows.tolist() == [[0.5, 5.125]]
        assert (conversation.unit, conversation.language) == ("utterance", None)
        assert conversation.corpus == tmp_path.name
        assert conversation.group == conversation.id


def test_sums_of_decimal_times_are_decimal(tmp_path):
    assert 0.1 + 0.2 != 0.3
    (tmp_path / "x").write_text(
        "SPEAKER t 1 0.1 0.2 <NA> <NA> A <NA> <NA>\nSPEAKER t 1 0.3 1 <NA> <NA> B <NA> <NA>\n"
    )
    assert read_one(tmp_path / "x").end.tolist() == [0.3, 1.3]


def test_an_end_is_never_rounded_to_before_its_start(tmp_path):
    (tmp_path / "x").write_text("SPEAKER t 1 0.10000000049 1e-320 <NA> <NA> A <NA> <NA>\n")
    conversation = read_one(tmp_path / "x")
    assert conversation.end.tolist() == conversation.onset.tolist() == [0.10000000049]


ROW = "SPEAKER {file} 1 {onset} 2.00 <NA> <NA> {name} <NA> <NA>\n"


@pytest.mark.parametrize("row", [ROW, ROW.replace("<NA> <NA>\n", "0.9 0.1\n"), ROW.replace("\n", " <NA>\n")])
def test_names_with_spaces(tmp_path, row: str):
    rows = [(0, "Speaker 1"), (2.5, "Speaker 2"), (5, "Speaker 1")]
    text = "".join(row.format(file="call", onset=onset, name=name) for onset, name in rows)
    (tmp_path / "x").write_text(text)
    conversation = read_one(tmp_path / "x")
    assert segments(conversation) == [(name, onset, onset + 2) for onset, name in rows]


def test_files_with_spaces(tmp_path):
    text = ROW.format(file="my first call", onset=0, name="Ann") + ROW.format(
        file="my first call", onset=3, name="B C"
    )
    (tmp_path / "x").write_text(text)
    conversation = read_one(tmp_path / "x")
    assert (conversation.id, segments(conversation)) == ("my first call", [("Ann", 0, 2), ("B C", 3, 5)])


def test_a_row_of_too_many_fields_without_marks_is_listed(tmp_path):
    (tmp_path / "x").write_text(
        annotations.rttm() + "SPEAKER talk 1 0 2 <NA> <NA> the other person 1 extra text\n"
    )
    (skip,) = read(tmp_path / "x").skipped
    assert (skip.line, "no <NA> that shows where the names end" in skip.reason) == (5, True)


def test_speech_beside_voice_types_is_nobodys(tmp_path):
    rows = [("SPEECH", 0, 5), ("KCHI", 0, 1), ("FEM", 1.5, 2), ("SPEECH", 6, 2), ("CHI", 6, 1)]
    (tmp_path / "x").write_text(
        "".join(f"SPEAKER day 1 {a} {d} <NA> <NA> {name} <NA> <NA>\n" for name, a, d in rows)
    )
    reading = inspect(tmp_path / "x")
    assert reading.conversations[0].speakers == ("CHI", "FEM", "KCHI")
    assert [(tier.tier, tier.reason) for tier in reading.tiers if tier.speaker is None] == [
        ("SPEECH", "the speech of anybody, beside the voice types CHI, FEM, KCHI")
    ]
    assert inspect(tmp_path / "x", layout=Layout(tiers="SPEECH|FEM")).conversations[0].speakers == (
        "FEM",
        "SPEECH",
    )
    (tmp_path / "y").write_text(
        ROW.format(file="a", onset=0, name="SPEECH") + ROW.format(file="a", onset=3, name="Ann")
    )
    assert inspect(tmp_path / "y").conversations[0].speakers == ("Ann", "SPEECH")


def test_pyannote_says_the_same(tmp_path):
    (tmp_path / "x.rttm").write_text(annotations.rttm())
    theirs = load_rttm(tmp_path / "x.rttm")["talk"].itertracks(yield_label=True)
    assert segments(read_one(tmp_path / "x.rttm")) == [
        (name, part.start, part.end) for part, _, name in theirs
    ]


def test_names_with_spaces_in_rows_of_the_older_form(tmp_path):
    row = "SPEAKER call 1 {} 2.00 <NA> <NA> {} <NA>\n"
    rows = [(0, "Speaker 1"), (2.5, "Speaker 2"), (5, "Speaker 1")]
    (tmp_path / "x").write_text("".join(row.format(onset, name) for onset, name in rows))
    assert segments(read_one(tmp_path / "x")) == [(name, onset, onset + 2) for onset, name in rows]
    zero_and_one = [(0, "Speaker 0"), (2.5, "Speaker 1")]
    (tmp_path / "x").write_text("".join(row.format(onset, name) for onset, name in zero_and_one))
    assert read_one(tmp_path / "x").speakers == ("Speaker 0", "Speaker 1")
    (tmp_path / "x").write_text(row.format(0, "A 0") + row.format(3, "B 1"))  # two names: confidences
    assert read_one(tmp_path / "x").speakers == ("A", "B")
    (tmp_path / "x").write_text(row.format(0, "A 0.97") + row.format(3, "B 1"))  # a confidence
    assert segments(read_one(tmp_path / "x")) == [("A", 0, 2), ("B", 3, 5)]
    (tmp_path / "x").write_text(
        row.format(0, "A").replace("call", "my call") + row.format(3, "B").replace("call", "my call")
    )
    assert segments(read_one(tmp_path / "x")) == [("A", 0, 2), ("B", 3, 5)]


def test_a_text_with_spaces_between_tabs(tmp_path):
    row = "SPEAKER\tclip\t1\t{}\t0.5\t{}\t{{xds@ A}}\t{}\t<NA>\t<NA>\n"
    (tmp_path / "x").write_text(row.format(1, "Dad you!", "MC1") + row.format(2, "you got it?", "Male adult"))
    assert segments(read_one(tmp_path / "x")) == [("MC1", 1, 1.5), ("Male adult", 2, 2.5)]
