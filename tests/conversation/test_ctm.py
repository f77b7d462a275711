"""CTM files: words of channels and of speakers, alternatives, recordings of one channel."""

import pytest

from babble_jax.conversation.reading import inspect
from tests.conversation import annotations
from tests.conversation.annotations import MARKS, marks, read_one, segments


def test_the_dialogue_comes_back(tmp_path):
    (tmp_path / "x").write_text(annotations.ctm() + annotations.ctm("walk"))
    reading = inspect(tmp_path / "x", text=True)
    assert reading.skipped == ()
    assert [one.id for one in reading.conversations] == ["talk", "walk"]
    for conversation in reading.conversations:
        assert segments(conversation) == annotations.SEGMENTS
        assert marks(conversation) == MARKS
        assert conversation.labels == ("well", "[laughter]", "well", "well")
        assert conversation.unit == "word"


@pytest.mark.parametrize(
    ("rows", "speakers"),
    [
        ("call 1 0 1 a 0.9 lex ann\ncall 1 2 1 b NA lex ben\n", ("ann", "ben")),
        ("call-A 1 0 1 a\ncall-B 1 2 1 b\n", ("A", "B")),
        ("call_ch1 1 0 1 a\ncall_ch2 1 2 1 b\n", ("ch1", "ch2")),
        ("call 1 0.0 1.0 7\ncall 2 2.0 1.0 8\n", ("1", "2")),  # no STM: the words are numbers
    ],
)
def test_speakers(tmp_path, rows: str, speakers: tuple[str, ...]):
    (tmp_path / "x").write_text(rows)
    conversation = read_one(tmp_path / "x")
    assert (conversation.id, conversation.speakers) == ("call", speakers)


def test_a_file_for_each_speaker_is_joined_by_the_names_of_the_files(tmp_path):
    for speaker, onset in (("ann", 1), ("ben", 2)):
        for id, end in (("call", 3), ("meal", 9)):
            (tmp_path / f"{id}_{speaker}.ctm").write_text(f"{id}_{speaker} 1 {onset} {end - onset} well\n")
    reading = inspect(tmp_path)
    assert [(one.id, one.speakers) for one in reading.conversations] == [
        ("call", ("ann", "ben")),
        ("meal", ("ann", "ben")),
    ]


def test_broken_rows_are_listed(tmp_path):
    (tmp_path / "x").write_text(
        annotations.ctm("walk") + annotations.ctm() + "talk A 1 -2 a\ntalk A 1\ntalk A x 2 a\n"
    )
    reading = inspect(tmp_path / "x")
    assert [skip.reason for skip in reading.skipped] == [
        "the duration -2 is negative",
        "3 fields where there should be at least 5 (file channel start duration word)",
        "'x' is not a time in seconds",
    ]
    assert segments(reading.conversations[1]) == annotations.SEGMENTS
