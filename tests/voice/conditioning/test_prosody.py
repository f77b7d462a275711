"""Prosody: what is asked of the frames that a voice is conditioned on, whole or frame by frame."""

import dataclasses
import inspect
import re
from pathlib import Path
from typing import get_args, get_type_hints

import jax
import numpy as np
import pytest

from babble_jax.audio.level import LOWEST_RMS_DB
from babble_jax.audio.units import UnitSequence
from babble_jax.cli.prosody import ProsodyOptions
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.stimuli.spec.prosody import SpokenProsody
from babble_jax.voice.conditioning.affects import AFFECTS, affect
from babble_jax.voice.conditioning.contour import Contour
from babble_jax.voice.conditioning.prosody import NEUTRAL, RANGES, Prosody, check_live, check_prosody
from babble_jax.voice.conditioning.prosody_final import FINAL_SEMITONES, Final, end_contour, voiced_end
from babble_jax.voice.conditioning.prosody_response import ProsodyResponse
from babble_jax.voice.conditioning.stream_features import ENDLESS, conditioning, single_utterance
from babble_jax.voice.conditioning.unit_stream import UnitStream
from tests.voice.unit_voice import build_unit_voice
from tests.voice.vocoder import build_vocoder

PHRASE = UnitSequence(
    np.repeat([0, 1, 2], [40, 5, 15]),
    np.concatenate([np.linspace(-0.4, 0.4, 40), np.full(5, np.nan), np.linspace(0.4, 0, 15)]),
    np.concatenate([np.full(59, -20.0), [LOWEST_RMS_DB]]),
)


@pytest.fixture(scope="module")
def unit_lm():
    models = load_voice("babblers").unit_models
    assert models is not None
    return models.unit_lms[0]


def runs(units):
    return np.count_nonzero(np.diff(units)) + 1


def test_pitch_and_its_range_move_voiced_frames_alone_whole_as_frame_by_frame():
    prosody = Prosody(pitch=3, pitch_range=0.5)
    shaped = prosody.shape(PHRASE, 0.0)
    np.testing.assert_allclose(shaped.pitch, PHRASE.pitch * 0.5 + 0.25)
    np.testing.assert_array_equal(shaped.units, PHRASE.units)
    np.testing.assert_array_equal(shaped.rms_db, PHRASE.rms_db)
    one_by_one = [prosody.shift(frame) for frame in PHRASE.frames()]
    np.testing.assert_array_equal(UnitSequence.from_frames(one_by_one).pitch, shaped.pitch)
    assert NEUTRAL.shape(PHRASE, 0.0) is PHRASE


@pytest.mark.parametrize(
    ("final", "semitones"), [("rise", FINAL_SEMITONES), ("fall", -FINAL_SEMITONES), ("hold", 0)]
)
def test_the_last_voiced_third_of_a_second_that_is_heard_ends_as_asked(final, semitones):
    pitch = Prosody(final=final).shape(PHRASE, 0.0).pitch
    voiced = np.flatnonzero(np.isfinite(PHRASE.pitch))[:-1]  # the last frame is silent
    np.testing.assert_array_equal(pitch[voiced[:-30]], PHRASE.pitch[voiced[:-30]])
    end = pitch[voiced[-30:]]
    np.testing.assert_allclose(np.diff(end), semitones / 12 / 30, atol=1e-12)
    assert end[-1] - PHRASE.pitch[voiced[-30]] == pytest.approx(semitones / 12)
    assert pitch[-1] == end[-1]


