"""How a session speaks is changed while it runs: from the next top frame on, and as a part of its state."""

import pickle

import jax
import numpy as np
import pytest

from babble_jax.errors import BabbleError
from babble_jax.voice.conditioning.affects import affect
from babble_jax.voice.conditioning.prosody import NEUTRAL, Prosody
from babble_jax.voice.session import VoiceSession
from tests.voice.unit_voice import build_unit_voice
from tests.voice.vocoder import build_vocoder

KEYS = jax.random.split(jax.random.key(0), 2)
HIGH = Prosody(pitch=6, pitch_range=2, rate=1.5, entropy=2)
FRAME, FADING = 8, 80  # samples


@pytest.fixture(scope="module")
def voice():
    return build_unit_voice()


def begin(voice, prosody=NEUTRAL, streams=1):
    return VoiceSession(voice, KEYS[:streams], speaker=np.arange(streams), sampler="native", prosody=prosody)


def test_set_before_the_first_step_it_is_that_of_the_start(voice):
    later = begin(voice, streams=2)
    later.set_prosody(HIGH)
    assert later.prosody == HIGH
    expected = begin(voice, HIGH, 2).step({"active": 1}, 4000)
    np.testing.assert_array_equal(later.step({"active": 1}, 4000), expected)
    assert not np.array_equal(begin(voice, streams=2).step({"active": 1}, 4000), expected)


def test_a_neutral_prosody_changes_nothing_to_the_bit(voice):
    own, other = begin(voice), begin(voice)
    blocks = []
    for _ in range(20):
        other.set_prosody(Prosody())
        blocks.append(other.step({"active": 1}, 83))
    np.testing.assert_array_equal(np.concatenate(blocks, axis=1), own.step({"active": 1}, 20 * 83))


def test_it_acts_from_the_next_top_frame_on_in_blocks_of_any_length(voice):
    sounds = []
    for lengths in ([800], [8, 1, 391, 400], [37, 763]):
        session = begin(voice)
        session.step({"active": 1}, 396)  # within a top frame, which is drawn to its end
        session.set_prosody(Prosody(pitch=12, rate=2, level=-6, effort=3))
        sounds.append(np.concatenate([session.step({"active": 1}, n)[0] for n in lengths]))
    own = begin(voice).step({"active": 1}, 1196)[0, 396:]
    for sound in sounds:
        np.testing.assert_array_equal(sound, sounds[0])
    np.testing.assert_array_equal(sounds[0][:4], own[:4])
    assert not np.array_equal(sounds[0][4 : 4 + FADING], own[4 : 4 + FADING])


def test_level_fades_in_and_the_samples_that_are_drawn_stay(voice):
    session, own = begin(voice), begin(voice)
    session.step({"active": 1}, 400)
    session.set_prosody(Prosody(level=-20))
    softer, plain = session.step({"active": 1}, 800)[0], own.step({"active": 1}, 1200)[0, 400:]
    np.testing.assert_allclose(softer[FADING:], 0.1 * plain[FADING:], rtol=1e-4, atol=1e-6)
    session.set_prosody(NEUTRAL)
    again, plain = session.step({"active": 1}, 400)[0], own.step({"active": 1}, 400)[0]
    np.testing.assert_array_equal(again[FADING:], plain[FADING:])


def test_states_and_branches_have_a_prosody_of_their_own(voice):
    session = begin(voice)
    session.step({"active": 1}, 200)
    neutral, other = session.state, session.branch()
    session.set_prosody(HIGH)
    high = session.state
    after = session.step({"active": 1}, 2000)
    assert other.prosody == NEUTRAL
    session.state = neutral
    np.testing.assert_array_equal(session.step({"active": 1}, 2000), other.step({"active": 1}, 2000))
    session.state = pickle.loads(pickle.dumps(high))
    assert session.prosody == HIGH
    np.testing.assert_array_equal(session.step({"active": 1}, 2000), after)
    assert session.state_at(400).prosody == HIGH


def test_what_cannot_be_is_refused_and_the_session_speaks_on(voice):
    session = begin(voice)
    before = session.state
    with pytest.raises(BabbleError, match=r"has no final; leave that out \(final=None in Python\)"):
        session.set_prosody(affect("happy"))
    with pytest.raises(BabbleError, match="prosody of set_prosody is 'happy'"):
        session.set_prosody("happy")  # pyright: ignore[reportArgumentType]
    vocoder = VoiceSession(build_vocoder(), KEYS[:1])
    with pytest.raises(BabbleError, match=r"a vocoder, .* on pitch; leave that out"):
        vocoder.set_prosody(Prosody(pitch=1))
    vocoder.set_prosody(Prosody(level=-6, effort=2))
    assert session.state is before
