import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.audio.level import ACTIVE_MARGIN_DB, frame_power
from babble_jax.dialogue import utterance
from babble_jax.dialogue.card_levels import level_voice
from babble_jax.dialogue.loudness import ACTIVE_LEVEL_DB
from babble_jax.dialogue.utterance import (
    EDGE_AMPLITUDE,
    EDGE_MARGIN_DB,
    LeveledVoice,
    babble_samples,
    cut_ipu,
    shorten_pauses,
    shorten_to_ipu,
    speak_ipus,
)
from babble_jax.errors import BabbleError
from babble_jax.pretrained.babbler import VoiceBabbler
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.voice.babbler import make_speaker_pair, stream_keys
from tests.dialogue.fake_babbler import RATE, DyingBabbler, FakeBabbler

THRESHOLD = 10 ** ((ACTIVE_LEVEL_DB - ACTIVE_MARGIN_DB) / 20)
VOICES = [
    LeveledVoice.measure(babbler)
    for babbler in (
        *make_speaker_pair(FakeBabbler()),
        FakeBabbler(silence=2.0, amplitude=0.05, constant=0.02),
    )
]


def ipus(voice: LeveledVoice, samples: list[int], seed: int = 0) -> list[np.ndarray]:
    return speak_ipus(voice, stream_keys(seed, 0, 0, count=len(samples)), samples, lambda n: None)


