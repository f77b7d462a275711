"""How a voice that speaks phones is told to speak: by its phones and by its sound, from the start on and later."""

import dataclasses
import pickle

import jax
import numpy as np
import pytest

from babble_jax.dialogue.card_levels import stored_level
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pair import make_babbler_pair, with_prosody
from babble_jax.pretrained.session import open_session
from babble_jax.pretrained.speaking import speak, speak_blocks
from babble_jax.pretrained.stream_phrases import StreamFrame, StreamPhrases
from babble_jax.pretrained.tacotron_babbler import TacotronBabbler
from babble_jax.pretrained.tacotron_session import TacotronSession
from babble_jax.pretrained.tacotron_speaking import plan_channels
from babble_jax.voice.babbler import stream_keys
from babble_jax.voice.conditioning.contour import Contour
from babble_jax.voice.conditioning.prosody import NEUTRAL, Prosody
from tests.pretrained.phone_voice import build_phone_voice, build_synthesizer
from tests.voice.vocoder import RATE

KEYS = jax.random.split(jax.random.key(0), 1)
OTHER = Prosody(pitch=4, pitch_range=1.5, rate=1.3, final="rise", entropy=0)
MELODY = Contour("m.csv", np.linspace(-1, 1, 60), np.zeros(60), np.array([[0.05, 0.2], [0.35, 0.55]]))


@pytest.fixture(scope="module")
def voice():
    return build_phone_voice()


@pytest.fixture(scope="module")
def without_prosody(voice):
    words = {"und": dataclasses.replace(voice.phonotactics["und"], prosody=None)}
    return dataclasses.replace(voice, phonotactics=words)


def test_the_plan_of_a_phrase_has_the_prosody_of_the_session(voice):
    phrases = StreamPhrases(voice.phonotactics["und"], (1, 2), 0.15)
    now = StreamFrame(1, 0, np.nan, 0.0)
    own, same, higher, faster = (
        phrases.plan(0, (), now, prosody)
        for prosody in (NEUTRAL, Prosody(level=-6), Prosody(pitch=3), Prosody(rate=1.25))
    )
    assert repr(own) == repr(same)
    moved = own.channels["f0"] != higher.channels["f0"]
    assert moved.any()
    np.testing.assert_allclose((higher.channels["f0"] - own.channels["f0"])[moved], 0.25, atol=1e-6)
    gone = own.channels["log_duration"] - faster.channels["log_duration"]
    np.testing.assert_allclose(gone[1:-1], np.log(1.25), atol=1e-5)
    early = [phrases.draw_word(0, n, 0.0) for n in range(phrases.draw_length(0))]
    words = phrases.plan(0, early, now, NEUTRAL).phones
    assert words == phrases.plan(0, (), now, Prosody(entropy=0)).phones != own.phones


def test_a_session_opened_with_a_prosody_and_one_that_is_set_later_speak_alike(voice):
    later, opened = TacotronSession(voice, KEYS), open_session(voice, prosody=OTHER)
    assert opened.prosody == OTHER
    own = later.branch().step({"active": 1}, 3200)
    later.set_prosody(
        dataclasses.replace(OTHER, entropy=1)
    )  # the words of the first phrase are drawn already
    sound = TacotronSession(voice, KEYS, prosody=later.prosody).step({"active": 1}, 3200)
    np.testing.assert_array_equal(later.step({"active": 1}, 3200), sound)
    assert not np.array_equal(sound, own)


def test_set_while_a_phrase_is_spoken_it_acts_on_the_next_one(voice):
    session = TacotronSession(voice, KEYS)
    session.step({"active": 1}, 400)
    before, own, high = session.state, session.branch(), Prosody(pitch=12, rate=2)
    session.set_prosody(high)
    while True:
        sound, expected = (one.step({"active": 1}, 80) for one in (session, own))
        if session.state.streams[0].phrases > before.streams[0].phrases:
            break
        np.testing.assert_array_equal(sound, expected)
    stored = pickle.loads(pickle.dumps(session.state))
    rest = session.step({"active": 1}, 4000)
    assert not np.array_equal(rest, own.step({"active": 1}, 4000))
    session.state = before
    assert session.prosody == NEUTRAL
    session.state = stored
    assert session.prosody == high
    np.testing.assert_array_equal(session.step({"active": 1}, 4000), rest)


def test_neutral_to_the_bit_and_level_a_gain(voice, without_prosody):
    for one in (voice, without_prosody):
        own = speak(one, 0.3, seed=4)
        np.testing.assert_array_equal(speak(one, 0.3, seed=4, prosody=Prosody()), own)
        softer = speak(one, 0.3, seed=4, prosody=Prosody(level=-20))
        np.testing.assert_allclose(softer, 0.1 * own, rtol=1e-4, atol=1e-6)
        assert not np.array_equal(speak(one, 0.3, seed=4, prosody=Prosody(effort=3)), own)
    assert not np.array_equal(
        speak(without_prosody, 0.3, seed=4, prosody=Prosody(entropy=0)), speak(without_prosody, 0.3, seed=4)
    )


