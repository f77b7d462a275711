import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.agent.hearing.perception import HOP, LAG, RATE, Perception, UserFrame
from babble_jax.errors import BabbleError
from tests.real_speech import mix_channel, read_utterance

SILENCE = np.zeros(HOP, np.float32)


def perceive(
    perception: Perception, user: np.ndarray, agent: np.ndarray | None = None, hops: slice = slice(None)
) -> list[UserFrame]:
    count = len(user) // HOP * HOP
    pairs = zip(
        user[:count].reshape(-1, HOP)[hops],
        (np.zeros(count) if agent is None else agent[:count]).reshape(-1, HOP)[hops],
        strict=True,
    )
    return [perception.step(*pair) for pair in pairs]


def on_by_hop(ipus: np.ndarray, hops: int) -> np.ndarray:
    t = (np.arange(hops) + 0.5) * HOP / RATE
    return np.any((t >= ipus[:, :1]) & (t < ipus[:, 1:]), axis=0)


def speech(frames: list[UserFrame]) -> np.ndarray:
    return np.array([frame.speech for frame in frames])


@pytest.mark.parametrize("gain", [1.0, 0.03])
def test_hears_speech_when_it_was(gain):
    audio, ipus = mix_channel({"ru_0325": 1.0, "ru_0449": 7.0}, 13.0)
    p, lag = speech(perceive(Perception(), gain * audio)), round(LAG * RATE / HOP)
    on = on_by_hop(ipus, len(p))[: len(p) - lag]
    assert np.mean((p[lag:] > 0.5) == on) > 0.95
    edges = np.flatnonzero(np.diff((p > 0.5).astype(int)))
    assert len(edges) >= 2 * len(ipus)


def test_a_longer_lag_is_surer():
    audio, ipus = mix_channel({"ru_0793": 1.0, "ru_0412": 7.5}, 14.0)
    scores = []
    for lag in (0, 3):
        p = speech(perceive(Perception(lag * 0.02), audio))[lag:]
        on = on_by_hop(ipus, len(p) + lag)[: len(p)]
        scores.append(np.mean(np.log(np.clip(np.where(on, p, 1 - p), 1e-6, 1))))
    assert scores[1] > scores[0]


def test_a_snapshot_goes_back():
    audio, _ = mix_channel({"ru_0325": 0.5}, 6.0)
    agent = np.roll(audio, 9000)
    perception = Perception()
    perceive(perception, audio, agent, slice(0, 70))
    state = perception.state
    first = perceive(perception, audio, agent, slice(70, None))
    perception.state = state
    assert perceive(perception, audio, agent, slice(70, None)) == first
    other = Perception()
    other.state = state
    assert perceive(other, audio, agent, slice(70, None)) == first


def test_silence_noise_music_and_full_scale_are_nobody():
    t = np.arange(3 * RATE) / RATE
    chord = sum(np.sin(2 * np.pi * f * t) for f in (261.6, 329.6, 392.0)) / 3 * (0.6 + 0.4 * np.sin(8 * t))
    noise = 0.1 * np.random.default_rng(0).standard_normal(len(t))
    for audio in (np.zeros(len(t)), noise, 0.3 * chord, np.ones(len(t)), np.sign(np.sin(700 * t))):
        frames = perceive(Perception(), audio)
        assert np.max(speech(frames)) < 0.5
        assert all(np.isfinite(frame).all() for frame in frames)
        assert frames[-1].clipped == (np.abs(audio).max() >= 1)


def test_is_told_of_full_scale_and_levels():
    frame = perceive(Perception(), np.concatenate([np.zeros(RATE), np.full(HOP, -1.0)]))[-1]
    assert frame.clipped
    assert frame.level_db == pytest.approx(0.0)
    assert -75 <= frame.noise_db < -70
    fan = 0.01 * np.random.default_rng(0).standard_normal(6 * RATE)
    assert perceive(Perception(), fan)[-1].noise_db == pytest.approx(-40, abs=1)


ODD = st.sampled_from([np.nan, np.inf, -np.inf, 1e300, -1e30, 0.0, 5e-324, 1.0])


@settings(max_examples=10, deadline=None)
@given(st.lists(ODD, min_size=1, max_size=8), st.lists(ODD, min_size=1, max_size=8), st.integers(0, 7))
def test_takes_anything(user, agent, seed):
    perception, rng = Perception(), np.random.default_rng(seed)
    for _ in range(4):
        hops = [np.where(rng.random(HOP) < 0.5, rng.choice(values, HOP), 0.1) for values in (user, agent)]
        frame = perception.step(*hops)
        assert np.isfinite(frame).all()
        assert 0 <= frame.speech <= 1
        assert 0 <= frame.echo <= 1
    frames = [perception.step(SILENCE, SILENCE) for _ in range(40)]
    assert frames[-1].speech < 0.5


def test_hears_again_after_numbers_that_are_none():
    perception = Perception()
    for value in (np.nan, np.inf):
        perceive(perception, np.full(2 * RATE, value))
    p = speech(perceive(perception, read_utterance("ru_0749")))
    assert np.mean(p[30:200] > 0.5) > 0.9


def test_refuses_what_is_no_hop_and_no_lag():
    with pytest.raises(ValueError, match="it needs"):
        Perception().step(np.zeros(160), SILENCE)
    for lag in (0.03, -0.02, 1.0, np.nan):
        with pytest.raises(BabbleError, match=r"choose a multiple of 0\.02 from 0 to 0\.18"):
            Perception(lag)


def test_the_agents_own_voice_is_discounted_and_said():
    agent = np.concatenate([read_utterance(name) for name in ("ru_0749", "ru_0712", "ru_0793", "ru_0412")])
    rng = np.random.default_rng(0)
    room = rng.standard_normal(3200) * np.exp(-np.arange(3200) / 700)
    room[0] = 10
    echo = np.convolve(np.concatenate([np.zeros(2000), agent]), 0.3 * room / np.linalg.norm(room))[
        : len(agent)
    ]
    echo += 3e-4 * rng.standard_normal(len(echo))
    half = len(agent) // HOP // 2
    headphones, loudspeaker = Perception(), Perception()
    assert headphones.note() is None
    assert np.mean(speech(perceive(headphones, echo))[half:] > 0.5) > 0.5
    frames = perceive(loudspeaker, echo, agent)[half:]
    assert np.mean(speech(frames) > 0.5) < 0.1
    assert np.mean([frame.echo for frame in frames]) > 0.5
    note = loudspeaker.note()
    assert note is not None
    assert note.startswith("The microphone hears the agent")


def test_a_user_beside_an_agent_is_no_echo():
    user = np.concatenate([read_utterance(name) for name in ("ru_0749", "ru_0712")])
    agent = np.concatenate([read_utterance(name) for name in ("ru_0412", "ru_0449")])[: len(user)]
    user = user[: len(agent)]
    perception = Perception()
    frames = perceive(perception, user, agent)
    assert max(frame.echo for frame in frames) < 0.2
    assert perception.note() is None
    assert np.mean(np.abs(speech(frames) - speech(perceive(Perception(), user)))) < 0.01
