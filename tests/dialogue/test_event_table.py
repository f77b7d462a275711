"""The table of a dialogue beside its reference."""

from typing import Any

import pytest

from babble_jax.dialogue.event_table import compare_events, event_values, format_event_table, outside_rows
from babble_jax.timing.events import events
from tests.timing.events.events_reference import talk


def table(offsets: int, reference: str = "callhome-german") -> str:
    """Formats the table of a dialogue of so many floor-transfer offsets."""
    turns = [(i % 2, 3 * i, 3 * i + 2) for i in range(offsets + 1)]
    return format_event_table(compare_events(summary(*turns), summary((0, 0, 1), (1, 2, 3)), reference))


def summary(*segments: tuple[int, float, float]) -> dict[str, Any]:
    return events([talk(*segments)])


def test_the_columns_and_the_title_name_the_reference():
    text = table(2)
    title, heading, second, *_ = text.splitlines()
    assert title.strip() == "this dialogue beside callhome-german"
    assert heading.split() == ["this", "callhome-"]
    assert second.split() == ["dialogue", "german"]
    assert table(2, "switchboard").splitlines()[2].split() == ["dialogue", "switchboard"]
    assert "offsets below 200 ms " in table(2, "switchboard")
    assert "human" not in text
    assert "level ipu" in text


def test_a_long_name_stands_in_the_title_only():
    name = "a corpus [bold] with a conversation of a long name"
    title, heading, second, *_ = table(2, name).splitlines()
    assert name in title
    assert (heading.split(), second.split()) == (["this"], ["dialogue", "reference"])


@pytest.mark.parametrize(
    ("offsets", "sentence"),
    [
        (0, "0 here, 1 in callhome-german; too few to compare: make a longer dialogue"),
        (9, "too few to compare"),
        (10, "so few differ from one dialogue to the next by chance"),
        (100, "100 here, 1 in callhome-german"),
    ],
)
def test_the_caption_says_how_far_the_offsets_can_be_compared(offsets: int, sentence: str):
    text = table(offsets)
    assert sentence in " ".join(text.split())
    assert ("too few" in text) == (offsets < 10)
    assert max(map(len, text.splitlines())) <= 76


def test_the_range_of_pieces_stands_beside_it_and_what_lies_outside_is_marked():
    dialogue = summary(*[(i % 2, 3 * i, 3 * i + 2) for i in range(12)])
    low, high = (summary(*[(i % 2, 3 * i, 3 * i + k) for i in range(12)]) for k in (1.8, 2.2))
    ends = {"low": low, "high": {**high, "per_minute": {**low["per_minute"], "ipu": 30.0}}}
    ends["low"]["per_minute"]["ipu"] = 25.0
    values = compare_events(dialogue, dialogue, "people", **ends, pooled=low)
    values |= {
        "pieces": {"number": 400, "seconds": 36.0},
        "hours": 100.0,
        "typical": {"drawn": 200, "number": 7},
    }
    text = format_event_table(values)
    heads = [line.split() for line in text.splitlines()[1:3]]
    assert heads == [["this", "range", "100"], ["dialogue", "people", "in", "36", "s", "h", "drawn"]]
    assert outside_rows(values)[0] == "IPUs, per minute"
    assert f"{dialogue['per_minute']['ipu']:.1f}*" in text
    assert "25.0 to 30.0" in text
    assert "most typical of 200 drawn" in text
    assert "400 pieces of 36 s" in text
    assert f"{len(outside_rows(values))} of 15 rows" in text
    assert max(map(len, text.splitlines())) <= 76
    assert len(event_values(dialogue)) == 15


def test_a_dialogue_within_the_range_is_said_to_be():
    dialogue = summary(*[(i % 2, 3 * i, 3 * i + 2) for i in range(12)])
    values = compare_events(dialogue, dialogue, "people", low=dialogue, high=dialogue)
    values["pieces"] = {"number": 400, "seconds": 36.0}
    text = format_event_table(values)
    assert "Every row lies within it." in text
    assert "one drawn at random" in text
    assert "*" not in text
