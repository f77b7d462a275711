"""The summary of a corpus as text."""

import dataclasses

import pytest

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


def test_medians_have_intervals_and_recordings_of_one_are_named():
    """Four groups with gaps of 1.0, 1.1, 1.2 and 1.3 s; nine recordings of one."""
    talks = [
        dataclasses.replace(
            talk((0, 0, 1), (1, 2 + g / 10, 4), (0, 5 + g / 10, 6)), id=f"c{g}", group=f"g{g}"
        )
        for g in range(4)
    ]
    alone = [dataclasses.replace(talk((0, 0, 1)), id=f"alone{i}") for i in range(9)]
    values = events([*talks, *alone])
    lines = summary_text(values).splitlines()
    assert lines[0] == "4 conversations, 1.11 h"
    assert lines[2] == (
        "9 recordings in which fewer than two people are heard, not counted: "
        "alone0, alone1, alone2, alone3, alone4, alone5, alone6, alone7 and 1 more"
    )
    assert lines[7].split() == ["gap", "0.12", "0.14", "1150", "[1000,", "1300]"]
    assert lines[8].split() == ["overlap", "between", "0.00", "0.00", "-"]
    assert lines[-3].startswith("median 1150 ms [1000, 1300], mean 1150 ms")
    assert lines[-2:] == [
        "[ ]: 95 % intervals over 4 groups of conversations",
        "Intervals over 4 groups are a rough guide; trust those over 10 or more.",
    ]
    assert "[" not in summary_text(events(talks[:1]))


@pytest.mark.parametrize("groups", [1, 2, 9, 10])
def test_intervals_over_few_groups_are_a_rough_guide(groups):
    talks = [
        dataclasses.replace(talk((0, 0, 1), (1, 2, 4), (0, 5, 6)), id=f"c{g}", group=f"g{g}")
        for g in range(groups)
    ]
    text = summary_text(events(talks))
    assert ("are a rough guide" in text) == (groups in (2, 9))
    assert (f"[ ]: 95 % intervals over {groups} groups" in text) == (groups > 1)


def test_brackets_are_explained_where_only_pauses_have_intervals():
    talks = [
        dataclasses.replace(talk((0, 0, 1), (0, 2, 4), (1, 2.5, 3)), id=f"c{g}", group=f"g{g}")
        for g in range(10)
    ]
    values = events(talks)
    assert values["fto"]["n"] == 0
    assert summary_text(values).endswith("[ ]: 95 % intervals over 10 groups of conversations")
