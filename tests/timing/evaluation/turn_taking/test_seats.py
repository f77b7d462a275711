"""Seats along recorded calls: the vectorised view, the agent that is played, and both beside the state itself."""

import numpy as np
import pytest

from babble_jax.timing.evaluation.turn_taking.agent_seat import AgentSeat
from babble_jax.timing.evaluation.turn_taking.floor_seat import FloorSeat
from babble_jax.timing.evaluation.turn_taking.frames import frame_calls
from babble_jax.timing.evaluation.turn_taking.pauses import fit_pauses
from babble_jax.timing.evaluation.turn_taking.race import next_speaker
from babble_jax.timing.evaluation.turn_taking.traces import roll_out, trace_calls
from babble_jax.timing.floor.belief import INTO, PauseDistribution
from babble_jax.timing.floor.effects import GROUPS
from babble_jax.timing.floor.policy import NEUTRAL
from babble_jax.timing.preset import load_timing
from tests.timing.evaluation.turn_taking.calls import DIALOGUE, D

CALLS = frame_calls([DIALOGUE], D)
NO_PAUSES = PauseDistribution(tuple((0.0,) * 21 for _ in INTO))
NOBODY = np.zeros(len(GROUPS))


@pytest.fixture(scope="module")
def floor():
    return load_timing("switchboard").require_floor()


@pytest.fixture(scope="module")
def trace(floor):
    moments = (np.array([0, 0]), np.array([1, 1]), np.array([700, 430]))
    return next(trace_calls(CALLS, FloorSeat(floor, NO_PAUSES, adapt=False), moments=moments))


def test_pauses_are_counted_by_how_long_they_last():
    pauses = fit_pauses([DIALOGUE], D)
    # B's silence of 0.12 s, 2.6 s into the IPU, is a pause; those that follow are ends
    assert pauses.at(260, 5) > 0
    assert pauses.at(260, 13) == 0
    assert len(pauses.probability[0]) == 21


def test_both_ways_to_follow_a_seat_agree(floor, trace):
    agent = AgentSeat(floor, NEUTRAL, 0.0)
    for seat in (0, 1):
        played = agent.follow(CALLS, 0, seat, NOBODY)
        followed = trace.hazard[0, seat, :3000] * trace.at_risk[0, seat, :3000, None]
        both = (played[:, 0] > 0) & (followed[:, 0] > 0)
        assert both.sum() > 1500
        ratio = played[both, 0] / followed[both, 0]
        assert np.median(np.abs(np.log(ratio))) < 1e-3  # the belief in the other's kind differs a little
        assert np.quantile(np.abs(np.log(ratio)), 0.9) < 0.05


def test_a_silence_is_rolled_out_as_it_is_followed(floor, trace):
    seat = FloorSeat(floor, NO_PAUSES, adapt=False)
    still = np.zeros((40, 2), bool)
    still[0, 0] = True  # A stops at 7.0 s; at 4.3 s nothing
    hazard, _ = roll_out(trace.snapshots, trace.snapshot_people, still, seat)
    followed = trace.hazard[0, 1, 700:740] * trace.at_risk[0, 1, 700:740, None]
    assert hazard[:, 0] == pytest.approx(followed, rel=1e-4)


def test_an_agent_is_rolled_out_as_it_is_played(floor):
    agent = AgentSeat(floor, NEUTRAL, 0.08)
    edges = CALLS.detected[0, 700:740, 0] > 0
    rolled = agent.roll_out(CALLS, 0, 1, 700, edges, NOBODY)
    assert rolled == pytest.approx(agent.follow(CALLS, 0, 1, NOBODY)[700:740])


def test_what_comes_later_changes_nothing_before_the_delay(floor):
    agent = AgentSeat(floor, NEUTRAL, 0.16)
    edges = np.zeros(60, bool)
    silent = agent.roll_out(CALLS, 0, 1, 600, edges, NOBODY)
    edges[20] = True
    stops = agent.roll_out(CALLS, 0, 1, 600, edges, NOBODY)
    assert np.array_equal(silent[:37], stops[:37])
    assert not np.array_equal(silent[37:], stops[37:])


def test_who_speaks_next_is_a_race(floor, trace):
    seat = FloorSeat(floor, NO_PAUSES, adapt=False)
    p = next_speaker(trace.snapshots, trace.snapshot_people, seat, frames=60)
    assert p.shape == (60, 2)
    assert ((p > 0) & (p < 1)).all()
    # The other way round, from the seat of the one who has stopped: both cannot be right together.
    moments = (np.array([0]), np.array([0]), np.array([700]))
    other = next(trace_calls(CALLS, seat, moments=moments))
    q = next_speaker(other.snapshots, other.snapshot_people, seat, frames=60)
    assert p[:, 0] + q[:, 0] == pytest.approx(1, abs=0.02)
