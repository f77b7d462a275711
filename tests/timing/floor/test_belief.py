"""Beliefs about the other: pauses within an IPU, and what person they are. Axes: K groups of hazards."""

import dataclasses

import numpy as np
import pytest

from babble_jax.timing.floor.belief import INTO, Partner, PartnerLearner, PauseDistribution
from babble_jax.timing.floor.effects import GROUPS, all_hazard_groups, assume_effects
from babble_jax.timing.floor.pair import initial_pair
from babble_jax.timing.floor.player import FloorPlayer
from babble_jax.timing.floor.policy import BY_HAND
from babble_jax.timing.floor.seat_loop import seat_uniforms
from babble_jax.timing.floor.state import Limits
from tests.timing.floor.floors import DEFINITIONS, LIVELY, K

PAUSES = PauseDistribution(tuple(tuple(np.linspace(0.6, 0.0, 21)) for _ in INTO))
VARIED = dataclasses.replace(LIVELY, own=(0.2 * np.eye(K)).tolist(), shared=(0.1 * np.eye(K)).tolist())


def beside(on: np.ndarray, **options) -> list:
    """Steps a player beside an other who is on in these frames."""
    player = FloorPlayer(
        LIVELY, delay=0.05, seed=3, effects=np.zeros(K), policy=BY_HAND, learn=False, **options
    )
    late = np.concatenate([np.zeros(6), on])
    return [player.step(float(late[i])) for i in range(len(on))]


def test_a_pause_is_taken_back_when_the_other_goes_on():
    """After the pause the hazards are those of an IPU that was never interrupted."""
    steady = np.zeros(600)
    steady[100:500] = 1
    broken = steady.copy()
    broken[300:310] = 0
    one, two = beside(steady, pauses=PAUSES), beside(broken, pauses=PAUSES)
    p = np.array([frame.p_pause for frame in two])
    assert p[306:316].min() > 0.2
    assert p[316:500].max() == 0
    apart = [a.log_hazard != b.log_hazard for a, b in zip(one, two, strict=True)]
    assert any(apart[305:317])
    late = np.array(
        [[a.log_hazard[0], b.log_hazard[0]] for a, b in zip(one[360:480], two[360:480], strict=True)]
    )
    np.testing.assert_allclose(late[:, 0], late[:, 1], atol=1e-3)
    without = beside(broken)
    assert [frame.log_hazard for frame in without[320:420]] != [frame.log_hazard for frame in two[320:420]]


def test_a_silence_longer_than_the_merge_is_no_pause():
    on = np.zeros(400)
    on[100:300] = 1
    frames = beside(on, pauses=PAUSES)
    p = np.array([frame.p_pause for frame in frames])
    assert p[306] > 0.5
    assert np.all(np.diff(p[306:326]) <= 0)
    assert p[330:].max() == 0
    certain = beside(on)
    assert frames[308].log_hazard[0] < certain[308].log_hazard[0] + 1e-9


@pytest.mark.parametrize("rows", [((0.1,),) * 3, ((0.1, 0.2),) * 5 + ((0.1,),), ((1.5,),) * 6, ((),) * 6])
def test_the_distribution_of_pauses_is_checked(rows):
    with pytest.raises(ValueError, match="probability"):
        PauseDistribution(rows)


def test_the_other_person_is_learned():
    """Somebody who begins turns four times as often as most is seen to, and one's own effects follow."""
    learner = PartnerLearner(np.array(VARIED.own), np.array(VARIED.shared), np.zeros(K))
    partner, group = learner.initial(), GROUPS.index("take_early")
    np.testing.assert_allclose(learner.effects(partner), 0, atol=1e-9)
    for frame in range(6000):
        partner = learner.count(partner, [(group, 1.0)] if frame % 50 == 0 else [], [(group, 0.005)])
    assert isinstance(partner, Partner)
    assert partner.mean[group] == pytest.approx(np.log(4), abs=0.3)
    assert abs(partner.mean[group - 1]) < 1e-9
    assert learner.effects(partner)[group] == pytest.approx(0.5 * partner.mean[group], rel=0.05)
    assert partner.variance[group, group] < 0.02


def test_learning_is_part_of_the_state():
    player = FloorPlayer(VARIED, delay=0.05, seed=3)
    on = (np.arange(3000) // 80) % 2
    for i in range(1000):
        player.step(float(on[i]))
    before = player.state
    first = [player.step(float(on[i])) for i in range(1000, 3000)]
    partner = player.state.partner
    assert partner is not None
    assert partner.events.sum() > 10
    player.state = before
    assert [player.step(float(on[i])) for i in range(1000, 3000)] == first
    plain = FloorPlayer(VARIED, delay=0.05, seed=3, learn=False)
    other = [plain.step(float(on[i])) for i in range(3000)][1000:]
    assert [f.log_hazard for f in other] != [f.log_hazard for f in first]


def test_the_closed_loop_believes_the_same_of_a_silence():
    """Beside an other who pauses within their IPUs, frame by frame."""
    from babble_jax.timing.floor.seat_native import play_dialogue

    rng, frames, delay = np.random.default_rng(0), 4000, 8
    toggles = np.zeros(frames, np.int8)
    toggles[np.cumsum(rng.integers(7, 60, 100))[:100]] = 1
    forced = np.stack([np.full(frames, -1, np.int8), toggles], axis=1)
    limits = Limits.of(DEFINITIONS)
    record, codes = np.zeros((frames, 4)), np.zeros((frames, 2), np.uint16)
    values, zero = BY_HAND.to_array(), np.zeros(K)
    assumed = np.exp(assume_effects(zero, np.array(LIVELY.own), np.array(LIVELY.shared)))
    play_dialogue(
        LIVELY.hazard,
        all_hazard_groups(),
        np.ones(K),
        np.ones(K),
        assumed,
        seat_uniforms(3, (0,), frames)[0, :frames],
        forced,
        np.array(limits, np.int64),
        np.concatenate([np.ravel(field) for field in initial_pair(limits)]).astype(np.int64),
        delay,
        values[:9],
        False,
        codes,
        record,
        np.array(PAUSES.probability),
    )
    player = FloorPlayer(LIVELY, delay=0.08, seed=3, effects=zero, policy=BY_HAND, pauses=PAUSES, learn=False)
    on = np.concatenate([np.zeros(delay + 1), np.cumsum(toggles) % 2])
    played = [player.step(float(on[i])) for i in range(frames)]
    assert [f.event > 0 for f in played] == (codes[:, 0] > 0).tolist()
    assert max(f.p_pause for f in played) > 0.4
    np.testing.assert_allclose(np.exp([f.log_hazard for f in played]), record[:, :2], rtol=1e-5)
