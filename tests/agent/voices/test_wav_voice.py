import numpy as np
import pytest

from babble_jax.agent.engine import Engine
from babble_jax.agent.voices.wav_voice import WavVoice
from babble_jax.audio import wave
from babble_jax.errors import BabbleError
from babble_jax.timing.floor.state import BACKCHANNEL, TURN
from tests.agent.players import RandomPlayer, ScriptedPlayer
from tests.agent.test_engine import LevelPerception, user_sound


def tone(seconds, amplitude=0.2):
    return np.full(round(seconds * 16_000), amplitude, np.float32)


def test_turns_and_backchannels_follow_each_other():
    voice = WavVoice([tone(0.1, 0.1), tone(0.1, 0.2)], [tone(0.05, 0.05)])
    levels = []
    for kind in (TURN, BACKCHANNEL, TURN, TURN):
        levels.append(round(float(voice.step(True, kind, 160)[0]), 3))
        assert voice.remaining() == pytest.approx(0.04 if kind == BACKCHANNEL else 0.09)
        for _ in range(12):
            voice.step(True, kind, 160)
        assert voice.remaining() < 0
        voice.step(False, kind, 160)
        assert voice.remaining() is None
    assert levels == [0.1, 0.05, 0.2, 0.1]


def test_a_stop_fades_and_what_was_broken_off_goes_on_a_little_before():
    line = (np.arange(16_000) / 20_000 + 0.1).astype(np.float32)
    voice = WavVoice([line])
    voice.step(True, TURN, 8000)
    tail = voice.step(False, TURN, 1600)
    assert (np.abs(tail[:400]) > 0.1).all()
    assert not tail[960:].any()
    np.testing.assert_allclose(voice.step(True, TURN, 160), line[8000 - 4800 :][:160])
    voice.step(False, TURN, 3 * 16_000)
    np.testing.assert_allclose(voice.step(True, TURN, 160), line[:160])


def test_an_agent_with_nothing_to_say_is_silent_until_it_has():
    voice = WavVoice([], sample_rate=16_000, repeat=False)
    one = Engine(
        ScriptedPlayer([(0, 30, TURN), (60, 90, BACKCHANNEL), (100, 200, TURN)]), voice, LevelPerception()
    )
    assert not one.step(np.zeros(12_000, np.float32)).any()
    voice.say(tone(0.3))
    sound = np.flatnonzero(one.step(np.zeros(20_000, np.float32)))
    assert sound[0] == 4000
    assert len(sound) == 4800
    assert [event["event"] for hop in one.drain() for event in hop.events] == [
        "turn",
        "sound began",
        "end",
        "sound ended",
    ]


def test_a_turn_lasts_as_long_as_its_sound_unless_the_user_comes_in():
    one = Engine(RandomPlayer(1), WavVoice([tone(1.0)], [tone(0.2)]), LevelPerception())
    sound = one.step(np.zeros(20 * 16_000, np.float32))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], sound != 0, [0]]))).reshape(-1, 2)
    assert set(np.diff(edges[:-1]).ravel().tolist()) == {16_000, 3200}
    broken = Engine(RandomPlayer(1), WavVoice([tone(1.0)], [tone(0.2)]), LevelPerception())
    sound = broken.step(user_sound(0, 20 * 16_000))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], sound != 0, [0]]))).reshape(-1, 2)
    assert (np.diff(edges).ravel() < 3200).any()


def test_files_are_read_and_resampled_and_silence_is_refused(tmp_path):
    line = np.concatenate([np.zeros(4800), 0.3 * np.sin(np.arange(24_000) / 10), np.zeros(4800)])
    wave.write(tmp_path / "a.wav", line[:, None], 48_000)
    voice = WavVoice([tmp_path / "a.wav"])
    voice.step(True, TURN, 0)
    assert voice.remaining() == pytest.approx(0.5, abs=0.005)
    for wrong in ([], [np.zeros(100, np.float32)], [np.array([np.nan, 1.0])], [np.ones((2, 2))]):
        with pytest.raises(BabbleError):
            WavVoice(wrong)
