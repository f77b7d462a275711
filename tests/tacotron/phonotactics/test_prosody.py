"""The prosody model: what a phrase's phones last, at what pitch and level."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.errors import BabbleError
from babble_jax.tacotron.config import PROSODY, InputConfig
from babble_jax.tacotron.inputs import make_inputs
from babble_jax.tacotron.phonotactics.phrase import Phrase, Syllable, Word
from babble_jax.tacotron.phonotactics.prosody import TARGETS
from babble_jax.tacotron.phonotactics.prosody_features import FEATURES, features
from babble_jax.tacotron.phonotactics.prosody_fitting import fit_prosody, measure_phrase
from babble_jax.tacotron.phonotactics.utterances import divide
from tests.tacotron.phonotactics.small_language import PHONES, fit_small, load_russian, make_utterances


def vowels(phones, phrase):
    return [i for i, phone in enumerate(phrase.phones) if phones.is_vowel(phone)]


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32), st.booleans(), st.booleans())
def test_every_phone_has_a_duration_a_level_and_pitch_where_it_is_voiced(seed, final, random):
    russian = load_russian()
    phrase = russian.model.draw_phrase(np.random.default_rng(seed), final, 2)
    spoken = russian.speak(phrase, seed if random else None)
    again = russian.speak(phrase, seed if random else None)
    for name in ("seconds", "f0", "level"):
        np.testing.assert_array_equal(getattr(spoken, name), getattr(again, name))
    assert spoken.phones == phrase.phones
    assert ((spoken.seconds > 0) & (spoken.seconds < 1)).all()
    assert spoken.pause > 0
    assert np.isfinite(spoken.level).all()
    assert russian.prosody is not None
    assert list(np.isfinite(spoken.f0)) == [phone in russian.prosody.voiced for phone in phrase.phones]
    channels = spoken.channels()
    assert (*channels,) == TARGETS == PROSODY
    assert all(one.shape == (len(phrase.phones),) and np.isfinite(one).all() for one in channels.values())
    assert len(spoken.contour()) == round(spoken.seconds.sum() / 0.01)


def test_a_phrase_ends_long_and_low_where_it_is_final_and_level_where_it_is_held():
    russian, rng, falls, lengths = load_russian(), np.random.default_rng(0), [], []
    for _ in range(20):
        phrase = russian.model.draw_phrase(rng, True, 3)
        final, held = (russian.speak(dataclasses.replace(phrase, final=end)) for end in (True, False))
        at = vowels(russian.model.phones, phrase)
        falls.append(12 * (final.f0[at[-1]] - held.f0[at[-1]]))
        lengths.append(final.seconds[at[-1]] / np.median(final.seconds[at[:-1]]))
    assert np.median(falls) < -4  # semitones
    assert np.median(lengths) > 1.2


def test_the_small_language_is_predicted_as_it_was_made():
    utterances = make_utterances()
    spoken = divide(utterances, PHONES)
    model = fit_small().prosody
    assert model is not None
    assert model.median_f0 == 200.0
    assert model.voiced == {*PHONES.vowels}
    assert np.exp(model.pauses[False][0]) == pytest.approx(0.3, abs=1e-4)
    errors = []
    for one in spoken.phrases:
        truth = measure_phrase(one, utterances[one.utterance], 200.0, PHONES)
        guess = model.predict(one.phrase)
        errors.append(np.abs(np.log(guess.seconds) - truth.log_duration))
        last = vowels(PHONES, one.phrase)[-1]
        assert guess.f0[last] == pytest.approx(-1 if one.phrase.final else 0, abs=0.15)
        assert truth.f0[last] == pytest.approx(-1 if one.phrase.final else 0)
    assert np.median(np.concatenate(errors)) < 0.1


def test_features_say_where_a_phone_is():
    word = Word((Syllable(("p",), "a", (), False), Syllable(("t",), "aa", ("s",), True)))
    phrase = Phrase((word,), True)
    table = features(phrase, PHONES)
    assert table.shape == (5, len(FEATURES))
    names = [{FEATURES[k] for k in np.flatnonzero(row)} for row in table]
    assert {"phrase begins", "word begins", "after pause", "before vowel", "final before accent"} <= names[0]
    assert {"nucleus pretonic", "final 1 nucleus", "before consonant"} <= names[1]
    assert {"onset stressed", "final 0 onset", "final accent last"} <= names[2]
    assert {"coda stressed", "final 0 coda", "final last phone", "before pause"} <= names[4]
    assert not any("held" in name for row in names for name in row)
    held = features(dataclasses.replace(phrase, final=False), PHONES)
    assert {FEATURES[k] for k in np.flatnonzero(held[4])} == {
        name.replace("final", "held") for name in names[4]
    }


def test_the_contour_goes_through_the_middles_of_voiced_phones():
    small = fit_small()
    phrase = small.model.draw_phrase(np.random.default_rng(3), True, 2)
    spoken = small.speak(phrase)
    contour, ends = spoken.contour(0.001), np.cumsum(spoken.seconds)
    for i, phone in enumerate(phrase.phones):
        middle = contour[int((ends[i] - spoken.seconds[i] / 2) * 1000)]
        assert (
            np.isnan(middle)
            if phone in PHONES.consonants
            else middle == pytest.approx(spoken.f0[i], abs=0.05)
        )
    assert np.isnan(dataclasses.replace(spoken, f0=np.full(len(spoken.phones), np.nan)).contour()).all()


def test_an_utterance_has_silence_around_and_between_its_phrases():
    small = fit_small()
    assert small.prosody is not None
    assert small.prosody.silence_level < -30
    phrases = small.sample(2, 3, final=True)
    spoken = small.speak_all(phrases)
    parts = [small.speak(phrase) for phrase in phrases]
    between = [0.1, parts[0].pause, parts[1].pause, 0.1]
    silent = [i for i, phone in enumerate(spoken.phones) if phone == "pau"]
    assert spoken.seconds[silent] == pytest.approx(between)
    assert np.isnan(spoken.f0[silent]).all()
    assert (spoken.level[silent] == small.prosody.silence_level).all()
    assert [phone for phone in spoken.phones if phone != "pau"] == [
        phone for phrase in phrases for phone in phrase.phones
    ]
    assert spoken.seconds.sum() == pytest.approx(sum(between) + sum(one.seconds.sum() for one in parts))
    np.testing.assert_array_equal(small.speak_all(phrases, 5).seconds, small.speak_all(phrases, 5).seconds)
    config = InputConfig(symbols=("pau", *PHONES.consonants, *PHONES.vowels), prosody=PROSODY)
    inputs = make_inputs(config, [spoken.phones], [spoken.channels()])
    assert inputs.prosody is not None
    assert inputs.prosody.shape == (1, len(spoken.phones), 3)
    with pytest.raises(BabbleError, match="one phrase at least"):
        small.speak_all([])


def test_other_phones_and_silent_recordings_are_refused():
    prosody = fit_small().prosody
    assert prosody is not None
    phrase = Phrase((Word((Syllable((), "oo", (), True),)),), True)
    with pytest.raises(BabbleError, match="no phone 'oo'"):
        prosody.predict(phrase)
    utterances = [dataclasses.replace(one, f0=None, rms_db=None) for one in make_utterances(4)]
    with pytest.raises(BabbleError, match="needs voiced speech"):
        fit_prosody(divide(utterances, PHONES).phrases, utterances, PHONES)
