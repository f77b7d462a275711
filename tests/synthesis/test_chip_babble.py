"""Babble of 8-bit sounds: its timing, pitch and level are those of the notes."""

import numpy as np
import pytest

from babble_jax.audio.level import rms_db
from babble_jax.errors import BabbleError
from babble_jax.synthesis import chip_babble, notes, sung_babble
from tests.synthesis.spectra import RATE


@pytest.fixture(scope="module")
def sounds(unit_lm, phrases):
    voice = chip_babble.draw_voice(64, np.random.default_rng(0))
    loud = notes.loud_level(unit_lm)
    return [chip_babble.fit_notes(phrase, voice, chip_babble.REGISTER, loud) for phrase in phrases]


def test_a_unit_has_one_sound_and_a_note_its_length_pitch_and_level(unit_lm, phrases, sounds):
    voice = chip_babble.draw_voice(64, np.random.default_rng(0))
    assert voice == chip_babble.draw_voice(64, np.random.default_rng(0))
    assert len({sound.wave for sound in voice.pitched}) == 2
    loud = notes.loud_level(unit_lm)
    pairs = [
        pair
        for phrase, fitted in zip(phrases, sounds, strict=True)
        for pair in zip(phrase, fitted, strict=True)
    ]
    assert {note.voiced for note, _ in pairs} == {True, False}
    for note, sound in pairs:
        if sound is None:
            assert not note.voiced
            continue
        assert sound.seconds == pytest.approx((note.end - note.onset) * 0.01)
        if note.voiced:
            assert sound.frequency == chip_babble.REGISTER.frequency(note.pitch)
            assert sound.wave == voice.pitched[note.unit].wave
            steps = 15 * 10 ** ((note.rms_db - loud) / 20)
            assert abs(sound.volume - np.clip(steps, 1, 15)) <= 0.5 + 1e-9
        else:
            assert "noise" in sound.wave


def test_it_sounds_where_it_is_to_and_not_in_pauses(phrases, sounds):
    audio = chip_babble.render_phrases(phrases, sounds, 6.0, RATE, np.random.default_rng(1))
    assert audio.shape == (6 * RATE,)
    assert audio.dtype == np.float32
    assert 0.3 < np.abs(audio).max() < 1
    level = rms_db(audio, RATE)
    loud, silent = np.zeros(600, bool), np.ones(600, bool)
    for phrase, fitted in zip(phrases, sounds, strict=True):
        silent[phrase[0].onset - 2 : phrase[-1].end + 2] = False
        for note, sound in zip(phrase, fitted, strict=True):
            loud[note.onset + 1 : note.end - 1] = sound is not None and sound.volume > 7
    assert loud.any()
    assert silent.any()
    assert (level[silent] <= -60).all()
    assert np.mean(level[loud] > -40) > 0.9  # a long decay may fall below
    again = chip_babble.render_phrases(phrases, sounds, 6.0, RATE, np.random.default_rng(1))
    np.testing.assert_array_equal(again, audio)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"units": 32}, "units is 32, but the unit language model has 64; give as many or more"),
        ({"seconds": 0.0}, "seconds is 0 s; choose from 0.01 to 600 s"),
        ({"seconds": np.nan}, "seconds is nan s"),
        ({"rate": 0}, "rate is 0 Hz; choose from 11025 to 192000 Hz"),
        ({"hold": 0.5}, "hold is 0.5, by which phrases are longer than a speaker's; choose from 1 to 100"),
        ({"seed": (0, -1)}, "seed is -1; choose from 0"),
        ({"voice_seed": -2}, "seed is -2; choose from 0"),
        ({"voice_type": "baritone"}, "baritone: there is no such voice type; choose from soprano"),
    ],
)
def test_babble_that_cannot_be_made_is_one_sentence(unit_lm, options, message):
    request = {"unit_lm": unit_lm, "units": 64, "seconds": 3.0, "rate": RATE, "seed": 1} | options
    with pytest.raises(BabbleError, match=message):
        sung_babble.babble(**({"voice_type": "bass"} | request))
    if not options.keys() & {"hold", "voice_type"}:
        with pytest.raises(BabbleError, match=message.replace("11025", "8000")):
            chip_babble.babble(**request)