def longest_silence(audio: np.ndarray) -> float:
    """Seconds without a frame of 10 ms above the threshold, edges included."""
    active = np.flatnonzero(frame_power(audio, RATE) >= THRESHOLD**2)
    return float(np.max(np.diff(np.concatenate([[-1], active, [len(audio) // 160]])) - 1) * 0.01)


@settings(deadline=None, max_examples=15)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(0, len(VOICES) - 1),
    st.lists(st.integers(RATE // 20, RATE * 4), min_size=1, max_size=3),
)
def test_an_ipu_has_its_length_sound_at_both_edges_and_no_pause(seed: int, which: int, samples: list[int]):
    for ipu, length in zip(ipus(VOICES[which], samples, seed), samples, strict=True):
        assert ipu.dtype == np.float32
        assert len(ipu) == length
        assert min(abs(ipu[0]), abs(ipu[-1])) >= EDGE_AMPLITUDE
        assert np.max(np.abs(ipu)) < 10 ** (-1 / 20)
        assert longest_silence(ipu) < 0.15
        for edge in (ipu[:160], ipu[-160:]):
            assert 20 * np.log10(np.sqrt(np.mean(edge**2))) >= ACTIVE_LEVEL_DB - EDGE_MARGIN_DB - 1e-3


def test_silences_of_the_babble_are_what_is_shortened():
    babbler = FakeBabbler(silence=2.0)
    voice = LeveledVoice.measure(babbler)
    stream = voice.apply(babbler.babble(stream_keys(1, count=1), [20 * RATE], lambda n: None)[0])
    assert longest_silence(stream) > 1
    assert longest_silence(shorten_pauses(stream, RATE)[: -2 * RATE]) <= 0.13
    assert len(ipus(voice, [5 * RATE])[0]) == 5 * RATE


def test_without_pauses_joins_smoothly_and_keeps_the_sound():
    tone = (0.1 * np.sin(2 * np.pi * 200 * np.arange(RATE // 2) / RATE)).astype(np.float32)
    hum = np.full(RATE, 1e-3, np.float32)
    short = shorten_pauses(np.concatenate([hum, tone, hum, tone]), RATE)
    assert len(short) == 2 * len(tone) + round(0.12 * RATE) - round(0.005 * RATE)
    assert np.array_equal(short[: len(tone)], tone)
    assert np.array_equal(short[-len(tone) :], tone)
    assert np.allclose(short[len(tone) : -len(tone)], 1e-3, atol=1e-9)


def test_without_pauses_of_silence_is_nothing():
    assert len(shorten_pauses(np.zeros(RATE, np.float32), RATE)) == 0


def test_a_cut_prefers_the_pauses_of_the_voice():
    tone = (0.1 * np.sin(2 * np.pi * 200 * np.arange(RATE) / RATE)).astype(np.float32)
    hush = np.zeros(RATE // 20, np.float32)
    stream = np.concatenate([tone, hush, tone[: RATE // 2], hush, tone])
    ipu = cut_ipu(stream, RATE, RATE // 2 - 100)
    assert ipu is not None
    begin = RATE + len(hush)
    starts = [
        s for s in range(begin, begin + 101) if np.allclose(stream[s : s + len(ipu)][100:-100], ipu[100:-100])
    ]
    assert starts, "the middle one of the three tones, which alone has a pause on both sides"


def test_speech_that_is_too_long_is_shortened_in_its_pauses_and_keeps_its_edges():
    tone = (0.1 * np.sin(2 * np.pi * 200 * np.arange(RATE // 2) / RATE)).astype(np.float32)
    tone *= np.minimum(1, np.arange(1, len(tone) + 1) / 800)  # begins softly
    hush = np.zeros(RATE // 10, np.float32)
    stream = np.concatenate([hush, tone, hush, tone, hush])
    ipu = shorten_to_ipu(stream, RATE, 17_000)
    assert ipu is not None
    shorter = shorten_to_ipu(stream, RATE, 16_700)
    assert shorter is not None
    assert len(shorter) == 16_700
    assert np.array_equal(shorter[:8000], ipu[:8000])
    assert np.array_equal(shorter[-7900:], ipu[-7900:])
    assert abs(ipu[0]) < 0.02 < np.max(np.abs(ipu))
    pause = np.zeros(12 * RATE // 100, np.float32)
    syllables = np.concatenate(
        [pause, tone, pause, tone[-800:], pause, tone, pause]
    )  # without the short one: one pause
    ipu = shorten_to_ipu(syllables, RATE, 18_500)
    assert ipu is not None
    assert longest_silence(ipu) < 0.15
    assert shorten_to_ipu(stream, RATE, 18_000) is None


def test_the_fade_is_short_and_inside():
    voice = VOICES[0]
    tone = (0.1 * np.sin(2 * np.pi * 200 * np.arange(2 * RATE) / RATE)).astype(np.float32)
    ipu = cut_ipu(tone, RATE, RATE)
    assert ipu is not None
    ramp = round(0.005 * RATE)
    period = RATE // 200
    middle = ipu[ramp:-ramp]
    assert np.allclose(middle[period:], middle[:-period], atol=1e-6), "untouched after 5 ms"
    assert abs(ipu[0]) < 0.011, "a tenth at the very edge"
    assert voice.gain > 0


def test_an_ipu_depends_on_its_key_and_length_alone():
    voice = VOICES[0]
    keys = stream_keys(5, 0, 0, count=4)
    many = speak_ipus(voice, keys, [8000, 20_000, 3000, 40_000], lambda n: None)
    alone = speak_ipus(voice, keys[3:], [40_000], lambda n: None)
    assert np.array_equal(many[3], alone[0])
    assert not np.array_equal(ipus(voice, [8000], seed=6)[0], many[0])


def test_progress_adds_up():
    counts: list[int] = []
    speak_ipus(VOICES[0], stream_keys(0, count=2), [8000, 16_000], counts.append)
    assert sum(counts) == sum(babble_samples(VOICES[0].babbler, n) for n in (8000, 16_000))


def test_a_voice_that_falls_silent_is_told_so():
    with pytest.raises(BabbleError, match=r"fake is too silent: \d+ s .* 2\.0 s"):
        speak_ipus(LeveledVoice(DyingBabbler(), 1.0), stream_keys(0, count=1), [2 * RATE], lambda n: None)


def test_no_ipus_ask_nothing():
    assert ipus(VOICES[0], []) == []


def test_a_voice_that_is_told_when_to_speak_is_hardly_cut():
    voice = LeveledVoice.measure(FakeBabbler(takes_activity=True))
    lengths = [6400, 48_000, 16_000, 24_000]
    sounds = speak_ipus(voice, stream_keys(3, count=4), lengths, lambda n: None)
    assert [len(ipu) for ipu in sounds] == lengths
    for ipu in sounds:
        start, middle, end = (np.sqrt(np.mean(np.square(x))) for x in (ipu[:320], ipu[320:-320], ipu[-320:]))
        assert max(start, end) < 0.6 * middle  # as the syllable begins and ends


@pytest.mark.slow
@pytest.mark.parametrize("speaker", ["woman", "man"])
def test_utterances_of_a_shipped_voice_need_hardly_a_second_attempt(speaker, monkeypatch):
    voice = level_voice(VoiceBabbler(load_voice("babblers"), speaker=speaker))
    lengths = np.random.default_rng(0).integers(RATE // 3, 3 * RATE, 24).tolist()
    cuts: list[bool] = []
    monkeypatch.setattr(
        utterance, "shorten_to_ipu", lambda *args: cuts.append((ipu := shorten_to_ipu(*args)) is None) or ipu
    )
    speak_ipus(voice, stream_keys(1, count=len(lengths)), lengths, lambda n: None)
    assert sum(cuts) <= 0.3 * len(lengths)