def test_what_is_asked_for_is_divided_by_the_response_within_limits():
    response = ProsodyResponse(pitch=0.75, pitch_range=0.5, rate=0.5, final=0.6, hold=-1.2)
    shaped = Prosody(pitch=3, pitch_range=1.5).shape(PHRASE, 0.0, response)
    np.testing.assert_allclose(shaped.pitch, PHRASE.pitch * 2 + 4 / 12)
    shifted = [Prosody(pitch=3, pitch_range=1.5).shift(frame, response).pitch for frame in PHRASE.frames()]
    np.testing.assert_array_equal(shifted, shaped.pitch)
    assert response.conditioned_rate(1.4) == pytest.approx(1.96)
    assert [response.conditioned_rate(rate) for rate in (0.5, 1, 2)] == [0.4, 1, 2.5]
    assert [response.conditioned_range(factor) for factor in (0, 0.5, 1, 2, 3)] == [0, 0, 1, 2.5, 3]
    np.testing.assert_allclose([response.conditioned_final(x) for x in (6, 0, -6, 9)], [12, 2, -8, 14])
    for prosody in (NEUTRAL, Prosody(level=-6, effort=2), Prosody(entropy=2)):
        np.testing.assert_array_equal(prosody.shape(PHRASE, 0.0, response).pitch, PHRASE.pitch)
    full = ProsodyResponse()
    for value in (0.5, 0.7, 1.0, 3.0):
        assert (full.conditioned_range(value), full.conditioned_final(value)) == (value, value)
        assert (full.conditioned_rate(value), full.conditioned_pitch(value)) == (value, value)


def test_a_final_line_that_makes_up_for_a_response_begins_as_much_further_as_it_ends():
    pitch, seconds = np.zeros(40), np.full(40, 0.01)
    line = end_contour(pitch, "rise", seconds, np.zeros(40), ProsodyResponse(final=0.5, hold=1.0))
    np.testing.assert_array_equal(line[:10], 0)
    step = 10 / 12 / 30  # (6 - 1) / 0.5 semitones
    np.testing.assert_allclose(line[10:], -2 / 12 + step * np.arange(1, 31), atol=1e-12)


def test_the_end_of_a_phrase_is_voiced_where_it_is_heard():
    pitch = np.concatenate([np.zeros(50), np.full(10, np.nan), np.zeros(10)])
    level = np.concatenate([np.full(60, -20.0), np.full(5, -39.0), np.full(5, -41.0)])
    assert voiced_end(UnitSequence(np.zeros(70, int), pitch, level)) == pytest.approx(0.15)
    assert voiced_end(UnitSequence(np.zeros(70, int), np.full(70, np.nan), level)) == 0


def test_a_final_contour_of_phones_is_a_line_over_those_that_reach_into_the_last_third_of_a_second():
    pitch, seconds = (
        np.array([0.1, np.nan, -0.2, np.nan, 0.3, 0.0]),
        np.array([0.2, 0.1, 0.1, 0.3, 0.1, 0.15]),
    )
    np.testing.assert_allclose(  # 0.1, 0.1 and 0.15 s are voiced
        end_contour(pitch, "rise", seconds, np.zeros(6)),
        [0.1, np.nan, -0.2 + 0.5 * 0.1 / 0.35, np.nan, -0.2 + 0.5 * 0.2 / 0.35, -0.2 + 0.5],
    )
    short = end_contour(pitch[:3], "fall", seconds[:3], np.zeros(3))
    np.testing.assert_allclose(short, [0.1 - 0.5 * 2 / 3, np.nan, 0.1 - 0.5])
    unvoiced = end_contour(pitch[[1, 3]], "fall", seconds[:2], np.zeros(2))
    np.testing.assert_array_equal(unvoiced, [np.nan, np.nan])


def test_a_contour_gives_melody_and_loudness_where_the_stream_is():
    contour = Contour(
        "m.csv", np.linspace(-1, 1, 100), np.repeat([0.0, -6.0], 50), np.array([[0.0, 0.4], [0.6, 1.0]])
    )
    shaped = Prosody(contour=contour, pitch_range=0.5, pitch=6).shape(PHRASE, 0.4)
    voiced = np.isfinite(PHRASE.pitch)
    np.testing.assert_allclose(shaped.pitch[voiced], (0.5 * contour.pitch[40:100] + 0.5)[voiced])
    np.testing.assert_array_equal(shaped.rms_db, [-20.0] * 10 + [-26.0] * 49 + [LOWEST_RMS_DB])
    np.testing.assert_array_equal(contour.activity(0.8), [[0.0, 0.4], [0.6, 0.8]])


