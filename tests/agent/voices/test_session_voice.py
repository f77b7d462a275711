import numpy as np
import pytest

from babble_jax.agent.voices.session_voice import SessionVoice, backchannel_phrases
from babble_jax.audio.level import LOWEST_RMS_DB
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.timing.floor.state import BACKCHANNEL, TURN
from babble_jax.voice.conditioning.unit_lm import UnitLM

FRAME = 160


@pytest.fixture(scope="module")
def voice():
    return SessionVoice("babblers", speaker="man", seed=3)


def speak(voice, script, size=FRAME):
    """Steps through (active, kind, frames) in steps of a size: [T]."""
    parts = []
    for active, kind, frames in script:
        left = frames * FRAME
        while left:
            parts.append(voice.step(active, kind, min(size, left)))
            left -= len(parts[-1])
    return np.concatenate(parts)


SCRIPT = [
    (False, TURN, 10),
    (True, TURN, 40),
    (False, TURN, 25),
    (True, BACKCHANNEL, 30),
    (False, BACKCHANNEL, 30),
    (True, TURN, 3),
    (False, TURN, 20),
]


def test_it_sounds_at_once_and_is_silent_soon(voice):
    before = voice.state
    sound = speak(voice, SCRIPT)
    voice.state = before
    assert sound.dtype == np.float32
    at = 0
    for active, _, frames in SCRIPT:
        part = sound[at * FRAME : (at + frames) * FRAME]
        if active:
            assert (np.abs(part[:80]) >= 1e-3).any(), "sound within 5 ms"
        else:
            assert not part[round(0.1 * 16_000) :].any(), "silence after 100 ms"
        at += frames
    last = np.flatnonzero(np.abs(sound[50 * FRAME : 75 * FRAME]) >= 1e-3)[-1] / 16_000
    assert last == pytest.approx(voice.release, abs=0.03)


def test_the_state_is_a_value_and_steps_of_any_length_sound_alike(voice):
    before = voice.state
    expected = speak(voice, SCRIPT)
    for size in (2 * FRAME, FRAME):
        voice.state = before
        np.testing.assert_array_equal(speak(voice, SCRIPT[1:2], size), expected[10 * FRAME : 50 * FRAME])
    voice.state = before
    np.testing.assert_array_equal(speak(voice, SCRIPT), expected)
    voice.state = before


def test_a_long_silence_at_the_start_of_an_utterance_is_left_out_before_it_is_needed():
    """Of a voice so soft that only its loudest sounds are heard."""
    soft = SessionVoice("babblers", speaker="man", seed=3, gain=0.02)
    leads = []
    for _ in range(6):
        speak(soft, [(False, TURN, 150)])
        turn = soft.state.ahead[0]
        leads.append((soft._session(TURN).position(turn.ahead) - turn.origin) / 16_000)
        sound = speak(soft, [(True, TURN, 20)])
        assert (np.abs(sound[:80]) >= 1e-3).any(), "sound within 5 ms"
    assert max(leads) > 0.08
    assert all(lead <= 2.0 for lead in leads)


def test_a_voice_that_is_never_heard_is_drawn_for_two_seconds():
    mute = SessionVoice("babblers", speaker="man", seed=3, gain=1e-5)
    speak(mute, [(False, TURN, 250)])
    leads = [mute._session(one.kind).position(one.ahead) - one.origin for one in mute.state.ahead]
    speak(mute, [(False, TURN, 10)])
    assert leads == [mute._session(one.kind).position(one.ahead) - one.origin for one in mute.state.ahead]
    assert all(lead == 2.0 * 16_000 for lead in leads)
    assert speak(mute, [(True, TURN, 5)]).shape == (5 * FRAME,)


def test_what_it_says_depends_on_the_seed_and_differs_each_time(voice):
    before = voice.state
    one, two = (speak(voice, [(True, TURN, 20), (False, TURN, 30)]) for _ in range(2))
    voice.state = before
    assert not np.array_equal(one, two)
    other = speak(SessionVoice("babblers", speaker="man", seed=4), [(True, TURN, 20), (False, TURN, 30)])
    assert not np.array_equal(one, other)


def test_backchannels_are_short_voiced_and_softer():
    models = load_voice("babblers").unit_models
    assert models is not None
    for unit_lm in models.unit_lms:
        phrases = backchannel_phrases(unit_lm)
        assert len(phrases) >= 12
        lengths = [len(phrase) for phrase in phrases]
        assert 0.25 <= 0.01 * np.median(lengths) <= 0.6
        frames = [frame for phrase in phrases for frame in phrase]
        assert all(np.isfinite(frame.pitch) and frame.rms_db >= LOWEST_RMS_DB for frame in frames)
        loud = np.repeat(unit_lm.rms_db, unit_lm.durations)
        voiced = np.isfinite(np.repeat(unit_lm.pitch, unit_lm.durations))
        assert np.mean([frame.rms_db for frame in frames]) < np.mean(loud[voiced]) - 3


def test_a_hum_is_the_longest_voiced_stretch_slower_softer_and_lower():
    nan = np.nan
    unit_lm = UnitLM(
        units=np.array([1, 2, 3, 4, 5]),
        durations=np.array([4, 3, 5, 10, 2]),
        ends_phrase=np.array([False, False, False, False, True]),
        pitch=np.array([0.1, nan, 0.2, 0.2, nan]),
        rms_db=np.array([-20.0, -50.0, -20.0, -40.0, -50.0]),
        ends_recording=np.array([True]),
        pauses=np.zeros(0),
        silence_unit=0,
    )
    (hum,) = backchannel_phrases(unit_lm)
    assert [frame.unit for frame in hum] == [3] * 10 + [4] * 20
    np.testing.assert_allclose([frame.pitch for frame in hum], 0.12)
    assert [hum[5].rms_db, hum[-1].rms_db] == [-28.0, -36.0]  # the first frames glide
