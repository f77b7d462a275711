"""Responses of speakers: on the card of a voice, and in force wherever it speaks."""

import dataclasses
import json

import jax
import numpy as np
import pytest

from babble_jax.pretrained.pretrained import load_voice, save_voice
from babble_jax.pretrained.stream_phrases import StreamFrame, StreamPhrases
from babble_jax.pretrained.tacotron_session import TacotronSession
from babble_jax.voice.conditioning.prosody import NEUTRAL, Prosody
from babble_jax.voice.conditioning.prosody_response import KEY, LINEAR, ProsodyResponse, read_response
from babble_jax.voice.conditioning.stream_features import ENDLESS, conditioning, single_utterance
from babble_jax.voice.session import VoiceSession
from babble_jax.voice.voice import Voice
from tests.pretrained.phone_voice import build_phone_voice
from tests.voice.unit_voice import build_unit_voice

KEYS = jax.random.split(jax.random.key(1), 1)
HALF = {"pitch": 0.5, "pitch_range": 0.5, "rate": 0.5}
TARGET, TWICE = Prosody(pitch=3, pitch_range=1.25, rate=1.4), Prosody(pitch=6, pitch_range=1.5, rate=1.4**2)


def with_rows(voice, *rows):
    return dataclasses.replace(voice, card={KEY: list(rows)})


@pytest.fixture(scope="module")
def voices():
    voice = build_unit_voice()
    return voice, with_rows(voice, {"speaker": "ben", **HALF})


def test_a_card_has_the_response_of_a_speaker(tmp_path, voices):
    save_voice(voices[1], tmp_path)
    voice = load_voice(tmp_path)
    assert voice.prosody_response(0) == LINEAR
    assert voice.prosody_response(1) == ProsodyResponse(**HALF)
    assert Voice(voice.config, voice.params).prosody_response(1) == LINEAR
    text = json.loads((tmp_path / "voice.json").read_text("utf-8"))
    assert text["card"][KEY] == [{"speaker": "ben", **HALF}]


@pytest.mark.parametrize(
    "rows",
    [
        None,
        "fast",
        ["fast"],
        [{"speaker": "ann", "pitch": 0.5}],
        [{"speaker": "ben", "pitch": 0}],
        [{"speaker": "ben", "pitch": "half"}],
        [{"speaker": "ben", "pitch": float("nan")}],
        [{"speaker": "ben", "rate": True}],
        [{"speaker": "ben", "hold": 40.0}],
        [{"speaker": "ben", "language": "ru", "pitch": 0.5}],
        [{"speaker": "ben", "loudness": 0.5}],
    ],
)
def test_a_row_that_is_damaged_or_of_another_counts_for_nothing(rows):
    assert read_response({KEY: rows}, {"speaker": "ben"}) == LINEAR
    assert read_response({}, {"speaker": "ben"}) == LINEAR


@pytest.mark.parametrize("active", [single_utterance(1.5), ENDLESS])
def test_channels_in_advance_are_those_of_what_makes_up_for_the_response(voices, active):
    plain, responding = voices

    def channels(voice, speaker, prosody):
        local = conditioning(voice, [active], KEYS, np.array([speaker]), prosody=prosody)
        assert local is not None
        return local(0, 700)

    for speaker, prosody in ((1, TWICE), (0, TARGET)):
        own, expected = channels(responding, speaker, TARGET), channels(plain, speaker, prosody)
        for name, values in expected.items():
            np.testing.assert_allclose(own[name], values)
    for name, values in channels(plain, 1, NEUTRAL).items():
        np.testing.assert_array_equal(channels(responding, 1, NEUTRAL)[name], values)


def test_a_session_makes_up_for_the_response_and_names_what_was_asked_for(voices):
    plain, responding = voices

    def speak(voice, prosody):
        session = VoiceSession(voice, KEYS, speaker=np.array([1]), sampler="native")
        session.step({"active": 1}, 400)
        session.set_prosody(prosody)
        assert session.prosody == prosody
        return session.step({"active": 1}, 4000)

    np.testing.assert_array_equal(speak(responding, TARGET), speak(plain, TWICE))
    np.testing.assert_array_equal(speak(responding, NEUTRAL), speak(plain, NEUTRAL))
    assert not np.array_equal(speak(plain, TARGET), speak(plain, TWICE))


def test_a_voice_that_speaks_phones_makes_up_for_the_response_of_its_language():
    plain = build_phone_voice()
    names = {"speaker": plain.choose_speaker(None), "language": plain.choose_language(None)}
    voice = with_rows(plain, {**names, **HALF})
    assert voice.prosody_response() == ProsodyResponse(**HALF)
    assert with_rows(plain, {"speaker": names["speaker"], **HALF}).prosody_response() == LINEAR
    phonotactics, now = voice.phonotactics[voice.choose_language(None)], StreamFrame(1, 0, np.nan, 0.0)

    def plan(response, prosody):
        return StreamPhrases(phonotactics, (1, 2), 0.15, response).plan(0, (), now, prosody)

    own, expected = plan(ProsodyResponse(**HALF), TARGET), plan(LINEAR, TWICE)
    for name, values in expected.channels.items():
        np.testing.assert_allclose(own.channels[name], values, rtol=1e-5)
    assert repr(plan(ProsodyResponse(**HALF), NEUTRAL)) == repr(plan(LINEAR, NEUTRAL))
    sounds = [TacotronSession(one, KEYS, prosody=TARGET).step({"active": 1}, 1600) for one in (plain, voice)]
    assert not np.array_equal(*sounds)