def test_rate_and_entropy_keep_the_length_of_a_phrase(unit_lm):
    def draw(**options):
        return [unit_lm.draw_phrase(np.random.default_rng(seed), 250, **options) for seed in range(2)]

    slow, fast = (np.mean([runs(one.units) for one in draw(rate=rate)]) for rate in (0.5, 1.5))
    assert fast / slow == pytest.approx(3, abs=0.5)
    shares = []
    for temperature in (0.0, 1.0):
        phrases = draw(temperature=temperature)
        assert {len(one.units) for one in phrases} == {250}
        pairs = [list(zip(one.units[:-1].tolist(), one.units[1:].tolist(), strict=True)) for one in phrases]
        changes = [[pair for pair in phrase if pair[0] != pair[1]] for phrase in pairs]
        shares.append(np.mean([len({*phrase}) / len(phrase) for phrase in changes]))
    assert shares[0] < 0.7 * shares[1]


def test_phrases_of_another_entropy_end_as_recorded_phrases_do(unit_lm):
    def fall(entropy):  # dB of the last 80 ms, below the phrase
        falls = []
        for seed in range(6):
            phrase = unit_lm.draw_phrase(np.random.default_rng(seed), 200, temperature=entropy)
            assert len(phrase.units) == 200
            power = 10 ** (phrase.rms_db / 10)
            falls.append(10 * np.log10(power[-8:].mean() / power.mean()))
        return np.mean(falls)

    own = fall(1.0)
    assert own < -3
    for entropy in (0.0, 2.0):
        assert fall(entropy) == pytest.approx(own, abs=5)


def test_a_live_stream_speaks_faster_and_higher(unit_lm):
    def speak(prosody):
        stream = UnitStream(unit_lm, (1, 2))
        state, frames = stream.initial_state(), []
        for active in [False] * 5 + [True] * 1500:
            state = stream.push(state, active, prosody)
            frames.append(stream.conditioning_frame(state, prosody))
        assert {frame.unit for frame in frames[:5]} == {unit_lm.silence_unit}
        return UnitSequence.from_frames(frames[5:])

    own, other = speak(NEUTRAL), speak(Prosody(pitch=4, rate=1.5))
    assert runs(other.units) / runs(own.units) == pytest.approx(1.5, abs=0.25)
    assert np.nanmedian(other.pitch) - np.nanmedian(own.pitch) == pytest.approx(4 / 12, abs=0.1)
    chant = speak(Prosody(entropy=0))
    assert len(set(zip(chant.units[:-1].tolist(), chant.units[1:].tolist(), strict=True))) < 100


@pytest.mark.parametrize("active", [single_utterance(1.5), ENDLESS])
def test_channels_in_blocks_are_those_as_a_whole(active):
    voice, prosody = build_unit_voice(), Prosody(pitch=2, rate=1.3, final="fall", entropy=2)
    keys = jax.random.split(jax.random.key(1), 2)
    complete, parts = (
        conditioning(voice, [active] * 2, keys, np.array([0, 1]), prosody=prosody) for _ in range(2)
    )
    assert complete is not None
    assert parts is not None
    channels, blocks = complete(0, 700), [parts(first, 70) for first in range(0, 700, 70)]
    for name, values in channels.items():
        np.testing.assert_array_equal(np.concatenate([block[name] for block in blocks], axis=1), values)


