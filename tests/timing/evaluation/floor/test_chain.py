"""The generative floor. Axes: N IPUs."""

import dataclasses
import json
import time
from typing import cast

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.errors import BabbleError
from babble_jax.timing import events
from babble_jax.timing.distributions.families import JOHNSON_SU
from babble_jax.timing.distributions.family import from_json
from babble_jax.timing.evaluation.floor.chain import FloorModel, fit_floor
from babble_jax.timing.preset import load_preset

FLOOR = cast(FloorModel, load_preset("switchboard").floor)
DEFINITIONS = events.Definitions()
seeds = st.integers(0, 2**32 - 1)


@given(seed=seeds, seconds=st.floats(1, 120))
@settings(deadline=None, max_examples=60)
def test_measured_offsets_are_those_drawn(seed, seconds):
    onset, offset, speaker, drawn = FLOOR.draw(seed, seconds)
    ipus = events.ipus(FLOOR.sample(seed, seconds), DEFINITIONS)
    assert len(ipus) == len(onset)  # nothing was merged or dropped
    np.testing.assert_array_equal(ipus.onset, onset)
    np.testing.assert_array_equal(ipus.end, offset)
    np.testing.assert_array_equal(ipus.speaker, speaker)
    measured = events.floor_transfers(ipus, "ipu", DEFINITIONS)
    np.testing.assert_array_equal(measured.defined, np.isfinite(drawn))
    np.testing.assert_allclose(measured.value[measured.defined], drawn[np.isfinite(drawn)], atol=1e-8)


@given(seed=seeds)
@settings(deadline=None, max_examples=60)
def test_only_what_is_possible_is_drawn(seed):
    """Stated without the sweep: from the rows as they come, one host after the other."""
    onset, offset, speaker, drawn = FLOOR.draw(seed, 120.0)
    for s in (0, 1):
        own = speaker == s
        silence = onset[own][1:] - offset[own][:-1]
        assert np.all(silence >= DEFINITIONS.merge - 2e-9)
    assert np.all(offset - onset >= DEFINITIONS.min_ipu - 2e-9)
    assert onset[0] >= 0
    assert offset.max() <= 120.0
    assert np.all(np.diff(onset) >= 0)
    host = 0
    for row in range(1, len(onset)):
        if np.isfinite(drawn[row]):
            assert speaker[row] != speaker[host]
            assert onset[row] >= onset[host]  # nobody starts before the other's turn has begun
            assert offset[row] > offset[host]  # nobody's overlap ends the own turn
            host = row
        elif speaker[row] == speaker[host]:
            assert onset[row] >= offset[host] + DEFINITIONS.merge - 2e-9
            host = row
        else:
            assert onset[host] <= onset[row]
            assert offset[row] <= offset[host]


def test_the_seed_decides():
    one, two, other = FLOOR.draw(7, 60.0), FLOOR.draw(7, 60.0), FLOOR.draw(8, 60.0)
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)
    assert one[0].tolist() != other[0].tolist()


def test_a_longer_dialogue_begins_like_a_shorter_one():
    short, long = FLOOR.draw(7, 60.0), FLOOR.draw(7, 90.0)
    hosts = len(short[0]) - 3  # what falls into the last host depends on what comes after it
    for a, b in zip(short, long, strict=True):
        np.testing.assert_array_equal(a[:hosts], b[:hosts])


def test_drawing_is_fast():
    FLOOR.draw(0, 1.0)
    start = time.process_time()
    for seed in range(10):
        FLOOR.draw(seed, 60.0)
    assert (time.process_time() - start) / 10 < 0.02


def test_the_conversation_says_what_it_is():
    dialogue = FLOOR.sample(3, 30.0)
    assert dialogue.speakers == ("A", "B")
    assert dialogue.unit == "ipu"
    assert dialogue.seconds == 30.0
    assert set(dialogue.speaker.tolist()) == {0, 1}


@pytest.mark.parametrize("seconds", [0.0, -1.0, np.nan, np.inf])
def test_a_dialogue_needs_seconds(seconds):
    with pytest.raises(BabbleError, match="seconds cannot be drawn"):
        FLOOR.sample(0, seconds)


@pytest.fixture(scope="module")
def simulated():
    return [FLOOR.sample(seed, 600.0) for seed in range(60)]


@pytest.fixture(scope="module")
def refitted(simulated) -> FloorModel:
    return fit_floor(simulated)


def test_a_fit_recovers_the_floor(refitted):
    """Parameters fitted on ten hours drawn from the model are the model's."""
    grid = np.linspace(-2, 2, 200)
    with jax.enable_x64(True):
        one, two = (
            np.asarray(JOHNSON_SU.cdf(from_json(JOHNSON_SU, floor.fto), grid)) for floor in (FLOOR, refitted)
        )
    # the law before truncation, far below the bounds, is told only by its right side: judge where it is seen
    assert np.max(np.abs(one - two)) < 0.04
    assert refitted.contained_per_second == pytest.approx(FLOOR.contained_per_second, rel=0.1)
    middle = slice(8, 41)  # between the quantiles .067 and .933
    np.testing.assert_allclose(refitted.pause[middle], FLOOR.pause[middle], rtol=0.08)
    inner = slice(16, 33)  # the quartiles: there are 1,500 contained IPUs
    np.testing.assert_allclose(refitted.contained[inner], FLOOR.contained[inner], rtol=0.15)
    for step, table in FLOOR.duration.items():
        np.testing.assert_allclose(refitted.duration[step][middle], table[middle], rtol=0.2)
        np.testing.assert_allclose(refitted.hold[step], FLOOR.hold[step], atol=0.08)


def test_a_fit_keeps_mean_durations(simulated, refitted):
    ipus = [events.ipus(dialogue, DEFINITIONS) for dialogue in simulated]
    pauses = np.concatenate(
        [t.end[t.kind == 0] - t.start[t.kind == 0] for t in map(events.transitions, ipus)]
    )
    width = np.diff(0.5 - 0.5 * np.cos(np.pi * np.arange(49) / 48))
    table = np.asarray(refitted.pause)
    assert np.sum(width * (table[1:] + table[:-1])) / 2 == pytest.approx(pauses.mean(), rel=1e-3)


def test_json_round_trip():
    assert FloorModel.from_json(json.loads(json.dumps(FLOOR.to_json()))) == FLOOR


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("pause", [0.2] * 3, "pause must be 49"),
        ("pause", [0.1] * 49, "below the merge"),
        ("contained", [2.0, *FLOOR.contained[1:]], "contained must be"),
        ("contained_per_second", 0.0, "contained_per_second"),
        ("hold", {"hold": [0.5] * 8}, "keys hold, shift"),
        ("hold", {step: [1.5] * 8 for step in FLOOR.hold}, "probabilities"),
        ("offset", {"loc": 0.0}, "johnson_su"),
    ],
)
def test_a_floor_that_makes_no_sense_is_refused(field, value, message):
    with pytest.raises(BabbleError, match=message):
        FloorModel.from_json({**FLOOR.to_json(), field: value})


def test_too_little_for_a_floor():
    with pytest.raises(BabbleError, match="conversations of two"):
        fit_floor([])
    with pytest.raises(BabbleError, match="give more conversations"):
        fit_floor([FLOOR.sample(0, 60.0)])


def test_a_meeting_of_three_is_left_out(simulated, refitted):
    meeting = dataclasses.replace(simulated[0], speakers=("A", "B", "C"))
    assert fit_floor([*simulated, meeting]) == refitted
