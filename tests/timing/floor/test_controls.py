import numpy as np
import pytest

from babble_jax.errors import BabbleError
from babble_jax.timing.floor.controls import ReplayPlayer, SilentPlayer, TimeoutPlayer
from babble_jax.timing.floor.state import BACKCHANNEL


def play(player, other, delay=0):
    """Steps a player beside another one that does not react, known a number of frames late."""
    return [player.step(float(i >= delay and other[i - delay])) for i in range(len(other))]


def edges(frames):
    on = np.concatenate([[0], [frame.on for frame in frames], [0]])
    return np.flatnonzero(np.diff(on)).reshape(-1, 2).tolist()


def test_silence_and_a_recorded_side():
    assert not any(frame.on or frame.event for frame in play(SilentPlayer(), [True] * 50))
    player = ReplayPlayer([0.1, 0.6], [0.4, 0.9], [False, True])
    frames = play(player, [True] * 120)
    assert edges(frames) == [[10, 40], [60, 90]]
    assert [frame.event for frame in frames if frame.event] == [1, 1, 2, 1]
    assert frames[70].kind == BACKCHANNEL
    with pytest.raises(BabbleError, match="one speaker"):
        ReplayPlayer([0.1, 0.3], [0.4, 0.9])


@pytest.mark.parametrize("timeout", [0.3, 0.7])
@pytest.mark.parametrize("delay", [0, 8])
def test_a_turn_begins_a_time_out_after_the_end_was_known(timeout, delay):
    other = [50 <= i < 150 for i in range(600)]
    ((onset, end),) = edges(play(TimeoutPlayer(timeout, seed=1), other, delay))
    assert onset == 150 + delay + round(timeout * 100)
    assert end - onset >= 30


def test_it_stops_when_the_other_speaks_up_and_not_for_less():
    other = [0 <= i < 100 or 200 <= i < 230 or 280 <= i < 400 for i in range(450)]
    ipus = edges(play(TimeoutPlayer(0.5, turn_seconds=500.0, interruption=0.4), other))
    assert ipus == [[150, 320]]


def test_pauses_move_an_adapted_time_out():
    other = [i % 100 < 60 for i in range(3000)]  # pauses of 0.4 s
    player = TimeoutPlayer(1.0, adapt=0.9)
    play(player, other)
    assert 0.4 < player.state.timeout < 0.44
    fixed = TimeoutPlayer(1.0)
    play(fixed, other)
    assert fixed.state.timeout == 1.0


def test_decisions_are_forced_and_the_state_is_a_value():
    player = TimeoutPlayer(0.5)
    assert player.step(0.0, event=1).on
    before = player.state
    assert not player.step(0.0, event=1).on
    player.state = before
    assert player.step(0.0).on


def test_impossible_time_outs_are_refused():
    for arguments in ({"timeout": -1.0}, {"timeout": float("nan")}, {"timeout": 1.0, "turn_seconds": 0.0}):
        with pytest.raises(BabbleError, match="impossible"):
            TimeoutPlayer(**arguments)