def test_affects_are_values_with_sources():
    assert str(affect("sad")).startswith("pitch -2 semitones, pitch range x 0.6, rate x 0.8, level -5 dB")
    assert str(NEUTRAL) == "neutral"
    page = Path("docs/howto/control.md").read_text("utf-8")
    for name, one in AFFECTS.items():
        assert f"| {name} | {one.prosody} | " in page
        assert one.source
    assert str(dataclasses.replace(affect("calm"), final=None)).endswith("effort -1 dB per octave")
    with pytest.raises(BabbleError, match="no affect 'bored'; give one of calm, happy"):
        affect("bored")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"pitch": 13}, "pitch is 13; give a number of semitones from -12 to 12, 0 to change nothing"),
        ({"rate": 0}, "rate is 0; give a factor from 0.5 to 2, 1 to change nothing"),
        ({"entropy": float("nan")}, "entropy is nan"),
        ({"pitch": True}, "pitch is True"),
        ({"level": "loud"}, "level is 'loud'"),
        ({"final": "up"}, "final is 'up'; give rise, fall, hold, or None"),
        ({"contour": "song.wav"}, "contour is 'song.wav'; give what read_contour returns"),
    ],
)
def test_what_cannot_be_is_said(values, sentence):
    with pytest.raises(BabbleError, match=sentence):
        Prosody(**values)


def test_a_number_of_any_kind_is_one():
    assert str(Prosody(pitch=np.int64(3), rate=np.float32(1.5))) == "pitch +3 semitones, rate x 1.5"


def test_command_line_and_stimuli_name_the_same_affects_and_ranges():
    for options in (ProsodyOptions, SpokenProsody):
        hints = get_type_hints(options, include_extras=True)
        assert get_args(get_args(hints["affect"])[0]) == tuple(AFFECTS)
        assert get_args(get_args(hints["final"])[0]) == get_args(Final)
    hints = get_type_hints(SpokenProsody, include_extras=True)
    assert hints.keys() - {"affect", "final"} == RANGES.keys() - {"level"}
    for name, (lowest, highest, _) in RANGES.items():
        assert f"{lowest:g}" in (words := _describe(name))
        assert f"{highest:g}" in words
        if name != "level":
            bounds = get_args(get_args(hints[name])[0])[1].metadata
            assert [(one.ge if hasattr(one, "ge") else one.le) for one in bounds] == [lowest, highest]


def _describe(name: str) -> str:
    """Returns what the help of the command line says of a value."""
    text = inspect.cleandoc(ProsodyOptions.__doc__ or "")
    match = re.search(rf"^ +{name}: (.*?)(?=^ +\w+: |\Z)", text, re.MULTILINE | re.DOTALL)
    assert match is not None
    return match[1]


def test_how_much_of_a_contour_lies_further_than_a_voice_goes():
    contour = Contour("m.csv", np.linspace(-3, 3, 100, endpoint=False), np.zeros(100), np.array([[0.0, 0.5]]))
    assert Prosody(contour=contour).limited_seconds == pytest.approx(0.17)  # 17 of 50 frames lie below -2
    assert Prosody(contour=contour, pitch_range=0.5).limited_seconds == 0
    assert Prosody(contour=contour, pitch=12).limited_seconds == 0
    assert Prosody(pitch_range=3).limited_seconds == 0


def test_a_live_session_has_no_final_contour_and_no_melody():
    for prosody in (
        Prosody(final="rise"),
        Prosody(contour=Contour("m.csv", *np.zeros((2, 10)), np.ones((1, 2)))),
    ):
        with pytest.raises(BabbleError, match=r"nobody knows when an utterance ends, .* `speak`"):
            check_live(prosody)
    check_live(Prosody(pitch=3, effort=1))


def test_a_voice_without_units_takes_level_and_effort_alone():
    vocoder = build_vocoder()
    check_prosody(vocoder, Prosody(level=-6, effort=3))
    with pytest.raises(BabbleError, match=r"a vocoder, .* on pitch, rate; leave that out"):
        check_prosody(vocoder, Prosody(pitch=1, rate=2, level=3))
