"""The table of a corpus, worked by hand, and its properties."""

import dataclasses
import json

import pytest

from babble_jax.timing.events import Definitions, count_events, events
from tests.timing.events.events_reference import talk

D = Definitions()
EVENTS = ["ipu", "pause", "gap", "overlap_between", "overlap_within", "backchannel"]


def test_by_hand():
    """Half a minute: A 0-4 with B's yeah inside, B 3.5-7 overlapping, pause, B 8-9, gap, A 9.5-12."""
    conversation = talk(
        (0, 0, 4), (1, 1, 1.5), (1, 3.5, 7), (1, 8, 9), (0, 9.5, 12), windows=((0.0, 30.0),)
    )  # fmt: skip
    table = events([conversation, conversation], D)
    assert table["conversations"] == 2
    assert table["hours"] == pytest.approx(1 / 60)
    assert list(table["per_minute"]) == list(table["seconds_per_minute"]) == EVENTS
    assert list(table["per_minute"].values()) == pytest.approx([10, 2, 2, 2, 2, 2])
    assert list(table["seconds_per_minute"].values()) == pytest.approx([23, 2, 1, 1, 1, 1])
    fto = table["fto"]
    assert (fto["level"], fto["n"]) == ("ipu", 4)
    assert [fto[k] for k in ("median", "mean", "sd")] == pytest.approx([0, 0, 0.5])
    assert [fto[k] for k in ("below_zero", "below_200ms", "above_1s")] == [0.5, 0.5, 0]


def test_medians_and_groups():
    """Two of three conversations share people: a median of all, and an interval over two groups."""
    talks = [
        dataclasses.replace(talk((0, 0, 1), (1, 1 + gap, 4)), group=group)
        for gap, group in ((0.1, "a"), (0.3, "a"), (0.2, "b"))
    ]
    table = events(talks, D)
    assert table["median_seconds"] | {"gap": 0.2, "pause": None} == table["median_seconds"]
    interval = table["interval"]
    assert interval["groups"] == 2
    assert interval["fto_median"] == interval["median_seconds"]["gap"] == [0.1, 0.3]
    assert interval["median_seconds"]["pause"] is None
    alone = events(talks[:2], D)["interval"]
    assert (alone["groups"], alone["fto_median"]) == (1, None)


def test_all_conversations_are_counted_where_one_is_asked_for():
    """A dialogue of a few seconds may have one speaker."""
    short = talk((0, 0, 1), windows=((0.0, 60.0),))
    assert events([short], D)["per_minute"]["ipu"] == 0
    assert count_events([short], D)["per_minute"]["ipu"] == 1
    pair = [talk((0, 0, 1), (1, 2, 3))]
    assert count_events(pair, D) | {"monologues": []} == events(pair, D)


def test_edges_of_the_shares():
    table = events([talk((0, 0, 1), (1, 1.2, 2), (0, 3, 4), (1, 4, 5), (0, 6.1, 7))], D)
    assert table["fto"]["n"] == 4  # 0.2, 1.0, 0.0, 1.1
    assert table["fto"]["below_zero"] == 0
    assert table["fto"]["below_200ms"] == 0.25
    assert table["fto"]["above_1s"] == 0.25


def test_level_turn():
    conversation = talk((0, 0, 5), (1, 5.2, 5.6), (0, 6, 9), (1, 9.5, 12))
    assert events([conversation], D, "turn")["fto"]["n"] == 1
    assert events([conversation], D, "turn")["per_minute"] == events([conversation], D)["per_minute"]


@pytest.mark.parametrize("conversations", [[], [talk()], [talk((0, 0, 1))], [talk(windows=())]])
def test_of_little_it_is_still_json(conversations):
    table = events(conversations, D)
    assert json.loads(json.dumps(table, allow_nan=False)) == table
    assert table["fto"] == {
        "level": "ipu", "n": 0, "median": None, "mean": None, "sd": None,
        "below_zero": None, "below_200ms": None, "above_1s": None,
    }  # fmt: skip
