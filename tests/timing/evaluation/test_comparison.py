import dataclasses
import json

import numpy as np
import pytest
import scipy.stats

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.timing import catalogue, preset
from babble_jax.timing.evaluation.comparison import Side, compare
from babble_jax.timing.evaluation.comparison_text import comparison_text, presets_text
from babble_jax.timing.events import Definitions, offsets, events


def talk(rows, seconds: float = 60.0, id: str = "talk") -> Conversation:
    speaker, onset, offset = (np.array([row[i] for row in rows]) for i in range(3))
    return Conversation(
        id=id,
        corpus="hand",
        speakers=("A", "B"),
        speaker=speaker.astype(np.int32),
        onset=onset.astype(np.float64),
        end=offset.astype(np.float64),
        mark=np.zeros(len(rows), np.uint8),
        unit="ipu",
        language=None,
        group=id,
        windows=np.array([[0.0, seconds]]),
    )


def turns(gap: float, count: int = 10, id: str = "talk") -> Conversation:
    """Turns of 2 s, `gap` apart."""
    return talk([(i % 2, i * (2 + gap), i * (2 + gap) + 2) for i in range(count)], id=id)


def rows(a: Side, b: Side) -> dict[str, dict]:
    return {row["name"]: row for row in compare(a, b).to_json()["rows"]}


def test_by_hand():
    found = rows(Side("short", [turns(0.25)]), Side("long", [turns(0.5, 8)]))
    assert found["gap_per_minute"] == {
        "name": "gap_per_minute", "a": 9.0, "b": 7.0, "distance": 2.0, "split_half": None,
    }  # fmt: skip
    assert found["gap_seconds_per_minute"]["a"] == pytest.approx(2.25)
    for name in ("gap_duration", "offset_ipu", "offset_turn"):
        row = found[name]
        assert [row["a"], row["b"], row["distance"]] == pytest.approx([0.25, 0.5, 0.25])
    assert found["ipu_duration"]["distance"] == pytest.approx(0, abs=1e-12)
    assert found["pause_duration"] == {
        "name": "pause_duration", "a": None, "b": None, "distance": None, "split_half": None,
    }  # fmt: skip
    assert found["offset_ipu_below_200ms"]["a"] == 0.0
    assert found["pause_per_minute"]["distance"] == 0.0


def corpus(seed: int, count: int = 9) -> list[Conversation]:
    rng = np.random.default_rng(seed)
    made = []
    for number in range(count):
        found, time, who = [], 0.0, 0
        for _ in range(40):
            who = 1 - who if rng.random() < 0.7 else who
            start = time + (rng.normal(0.2, 0.3) if found and who != found[-1][0] else rng.uniform(0.3, 1.0))
            start = max(start, 0.0, *(row[2] + 0.25 for row in found if row[0] == who), 0.0)
            time = max(time, start + rng.uniform(0.3, 3.0))
            found.append((who, start, max(start + 0.3, time)))
        made.append(talk(found, found[-1][2] + 1, f"c{number}"))
    return made


def test_figures_are_those_of_the_summary_and_distances_those_of_scipy():
    a, b = corpus(1), corpus(2)
    found = rows(Side("a", a), Side("b", b))
    standard = Definitions()
    one, other = (events(side, standard) for side in (a, b))
    for event in one["per_minute"]:
        for unit in ("per_minute", "seconds_per_minute"):
            row = found[f"{event}_{unit}"]
            assert row["a"] == pytest.approx(one[unit][event])
            assert row["b"] == pytest.approx(other[unit][event])
            assert row["distance"] == pytest.approx(abs(row["a"] - row["b"]))
    for fto_level in ("ipu", "turn"):
        values = [offsets(side, fto_level, standard).value for side in (a, b)]
        row = found[f"offset_{fto_level}"]
        assert row["distance"] == pytest.approx(scipy.stats.wasserstein_distance(*values))
        assert row["a"] == np.median(values[0])
        for share in ("below_zero", "below_200ms", "above_1s"):
            assert found[f"offset_{fto_level}_{share}"]["a"] == events(a, standard, fto_level)["fto"][share]


def test_a_side_beside_itself_is_no_distance_and_halves_are_some():
    side = Side("a", corpus(1))
    found = rows(side, side)
    assert {row["distance"] for row in found.values()} <= {0.0, None}
    assert found["offset_ipu"]["split_half"] > 0
    assert found == rows(side, side)  # the halvings are seeded


def test_halves_of_equal_conversations_do_not_differ():
    side = Side("a", [turns(0.25, id=str(i)) for i in range(4)])
    found = rows(side, Side("b", [turns(0.5)]))
    assert found["gap_duration"]["split_half"] == pytest.approx(0, abs=1e-12)
    assert found["gap_per_minute"]["split_half"] == pytest.approx(0, abs=1e-12)
    # One of four with other gaps makes halves of different means: 0 or 0.125 s apart on either side.
    odd = Side("a", [*side.conversations[:3], turns(0.5, id="odd")])
    assert rows(odd, side)["gap_duration"]["split_half"] == pytest.approx(0.125)


def test_definitions_matter():
    rows_ = [(0, 0.0, 1.0), (0, 1.19, 2.0), (1, 2.5, 3.0)]
    side = Side("a", [talk(rows_)])
    by_merge = [compare(side, side, Definitions(merge=merge)).rows[0].a for merge in (0.18, 0.2)]
    assert by_merge == [3.0, 2.0]


def test_a_preset_is_what_it_draws():
    shipped = preset.load_timing("switchboard")
    side = Side.of(shipped)
    assert sum(conversation.seconds for conversation in side.conversations) == 36_000
    again = Side.of(shipped)
    np.testing.assert_array_equal(side.conversations[7].onset, again.conversations[7].onset)
    with pytest.raises(BabbleError, match="switchboard knows no floor for two and draws no dialogue"):
        Side.of(dataclasses.replace(shipped, floor=None))


def test_the_text_holds_every_row():
    comparison = compare(Side("one.rttm", corpus(1, 3)), Side("other", [turns(0.5)]))
    text = comparison_text(comparison.to_json())
    assert text.startswith("A: one.rttm, 3 conversations, ")
    for row in comparison.rows:
        assert row.name.replace("_", " ") in text
    (line,) = [line for line in text.splitlines() if line.startswith("gap duration (ms)")]
    assert line.split()[4] == "500"
    (line,) = [line for line in text.splitlines() if line.startswith("overlap within duration (ms)")]
    assert line.split()[5] == "-"
    assert max(map(len, text.splitlines())) <= 100


def test_the_catalogue_holds_every_preset_with_its_card():
    found = catalogue.catalogue()
    assert [row["name"] for row in found] == preset.timing_names()
    json.dumps(found, allow_nan=False)
    (row,) = [row for row in found if row["name"] == "switchboard"]
    card = preset.load_timing("switchboard").models["ipu"].card
    assert (row["conversations"], row["corpus"], row["licence"]) == (2194, "switchboard", card.licence)
    law = row["levels"]["ipu"]
    assert (law["offsets"], law["heldout_nats"]) == (card.offsets, card.heldout_nats)
    assert law["median"] == pytest.approx(0.105, abs=0.02)  # the law's, beside the corpus's 105 ms
    assert law["below_zero"] == pytest.approx(0.377, abs=0.02)
    text = presets_text(found)
    for name in preset.timing_names():
        assert f"{name}: " in text
    assert "2194 conversations, 233.1 h of switchboard" in text
    without = presets_text([{**row, "floor": False, "source": "", "licence": ""}])
    assert "no floor for two: laws only" in without