def test_a_contour_is_spoken_when_it_speaks_and_in_blocks_as_at_once(voice):
    prosody = Prosody(contour=MELODY)
    sound = speak(voice, MELODY.seconds, seed=1, prosody=prosody)
    blocks = speak_blocks(voice, MELODY.seconds, 0.03, seed=1, prosody=prosody)
    np.testing.assert_array_equal(np.concatenate([*blocks]), sound)
    silent = (slice(0, 0.05), slice(0.3, 0.35))  # a pause begins within 0.1 s
    for part in silent:
        assert not sound[round(part.start * RATE) : round(part.stop * RATE)].any()
    for part in MELODY.active:
        assert sound[round(part[0] * RATE) : round(part[1] * RATE)].any()
    np.testing.assert_array_equal(
        plan_channels(MELODY.active, np.array([0.0, 0.05, 0.155, 0.17, 0.3, 0.35, 0.6]))["active"],
        [0, 1, 1, 0, 0, 1, 0],
    )
    with pytest.raises(
        BabbleError, match=r"seconds is 0\.04, but the contour of m\.csv \(0\.60 s\) gives the length"
    ):
        speak(voice, 0.04, seed=1, prosody=prosody)


def test_the_babble_of_a_final_contour_ends_with_its_last_phrase(voice):
    assert speak(voice, 0.3, seed=2, prosody=Prosody(final="fall")).any()
    babbler = TacotronBabbler(voice, prosody=Prosody(final="rise"))
    keys, spans = stream_keys(1, count=1), [(0.0, 0.4)]
    (rising,), (own,) = (
        one.babble(keys, [2000], lambda count: None, spans) for one in (babbler, TacotronBabbler(voice))
    )
    assert not np.array_equal(rising, own)


def test_babblers_have_a_prosody_and_no_level_of_the_card_then(voice):
    levels = [
        {"speaker": "ann", "ratio": 1.0, "temperature": 1.0, "top_k": 0, "language": "und", "dbfs": -20.0}
    ]
    babbler = TacotronBabbler(dataclasses.replace(voice, card={"active_levels": levels}), speaker="ann")
    other = with_prosody(babbler, OTHER)
    assert isinstance(other, TacotronBabbler)
    assert (other.prosody, other.name, other.settings["prosody"]) == (OTHER, babbler.name, str(OTHER))
    assert "prosody" not in babbler.settings
    assert (stored_level(babbler), stored_level(other)) == (-20.0, None)
    pair = make_babbler_pair(voice, prosody=(OTHER, Prosody(level=3)))
    assert [getattr(one, "prosody", None) for one in pair] == [OTHER, NEUTRAL]
    with pytest.raises(BabbleError, match="is of one stream, and a babbler makes many"):
        TacotronBabbler(voice, prosody=Prosody(contour=MELODY))


def test_what_nothing_conditions_the_voice_on_is_refused_in_a_sentence(voice, without_prosody):
    every = dataclasses.replace(OTHER, contour=MELODY, level=3, effort=2)
    refused = (
        r"speaks und, whose phonotactics say nothing of .* on pitch, pitch range, rate, final, contour; leave"
    )
    for request in (
        lambda: speak(without_prosody, MELODY.seconds, prosody=every),
        lambda: speak_blocks(without_prosody, MELODY.seconds, prosody=every),
        lambda: open_session(without_prosody, prosody=every),
        lambda: TacotronBabbler(without_prosody, prosody=every),
        lambda: TacotronSession(without_prosody, KEYS).set_prosody(every),
    ):
        with pytest.raises(BabbleError, match=refused):
            request()
    durations = dataclasses.replace(voice, synthesizer=build_synthesizer(prosody=("log_duration",)))
    durations.check_prosody(Prosody(rate=2, entropy=0, effort=1))
    with pytest.raises(
        BabbleError, match=r"told no f0, level of phones, .* on pitch, contour; .* --by-prosody"
    ):
        durations.check_prosody(Prosody(pitch=1, rate=2, contour=MELODY))
    bilingual = dataclasses.replace(
        voice,
        synthesizer=build_synthesizer(languages=("xx", "und")),
        phonotactics={"xx": without_prosody.phonotactics["und"], **voice.phonotactics},
    )
    bilingual.check_prosody(OTHER, "und")
    with pytest.raises(BabbleError, match="leave that out, or take the language und"):
        bilingual.check_prosody(OTHER)
