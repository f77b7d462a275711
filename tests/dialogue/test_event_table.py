"""The table of a dialogue beside its reference."""

from typing import Any

import pytest

from babble_jax.dialogue.event_table import compare_events, format_event_table
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
    assert heading.split() == ["callhome-", "callhome-"]
    assert second.split() == ["per", "minute", "german", "s", "per", "minute", "german"]
    assert table(2, "switchboard").splitlines()[1].split()[2] == "switchboard"
    assert "offsets below 200 ms " in table(2, "switchboard")
    assert "human" not in text
    assert "level ipu" in text


def test_a_long_name_stands_in_the_title_only():
    name = "a corpus [bold] with a conversation of a long name"
    title, heading, *_ = table(2, name).splitlines()
    assert name in title
    assert heading.split() == ["per", "minute", "reference", "s", "per", "minute", "reference"]


@pytest.mark.parametrize(
    ("offsets", "sentence"),
    [
        (0, "0 here, 1 in callhome-german; too short to compare; ask for 60 s or more"),
        (9, "too short to compare"),
        (10, "so few differ from one dialogue to the next by chance"),
        (100, "100 here, 1 in callhome-german"),
    ],
)
def test_the_caption_says_how_far_the_offsets_can_be_compared(offsets: int, sentence: str):
    text = table(offsets)
    assert sentence in " ".join(text.split())
    assert ("too short" in text) == (offsets < 10)
    assert max(map(len, text.splitlines())) <= 76
