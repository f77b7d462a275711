import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.agent.engine import Engine
from babble_jax.agent.hearing.perception import UserFrame
from babble_jax.agent.voices.agent_voice import ClickVoice
from babble_jax.errors import BabbleError
from babble_jax.timing.floor.state import BACKCHANNEL, TURN
from tests.agent.players import RandomPlayer, ScriptedPlayer

HOP = 320


class LevelPerception:
    """Takes the user for speaking where they are loud."""

    lag = 0.0

    def __init__(self):
        self.state = 0.0

    def step(self, user, agent):
        assert user.shape == agent.shape == (HOP,)
        self.state = 0.5 * self.state + 0.5 * float(np.abs(user).max() > 0.05)
        return UserFrame(self.state, -20.0, -60.0, 0.0, False)


class LateClickVoice(ClickVoice):
    """Clicks on for 50 ms after it was told to stop."""

    release = 0.05

    def step(self, active, kind, samples):
        before = self.state
        if active or before.since < 0:
            return super().step(active, kind, samples)
        past, left = (before, 800) if before.since < 10**6 else (before, before.since - 10**6)
        sound = np.where(np.arange(samples) < left, 0.25, 0.0).astype(np.float32)
        self.state = type(past)(10**6 + left - samples) if left > samples else type(past)()
        return sound


def engine(seed=0, voice=None):
    return Engine(RandomPlayer(seed), voice or ClickVoice(), LevelPerception())


def user_sound(seed, samples):
    draws = np.random.default_rng(seed)
    loud = np.repeat(draws.random(-(-samples // 1000)) < 0.4, 1000)[:samples]
    return (draws.uniform(-0.2, 0.2, samples) * loud).astype(np.float32)


def run(one, sound, sizes):
    blocks, first = [], 0
    for size in sizes:
        blocks.append(one.step(sound[first : first + size]))
        assert len(blocks[-1]) == len(sound[first : first + size])
        first += size
    return np.concatenate(blocks), decisions(one)


def decisions(one):
    return [hop._replace(milliseconds=0.0) for hop in one.drain()]


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 99),
    sizes=st.lists(st.integers(0, 1500), min_size=1, max_size=30),
    late=st.booleans(),
)
def test_blocks_of_any_length_give_the_same(seed, sizes, late):
    voice = LateClickVoice if late else ClickVoice
    sound = user_sound(seed, sum(sizes))
    expected = run(engine(seed, voice()), sound, [HOP] * (len(sound) // HOP) + [len(sound) % HOP])
    for others in (sizes, [160] * (len(sound) // 160 + 1), [640] * (len(sound) // 640 + 1)):
        agent, hops = run(engine(seed, voice()), sound, others)
        np.testing.assert_array_equal(agent, expected[0])
        assert hops == expected[1]


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 99), at=st.integers(0, 9000), between=st.integers(0, 4000))
def test_a_restored_engine_goes_on_alike(seed, at, between):
    sound = user_sound(seed, 16_000)
    one = engine(seed, LateClickVoice())
    one.step(sound[:at])
    snapshot = one.snapshot()
    one.drain()
    expected = one.step(sound[at:]), decisions(one)
    one.restore(snapshot)
    one.step(user_sound(seed + 1, between))
    one.restore(snapshot)
    other = engine(seed, LateClickVoice())
    other.step(user_sound(seed + 2, between))
    other.restore(snapshot)
    for again in (one, other):
        np.testing.assert_array_equal(again.step(sound[at:]), expected[0])
        assert decisions(again) == expected[1]


@pytest.mark.parametrize("voice", [ClickVoice, LateClickVoice])
def test_sound_begins_and_ends_at_the_samples_of_the_decisions(voice):
    intervals = [(7, 40, TURN), (61, 90, BACKCHANNEL), (120, 127, TURN)]
    one = Engine(ScriptedPlayer(intervals), voice(), LevelPerception())
    agent = one.step(np.zeros(32_000, np.float32))
    events = [event for hop in one.drain() for event in hop.events]
    expected = [(first * 160, end * 160) for first, end, _ in intervals]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], agent != 0, [0]]))).reshape(-1, 2)
    assert edges.tolist() == [list(pair) for pair in expected]
    for name, column in (("sound began", 0), ("sound ended", 1)):
        assert [e["sample"] for e in events if e["event"] == name] == [pair[column] for pair in expected]
    assert [e["sample"] for e in events if e["event"] == "end"] == [end for _, end in expected]
    assert [e["event"] for e in events if e["event"] in ("turn", "backchannel")] == [
        "turn",
        "backchannel",
        "turn",
    ]


def test_what_is_ready_is_what_comes_next():
    one, ready = engine(3), []
    sound = user_sound(3, 20 * HOP)
    agent = []
    for first in range(0, len(sound), HOP):
        agent.append(one.step(sound[first : first + HOP]))
        ready.append(one.ready.copy())
    np.testing.assert_array_equal(np.concatenate(agent)[HOP:], np.concatenate(ready)[:-HOP])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
def test_what_is_no_sound_becomes_silence_and_one_event(value):
    sound = user_sound(1, 50 * HOP)
    bad = sound.copy()
    bad[10 * HOP : 20 * HOP] = sound[10 * HOP : 20 * HOP] = 0
    bad[10 * HOP + 5 : 20 * HOP : 40] = value
    one, other = engine(1), engine(1)
    np.testing.assert_array_equal(one.step(bad), other.step(sound))
    events = [event for hop in one.drain() for event in hop.events]
    assert [e["sample"] for e in events if e["event"] == "bad input"] == [10 * HOP]


def test_blocks_of_another_kind_are_refused():
    assert engine().step(np.zeros(100)).dtype == np.float32
    for wrong in (np.zeros((2, 3)), np.array(["a"]), 5.0, np.zeros(100, np.int16)):
        with pytest.raises(BabbleError, match="one channel"):
            engine().step(wrong)


def test_warming_up_changes_nothing():
    one, other = engine(2), engine(2)
    one.warm_up()
    sound = user_sound(2, 8000)
    np.testing.assert_array_equal(one.step(sound), other.step(sound))
    assert decisions(one) == decisions(other)


def test_who_is_behind_gets_silence_and_time_goes_on():
    one = Engine(ScriptedPlayer([(0, 1000, TURN)]), ClickVoice(), LevelPerception())
    one.step(np.zeros(10 * HOP, np.float32))
    skipped = one.skip(np.zeros(10 * HOP, np.float32))
    after = one.step(np.zeros(10 * HOP, np.float32))
    assert one.position == 30 * HOP
    assert (skipped[:HOP] != 0).any()
    assert not skipped[HOP:].any()
    assert not after[:HOP].any()
    assert (after[HOP : 2 * HOP] != 0).any()
    assert [hop.hop for hop in one.drain()] == list(range(31))


def test_who_is_behind_decides_nothing_that_is_not_heard():
    one = Engine(
        ScriptedPlayer([(4, 7, TURN), (30, 34, TURN), (44, 1000, TURN)]), ClickVoice(), LevelPerception()
    )
    one.step(np.zeros(2 * HOP, np.float32))  # up to frame 5
    one.skip(np.zeros(18 * HOP, np.float32))  # frames 6 to 41
    one.step(np.zeros(5 * HOP, np.float32))
    events = [
        (event["event"], event["frame"]) for hop in one.drain() for event in hop.events if "frame" in event
    ]
    assert events == [("turn", 4), ("end", 6), ("turn", 44)]
