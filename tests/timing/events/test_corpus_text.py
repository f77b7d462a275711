"""The summary of a corpus as text."""

from babble_jax.timing.events import events
from babble_jax.timing.events.corpus_text import summary_text
from tests.timing.events.events_reference import talk

TALK = talk((0, 0, 1), (1, 2, 3), windows=((0.0, 36.0),))


def test_few_speakers_are_named_and_many_are_counted():
    values = events([TALK])
    lines = summary_text(values, ["Ann", "Ben", "comments", "Ann"]).splitlines()
    assert lines[:2] == ["1 conversation, 0.01 h", "3 speaker names: Ann, Ben, comments"]
    for count in (8, 9):
        line = summary_text(values, [f"P{i}" for i in range(count)]).splitlines()[1]
        assert line == (
            "8 speaker names: P0, P1, P2, P3, P4, P5, P6, P7" if count == 8 else "9 speaker names"
        )
    assert summary_text(events([TALK, TALK]), ["A"]).splitlines()[:2] == [
        "2 conversations, 0.02 h",
        "1 speaker name: A",
    ]


def test_a_name_that_cannot_be_printed_is_escaped():
    assert "1 speaker name: a\\nb" in summary_text(events([TALK]), ["a\nb"])
