"""Onset and end of speech: known to the sample in what is cut out and put into silence, noise, clicks and breaths."""

import numpy as np
import pytest

from babble_jax.audio.endpoints import find_speech_bounds
from babble_jax.audio.resampling import resample
from babble_jax.errors import BabbleError
from tests.audio.signals import noise, tone
from tests.real_speech import IPUS, RATE, read_utterance

# Seconds of a stretch of an utterance that begins and ends with voice, so that no part of it is below a threshold.
VOICED = {"ru_0749": (0.24, 1.53), "ru_0712": (0.42, 1.42), "ru_0412": (2.11, 3.33)}
RAMP = 0.005  # seconds


def cut_voiced(name):
    onset, end = VOICED[name]
    speech = read_utterance(name)[round(onset * RATE) : round(end * RATE)].astype(np.float64)
    ramp = np.linspace(0.1, 1, round(RAMP * RATE))
    speech[: len(ramp)] *= ramp
    speech[-len(ramp) :] *= ramp[::-1]
    return speech


def place(speech, before=0.6, after=0.6, noise_db=None, rate=RATE):
    """Puts speech into silence or noise: (audio, onset, end in seconds)."""
    first = round(before * rate)
    audio = np.zeros(first + len(speech) + round(after * rate))
    if noise_db is not None:
        audio += 10 ** (noise_db / 20) * np.random.default_rng(1).standard_normal(len(audio))
    audio[first : first + len(speech)] += speech
    return audio, first / rate, (first + len(speech)) / rate


def add_clicks(audio, rate=RATE):
    rng = np.random.default_rng(2)
    for at in (0.05, 0.35, 0.5, len(audio) / rate - 0.4, len(audio) / rate - 0.1):
        first = round(at * rate)
        audio[first : first + 48] += 0.3 * rng.standard_normal(48)
    return audio


def add_breath(audio):
    size = round(0.3 * RATE)
    breath = 0.004 * np.hanning(size) * np.random.default_rng(3).standard_normal(size)
    audio[round(0.2 * RATE) :][:size] += breath
    return audio


def all_but_first_slow(names):
    return [*names][:1] + [pytest.param(name, marks=pytest.mark.slow) for name in [*names][1:]]


@pytest.mark.parametrize("name", all_but_first_slow(VOICED))
@pytest.mark.parametrize("surroundings", ["silence", "noise", "clicks", "breath"])
def test_onset_and_end_are_within_five_milliseconds(name, surroundings):
    audio, onset, end = place(cut_voiced(name), noise_db=None if surroundings == "silence" else -62)
    audio = {"clicks": add_clicks, "breath": add_breath}.get(surroundings, lambda same: same)(audio)
    bounds = find_speech_bounds(audio, RATE)
    assert bounds.onset == pytest.approx(onset, abs=0.005)
    assert bounds.end == pytest.approx(end, abs=0.005)
    assert bounds.warnings == ()
    clicks = [0.05, 0.35, 0.5, len(audio) / RATE - 0.4, len(audio) / RATE - 0.1]
    others = [sound for sound in bounds.other_sounds if sound.is_click]
    assert [sound.onset for sound in others] == pytest.approx(
        clicks if surroundings == "clicks" else [], abs=2e-3
    )
    assert all(abs(sound.level_db) < 5 for sound in others)


@pytest.mark.parametrize("rate", all_but_first_slow([48_000, 44_100, 8_000]))
def test_the_rate_of_the_file_changes_nothing(rate):
    audio, onset, end = place(cut_voiced("ru_0712"), noise_db=-65)
    bounds = find_speech_bounds(0.3 * resample(audio.astype(np.float32), RATE, rate) + 0.1, rate)
    assert bounds.onset == pytest.approx(onset, abs=0.005)
    assert bounds.end == pytest.approx(end, abs=0.005)
    assert round(bounds.onset * rate) == pytest.approx(bounds.onset * rate, abs=1e-6)


@pytest.mark.parametrize("name", all_but_first_slow(IPUS))
def test_recordings_agree_with_their_phone_labels(name):
    bounds = find_speech_bounds(read_utterance(name), RATE)
    assert bounds.onset == pytest.approx(IPUS[name][0][0], abs=0.02)
    assert bounds.end == pytest.approx(IPUS[name][-1][1], abs=0.03)


def test_the_quiet_release_of_a_plosive_belongs_to_the_end():
    speech = cut_voiced("ru_0749")
    release = 0.02 * np.random.default_rng(4).standard_normal(round(0.015 * RATE))
    audio, onset, end = place(np.concatenate([speech, np.zeros(round(0.07 * RATE)), release]), noise_db=-70)
    bounds = find_speech_bounds(audio, RATE)
    assert (bounds.onset, bounds.end) == pytest.approx((onset, end), abs=0.005)


def warnings_of(audio):
    return " | ".join(find_speech_bounds(audio, RATE).warnings)


def test_doubtful_recordings_are_named():
    speech = cut_voiced("ru_0712")
    assert "begins at once" in warnings_of(place(speech, before=0.0)[0])
    assert "ends at once" in warnings_of(place(speech, after=0.0)[0])
    assert "the noise is" in warnings_of(place(speech, noise_db=-36)[0])
    assert "is clipped at" in warnings_of(np.clip(place(8 * speech)[0], -1, 1))
    twice = np.concatenate([speech, np.zeros(RATE), speech])
    assert "holds a pause of 1.0" in warnings_of(place(twice, noise_db=-65)[0])
    loud_breath = place(speech, noise_db=-70)[0]
    loud_breath[: round(0.6 * RATE)] += noise(0.6, 0.012)
    assert "holds other sound before the speech" in warnings_of(loud_breath)


def test_what_is_no_speech_is_taken_by_its_level():
    audio, onset, end = place(tone(0.5, 1000, 0.2), noise_db=-70)
    bounds = find_speech_bounds(audio, RATE)
    assert (bounds.onset, bounds.end) == pytest.approx((onset, end), abs=0.005)
    assert "nothing that the detector" in bounds.warnings[0]
    for silent in (np.zeros(RATE), np.full(RATE, 0.25), np.zeros(0)):
        with pytest.raises(BabbleError, match="holds no sound"):
            find_speech_bounds(silent, RATE)


@pytest.fixture(scope="module")
def babble():
    """Makes twelve IPUs of the pretrained voice: (rate, sounds)."""
    from babble_jax.dialogue.utterance import LeveledVoice, speak_ipus
    from babble_jax.pretrained.pair import make_babbler_pair

    voice = LeveledVoice.measure(make_babbler_pair("babblers")[0])
    rate = voice.babbler.sample_rate
    lengths = [round(seconds * rate) for seconds in np.linspace(0.6, 2.5, 12)]
    keys = np.arange(24, dtype=np.uint32).reshape(12, 2)
    return rate, speak_ipus(voice, keys, lengths, lambda count: None)


@pytest.mark.slow
@pytest.mark.parametrize("surroundings", ["silence", "noise", "clicks", "breath"])
def test_babble_is_cut_out_again(babble, surroundings):
    rate, ipus = babble
    for ipu in ipus:
        audio, onset, end = place(ipu, noise_db=None if surroundings == "silence" else -62, rate=rate)
        audio = {"clicks": add_clicks, "breath": add_breath}.get(surroundings, lambda same: same)(audio)
        bounds = find_speech_bounds(audio, rate)
        assert bounds.onset == pytest.approx(onset, abs=0.005)
        assert bounds.end == pytest.approx(end, abs=0.005)
        assert bounds.warnings == ()
