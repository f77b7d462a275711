"""A seat that knows the other late, a frame at a time."""

import dataclasses
import time

import numpy as np
import pytest

from babble_jax.errors import BabbleError
from babble_jax.timing.floor.knobs import Knobs
from babble_jax.timing.floor.player import FloorPlayer
from babble_jax.timing.floor.policy import BY_HAND, NEUTRAL
from babble_jax.timing.floor.seat_loop import draw_seat, play_codes
from babble_jax.timing.floor.state import BACKCHANNEL, Limits
from tests.timing.floor.floors import LIVELY

SEED, FRAMES = 7, 3000


def beside(codes: np.ndarray, delay: float, **options) -> list:
    """Steps a player beside a recorded other, whose toggles [T] are given."""
    player = FloorPlayer(LIVELY, delay=delay, seed=SEED, learn=False, **options)
    late = round(delay / 0.01)
    on = np.concatenate([np.zeros(late + 1), np.cumsum(codes > 0) % 2])
    return [player.step(float(on[i])) for i in range(len(codes))]


@pytest.fixture(scope="module")
def others() -> np.ndarray:
    """[T] toggles of somebody who talks for a second and is silent for one."""
    codes = np.zeros(FRAMES, int)
    codes[100::100] = 1
    return codes


@pytest.mark.parametrize("delay", [0.0, 0.08, 0.5])
def test_a_player_is_the_closed_loop_frame_by_frame(delay):
    policy = dataclasses.replace(
        BY_HAND, hold_back_resumes=3.0, doubt_starts=0.8, doubt_ends=-0.4, cancel=0.9
    )
    codes = play_codes(LIVELY, policy, delay, SEED, range(3), FRAMES)
    for d in range(3):
        frames = beside(codes[:, d, 1], delay, policy=policy, dialogue=d)
        assert [f.event > 0 for f in frames] == (codes[:, d, 0] > 0).tolist()
        assert sum(f.event > 0 for f in frames) > 5


def test_a_start_that_ran_into_another_is_cancelled_and_is_no_ipu():
    minimum = Limits.of(LIVELY.definitions).min_ipu
    policies = [dataclasses.replace(BY_HAND, cancel=value) for value in (0.0, 1.0)]
    for policy, cancels in zip(policies, (False, True), strict=True):
        codes = play_codes(LIVELY, policy, 0.08, SEED, range(20), FRAMES)[:, :, 0]
        short = [np.diff(np.flatnonzero(one))[::2].min() < minimum for one in codes.T]
        assert any(short) == cancels
    for one in draw_seat(LIVELY, policies[1], 0.08, SEED, range(20), 60.0):
        inside = (one.onset > 0) & (one.end < 60)
        assert (one.end - one.onset)[inside].min() > LIVELY.definitions.min_ipu - 0.01


def test_without_a_delay_it_is_the_simulators_own_seat():
    """The simulator's times within a frame come from float32, which is not as fine as 1e-6 s there."""
    reference = LIVELY.draw(SEED, range(4), 60.0)
    played = draw_seat(LIVELY, NEUTRAL, 0.0, SEED, range(4), 60.0, knows_kinds=True)
    for one, two in zip(reference, played, strict=True):
        assert one.speaker.tolist() == two.speaker.tolist()
        np.testing.assert_allclose(one.onset, two.onset, rtol=0, atol=1e-6)
        np.testing.assert_allclose(one.end, two.end, rtol=0, atol=1e-6)


def test_the_state_is_a_value(others):
    player = FloorPlayer(LIVELY, delay=0.1, seed=3)
    on = np.cumsum(others) % 2
    for i in range(500):
        player.step(float(on[i]))
    before = player.state
    first = [player.step(float(on[i])) for i in range(500, 1500)]
    player.state = before
    assert [player.step(float(on[i])) for i in range(500, 1500)] == first


def test_a_forced_decision_takes_place(others):
    first = beside(others, 0.1, effects=np.zeros(26))
    player = FloorPlayer(LIVELY, delay=0.1, seed=99, effects=np.zeros(26), learn=False)
    on = np.concatenate([np.zeros(11), np.cumsum(others) % 2])
    again = [player.step(float(on[i]), event=first[i].event) for i in range(FRAMES)]
    assert [f.log_hazard for f in again] == [f.log_hazard for f in first]
    assert [f.kind for f in again] == [f.kind for f in first]
    assert again[50].uniform != first[50].uniform


def test_doubt_about_the_other_lies_between_both_certainties(others):
    hazards = []
    for doubt in (0.0, 0.3, 0.5, 0.9, 1.0):
        player = FloorPlayer(LIVELY, delay=0.1, seed=3)
        for _ in range(200):
            player.step(0.0)
        hazards.append(player.step(doubt).log_hazard[0])
    assert hazards[0] > hazards[1] > hazards[-1]


def test_a_cue_moves_the_hazard_of_taking_the_floor(others):
    def hazard(log_odds: float) -> float:
        player = FloorPlayer(LIVELY, delay=0.05, seed=3)
        frames = [player.step(float((np.cumsum(others) % 2)[i]), log_odds) for i in range(240)]
        return frames[-1].log_hazard[0]

    assert hazard(-2.0) < hazard(0.0) < hazard(2.0)


def test_the_kind_of_the_other_is_believed(others):
    frames = beside(others, 0.05)
    p = np.array([f.p_backchannel for f in frames])
    assert ((p >= 0) & (p <= 1)).all()
    assert (p > 0).any()
    certain = beside(others, 0.05, other_kind=lambda frame: BACKCHANNEL)
    assert 1.0 in {f.p_backchannel for f in certain}


def test_a_step_is_fast(others):
    begin = time.process_time()
    beside(others, 0.5, policy=BY_HAND)
    assert (time.process_time() - begin) / FRAMES < 5e-4


def starts(knobs: Knobs, delay: float = 0.1) -> list:
    """Plays 20 s many times beside a regular other; returns all frames in which a turn began."""
    codes = np.zeros(2000, int)
    codes[100::100] = 1
    return [
        f
        for dialogue in range(3)
        for f in beside(codes, delay, knobs=knobs, dialogue=dialogue)
        if f.event and f.on
    ]


def test_knobs_move_what_they_say():
    plain = starts(Knobs())
    assert len(starts(Knobs(patience=3.0))) < len(plain) < len(starts(Knobs(patience=1 / 3)))
    assert not [f for f in starts(Knobs(backchannels=0.0)) if f.event == 2]
    more = [f for f in starts(Knobs(backchannels=4.0)) if f.event == 2]
    assert len(more) > len([f for f in plain if f.event == 2])
    late = starts(Knobs(perturb=(0.1, 0.3)))
    shifts = {f.shift for f in late}
    assert len(shifts) > 5
    assert min(shifts) >= 0.1
    assert max(shifts) <= 0.3


@pytest.mark.parametrize(
    "values",
    [{"patience": 0.0}, {"firmness": float("nan")}, {"shift": 9.0}, {"perturb": (0.3, 0.1)}, {"perturb": 3}],
)
def test_a_knob_out_of_bounds_is_refused_in_a_sentence(values):
    with pytest.raises(BabbleError, match=f"knob {next(iter(values))}"):
        Knobs(**values)


def test_a_policy_of_another_delay_changes_what_is_done(others):
    first = beside(others, 0.2, policy=BY_HAND)
    second = beside(others, 0.2, policy=dataclasses.replace(BY_HAND, catch_up_starts=0.0))
    assert [f.log_hazard for f in first] != [f.log_hazard for f in second]
