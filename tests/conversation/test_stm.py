"""STM files: speakers, channels, what is no segment; and that pyannote.database reads the same."""

import pytest
from pyannote.database.util import load_stm

from babble_jax.conversation.reading import inspect
from tests.conversation import annotations
from tests.conversation.annotations import MARKS, marks, read_one, segments


def test_the_dialogue_comes_back(tmp_path):
    (tmp_path / "x").write_text(annotations.stm() + annotations.stm("walk"))
    reading = inspect(tmp_path / "x", text=True)
    assert reading.skipped == ()
    assert [one.id for one in reading.conversations] == ["talk", "walk"]
    for conversation in reading.conversations:
        assert segments(conversation) == annotations.SEGMENTS
        assert marks(conversation) == MARKS
        assert conversation.labels == ("he said it", "[laughter]", "he said it", "he said it")
        assert conversation.windows.tolist() == [[0.5, 5.125]]


def test_pyannote_says_the_same(tmp_path):
    rows = "".join(f"talk 1 {s} {a} {b} <o,f0,male> well\n" for s, a, b in annotations.SEGMENTS)
    (tmp_path / "x.stm").write_text(rows)
    theirs = load_stm(tmp_path / "x.stm")["talk"].itertracks(yield_label=True)
    assert segments(read_one(tmp_path / "x.stm")) == [(label, seg.start, seg.end) for seg, _, label in theirs]


@pytest.mark.parametrize(
    ("rows", "speakers"),
    [
        ("call A unknown 0 1 a\ncall B unknown 2 3 b\n", ("A", "B")),
        ("call A ann 0 1 a\ncall B ben 2 3 b\n", ("ann", "ben")),
        ("call 1 ann 0 1 a\ncall 1 ben 2 3 b\n", ("ann", "ben")),
        ("call 1 12 0 1 a\ncall 1 13 2 3 b\n", ("12", "13")),
    ],
)
def test_speakers_and_channels(tmp_path, rows: str, speakers: tuple[str, ...]):
    (tmp_path / "x").write_text(rows)
    assert read_one(tmp_path / "x").speakers == speakers


def test_empty_texts_and_ignored_stretches_make_no_segment(tmp_path):
    rows = "call A ann 0 1 <o>\ncall A ann 1 2\ncall A ann 2 3 <o,f> IGNORE_TIME_SEGMENT_IN_SCORING\n"
    (tmp_path / "x").write_text(
        rows + "call A ann 3 4 <o> well\ncall B ben 4 5 <o> yes\ncall B ben 5 6 <o> <sil>\n"
    )
    assert segments(read_one(tmp_path / "x")) == [("ann", 3, 4), ("ben", 4, 5)]


def test_brackets_before_some_texts_are_no_labels(tmp_path):
    rows = "call A ann 0 1 <LAUGH>\ncall A ann 1 2 <UNK> yes\ncall B ben 3 4 <LAUGH> no\ncall B ben 5 6 <o,f0> well\n"
    (tmp_path / "x").write_text(rows + "call A ann 7 8 <BREATH>\ncall A ann 8 9 well\n")
    conversation = inspect(tmp_path / "x", text=True).conversations[0]
    assert conversation.labels == ("<LAUGH>", "<UNK> yes", "<LAUGH> no", "well", "well")
    assert marks(conversation) == [1, 0, 0, 0, 0]
