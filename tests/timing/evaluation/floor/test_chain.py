"""The chain of IPUs. Axes: N IPUs."""

import dataclasses
import json
import time

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.errors import BabbleError
from babble_jax.timing import events
from babble_jax.timing.distributions.families import JOHNSON_SU
from babble_jax.timing.distributions.family import from_json
from babble_jax.timing.evaluation.floor.chain import FloorChain, fit_chain
from tests.timing.chain import switchboard_chain

CHAIN = switchboard_chain()
DEFINITIONS = events.Definitions()
seeds = st.integers(0, 2**32 - 1)


@given(seed=seeds, seconds=st.floats(1, 120))
@settings(deadline=None, max_examples=60)
def test_measured_offsets_are_those_drawn(seed, seconds):
    onset, end, speaker, fto = CHAIN.draw(seed, seconds)
    ipus = events.ipus(CHAIN.sample(seed, seconds), DEFINITIONS)
    assert len(ipus) == len(onset)  # nothing was merged or dropped
    np.testing.assert_array_equal(ipus.onset, onset)
    np.testing.assert_array_equal(ipus.end, end)
    np.testing.assert_array_equal(ipus.speaker, speaker)
    measured = events.floor_transfers(ipus, "ipu", DEFINITIONS)
    np.testing.assert_array_equal(measured.defined, np.isfinite(fto))
    np.testing.assert_allclose(measured.fto[measured.defined], fto[np.isfinite(fto)], atol=1e-8)


@given(seed=seeds)
@settings(deadline=None, max_examples=60)
def test_only_what_is_possible_is_drawn(seed):
    """Stated without the sweep: from the rows as they come, one host after the other."""
    onset, end, speaker, fto = CHAIN.draw(seed, 120.0)
    for s in (0, 1):
        own = speaker == s
        silence = onset[own][1:] - end[own][:-1]
        assert np.all(silence >= DEFINITIONS.merge - 2e-9)
    assert np.all(end - onset >= DEFINITIONS.min_ipu - 2e-9)
    assert onset[0] >= 0
    assert end.max() <= 120.0
    assert np.all(np.diff(onset) >= 0)
    host = 0
    for row in range(1, len(onset)):
        if np.isfinite(fto[row]):
            assert speaker[row] != speaker[host]
            assert onset[row] >= onset[host]  # nobody starts before the other's turn has begun
            assert end[row] > end[host]  # nobody's overlap ends the own turn
            host = row
        elif speaker[row] == speaker[host]:
            assert onset[row] >= end[host] + DEFINITIONS.merge - 2e-9
            host = row
        else:
            assert onset[host] <= onset[row]
            assert end[row] <= end[host]


def test_the_seed_decides():
    one, two, other = CHAIN.draw(7, 60.0), CHAIN.draw(7, 60.0), CHAIN.draw(8, 60.0)
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)
    assert one[0].tolist() != other[0].tolist()


def test_a_longer_dialogue_begins_like_a_shorter_one():
    short, long = CHAIN.draw(7, 60.0), CHAIN.draw(7, 90.0)
    hosts = len(short[0]) - 3  # what falls into the last host depends on what comes after it
    for a, b in zip(short, long, strict=True):
        np.testing.assert_array_equal(a[:hosts], b[:hosts])


def test_drawing_is_fast():
    CHAIN.draw(0, 1.0)
    start = time.process_time()
    for seed in range(10):
        CHAIN.draw(seed, 60.0)
    assert (time.process_time() - start) / 10 < 0.02


def test_the_conversation_says_what_it_is():
    dialogue = CHAIN.sample(3, 30.0)
    assert dialogue.speakers == ("A", "B")
    assert dialogue.unit == "ipu"
    assert dialogue.seconds == 30.0
    assert set(dialogue.speaker.tolist()) == {0, 1}


@pytest.mark.parametrize("seconds", [0.0, -1.0, np.nan, np.inf])
def test_a_dialogue_needs_seconds(seconds):
    with pytest.raises(BabbleError, match="seconds cannot be drawn"):
        CHAIN.sample(0, seconds)


@pytest.fixture(scope="module")
def simulated():
    return [CHAIN.sample(seed, 600.0) for seed in range(60)]


@pytest.fixture(scope="module")
def refitted(simulated) -> FloorChain:
    return fit_chain(simulated)


def test_a_fit_recovers_the_chain(refitted):
    """Parameters fitted on ten hours drawn from the model are the model's."""
    grid = np.linspace(-2, 2, 200)
    with jax.enable_x64(True):
        one, two = (
            np.asarray(JOHNSON_SU.cdf(from_json(JOHNSON_SU, chain.fto), grid)) for chain in (CHAIN, refitted)
        )
    # only the right side of the distribution before truncation has data: judge where there are some
    assert np.max(np.abs(one - two)) < 0.04
    assert refitted.contained_per_second == pytest.approx(CHAIN.contained_per_second, rel=0.1)
    middle = slice(8, 41)  # between the quantiles .067 and .933
    np.testing.assert_allclose(refitted.pause[middle], CHAIN.pause[middle], rtol=0.08)
    inner = slice(16, 33)  # the quartiles: there are 1,500 contained IPUs
    np.testing.assert_allclose(refitted.contained[inner], CHAIN.contained[inner], rtol=0.15)
    for step, table in CHAIN.duration.items():
        np.testing.assert_allclose(refitted.duration[step][middle], table[middle], rtol=0.2)
        np.testing.assert_allclose(refitted.hold[step], CHAIN.hold[step], atol=0.08)


def test_a_fit_keeps_mean_durations(simulated, refitted):
    ipus = [events.ipus(dialogue, DEFINITIONS) for dialogue in simulated]
    pauses = np.concatenate(
        [t.end[t.kind == 0] - t.start[t.kind == 0] for t in map(events.transitions, ipus)]
    )
    width = np.diff(0.5 - 0.5 * np.cos(np.pi * np.arange(49) / 48))
    table = np.asarray(refitted.pause)
    assert np.sum(width * (table[1:] + table[:-1])) / 2 == pytest.approx(pauses.mean(), rel=1e-3)


def test_json_round_trip():
    assert FloorChain.from_json(json.loads(json.dumps(CHAIN.to_json()))) == CHAIN


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("pause", [0.2] * 3, "pause must be 49"),
        ("pause", [0.1] * 49, "below the merge"),
        ("contained", [2.0, *CHAIN.contained[1:]], "contained must be"),
        ("contained_per_second", 0.0, "contained_per_second"),
        ("hold", {"hold": [0.5] * 8}, "keys hold, shift"),
        ("hold", {step: [1.5] * 8 for step in CHAIN.hold}, "probabilities"),
        ("fto", {"loc": 0.0}, "johnson_su"),
    ],
)
def test_a_chain_that_makes_no_sense_is_refused(field, value, message):
    with pytest.raises(BabbleError, match=message):
        FloorChain.from_json({**CHAIN.to_json(), field: value})


def test_too_little_for_a_chain():
    with pytest.raises(BabbleError, match="conversations of two"):
        fit_chain([])
    with pytest.raises(BabbleError, match="give more conversations"):
        fit_chain([CHAIN.sample(0, 60.0)])


def test_a_meeting_of_three_is_left_out(simulated, refitted):
    meeting = dataclasses.replace(simulated[0], speakers=("A", "B", "C"))
    assert fit_chain([*simulated, meeting]) == refitted
