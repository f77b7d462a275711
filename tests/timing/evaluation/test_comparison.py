"""Comparison of two sets of conversations."""

import numpy as np
import pytest
import scipy.stats

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.evaluation.comparison import ComparedSet, compare
from babble_jax.timing.events import Definitions, events, pool_ftos


def talk(rows, seconds: float = 60.0, id: str = "talk") -> Conversation:
    speaker, onset, end = (np.array([row[i] for row in rows]) for i in range(3))
    return Conversation(
        id=id,
        corpus="hand",
        speakers=("A", "B"),
        speaker=speaker.astype(np.int32),
        onset=onset.astype(np.float64),
        end=end.astype(np.float64),
        mark=np.zeros(len(rows), np.uint8),
        unit="ipu",
        language=None,
        group=id,
        windows=np.array([[0.0, seconds]]),
    )


def turns(gap: float, count: int = 10, id: str = "talk") -> Conversation:
    """Turns of 2 s, `gap` apart."""
    return talk([(i % 2, i * (2 + gap), i * (2 + gap) + 2) for i in range(count)], id=id)


def rows(a: ComparedSet, b: ComparedSet) -> dict[str, dict]:
    return {row["name"]: row for row in compare(a, b).to_json()["rows"]}


def test_by_hand():
    measures = rows(ComparedSet("short", [turns(0.25)]), ComparedSet("long", [turns(0.5, 8)]))
    assert measures["gap_per_minute"] == {
        "name": "gap_per_minute", "a": 9.0, "b": 7.0, "distance": 2.0, "split_half": None,
    }  # fmt: skip
    assert measures["gap_seconds_per_minute"]["a"] == pytest.approx(2.25)
    for name in ("gap_duration", "offset_ipu", "offset_turn"):
        row = measures[name]
        assert [row["a"], row["b"], row["distance"]] == pytest.approx([0.25, 0.5, 0.25])
    assert measures["ipu_duration"]["distance"] == pytest.approx(0, abs=1e-12)
    assert measures["pause_duration"] == {
        "name": "pause_duration", "a": None, "b": None, "distance": None, "split_half": None,
    }  # fmt: skip
    assert measures["offset_ipu_below_200ms"]["a"] == 0.0
    assert measures["pause_per_minute"]["distance"] == 0.0


def corpus(seed: int, count: int = 9) -> list[Conversation]:
    rng = np.random.default_rng(seed)
    conversations = []
    for number in range(count):
        segments, time, who = [], 0.0, 0
        for _ in range(40):
            who = 1 - who if rng.random() < 0.7 else who
            start = time + (
                rng.normal(0.2, 0.3) if segments and who != segments[-1][0] else rng.uniform(0.3, 1.0)
            )
            start = max(start, 0.0, *(row[2] + 0.25 for row in segments if row[0] == who), 0.0)
            time = max(time, start + rng.uniform(0.3, 3.0))
            segments.append((who, start, max(start + 0.3, time)))
        conversations.append(talk(segments, segments[-1][2] + 1, f"c{number}"))
    return conversations


def test_measures_are_those_of_the_events_and_distances_those_of_scipy():
    a, b = corpus(1), corpus(2)
    measures = rows(ComparedSet("a", a), ComparedSet("b", b))
    standard = Definitions()
    one, other = (events(conversations, standard) for conversations in (a, b))
    for event in one["per_minute"]:
        for unit in ("per_minute", "seconds_per_minute"):
            row = measures[f"{event}_{unit}"]
            assert row["a"] == pytest.approx(one[unit][event])
            assert row["b"] == pytest.approx(other[unit][event])
            assert row["distance"] == pytest.approx(abs(row["a"] - row["b"]))
    for fto_level in ("ipu", "turn"):
        values = [pool_ftos(conversations, fto_level, standard).fto for conversations in (a, b)]
        row = measures[f"offset_{fto_level}"]
        assert row["distance"] == pytest.approx(scipy.stats.wasserstein_distance(*values))
        assert row["a"] == np.median(values[0])
        for share in ("below_zero", "below_200ms", "above_1s"):
            assert (
                measures[f"offset_{fto_level}_{share}"]["a"] == events(a, standard, fto_level)["fto"][share]
            )


def test_a_set_beside_itself_is_no_distance_and_halves_are_some():
    one_set = ComparedSet("a", corpus(1))
    measures = rows(one_set, one_set)
    assert {row["distance"] for row in measures.values()} <= {0.0, None}
    assert measures["offset_ipu"]["split_half"] > 0
    assert measures == rows(one_set, one_set)  # the halvings are seeded


def test_halves_of_equal_conversations_do_not_differ():
    one_set = ComparedSet("a", [turns(0.25, id=str(i)) for i in range(4)])
    measures = rows(one_set, ComparedSet("b", [turns(0.5)]))
    assert measures["gap_duration"]["split_half"] == pytest.approx(0, abs=1e-12)
    assert measures["gap_per_minute"]["split_half"] == pytest.approx(0, abs=1e-12)
    # One of four with other gaps makes halves of different means: 0 or 0.125 s apart on either one_set.
    odd = ComparedSet("a", [*one_set.conversations[:3], turns(0.5, id="odd")])
    assert rows(odd, one_set)["gap_duration"]["split_half"] == pytest.approx(0.125)


def test_definitions_matter():
    rows_ = [(0, 0.0, 1.0), (0, 1.19, 2.0), (1, 2.5, 3.0)]
    one_set = ComparedSet("a", [talk(rows_)])
    by_merge = [compare(one_set, one_set, Definitions(merge=merge)).rows[0].a for merge in (0.18, 0.2)]
    assert by_merge == [3.0, 2.0]
