"""Measures of speech-likeness on sounds whose values are known, and on real speech, noise, tones and loops."""

import dataclasses

import numpy as np
import pytest
import scipy.signal

from babble_jax.errors import BabbleError
from babble_jax.judge import reference
from babble_jax.judge.judgement import NAMES, judge
from babble_jax.judge.loops import likeness, loop_correlation
from babble_jax.judge.modulation import modulation_share
from babble_jax.judge.pitch_statistics import pitch
from babble_jax.judge.spectrum import band_edges, long_term_spectrum, spectrum_distance
from babble_jax.presets import registry
from tests.spoken import RATE, utterance

T = np.arange(10 * RATE) / RATE
NOISE = np.random.default_rng(0).normal(0, 0.05, len(T)).astype(np.float32)


@pytest.fixture(scope="module")
def speech():
    """About 20 s of one speaker."""
    names = ("ru_0006", "ru_0044", "ru_0081", "ru_0093", "ru_0115", "ru_0122")
    return np.concatenate([utterance(name) for name in names]).astype(np.float32)[: 20 * RATE]


@pytest.mark.parametrize(("hertz", "inside"), [(4.0, True), (1.0, False), (12.0, False)])
def test_the_modulation_of_a_beat_is_at_its_rate(hertz, inside):
    beat = NOISE * (1 + np.sin(2 * np.pi * hertz * T))
    share = modulation_share(beat, RATE)
    assert share > 0.8 if inside else share < 0.2


def test_the_modulation_of_noise_is_that_of_the_bands_width_and_of_silence_none():
    assert modulation_share(NOISE, RATE) == pytest.approx(6 / 31.75, abs=0.04)
    assert modulation_share(np.zeros(RATE), RATE) == 0
    assert modulation_share(np.full(RATE, 0.5), RATE) == 0


def test_the_pitch_of_a_hum():
    hum = 0.2 * scipy.signal.sawtooth(2 * np.pi * 110 * T[: 2 * RATE]) * (T[: 2 * RATE] < 1)
    found = pitch(hum, RATE)
    assert found.f0_median_hz == pytest.approx(110, rel=0.02)
    assert found.voiced_share == pytest.approx(0.5, abs=0.06)
    assert pitch(NOISE[:RATE], RATE).voiced_share < 0.02


def test_spectra_differ_by_what_a_filter_does_and_not_by_a_gain():
    tilt = scipy.signal.butter(1, 500, fs=RATE, output="sos")
    dull = np.asarray(scipy.signal.sosfilt(tilt, NOISE))
    plain = long_term_spectrum(NOISE, RATE)
    assert spectrum_distance(plain, long_term_spectrum(3 * NOISE, RATE)) < 0.01
    response = np.asarray(scipy.signal.sosfreqz(tilt, band_edges()[1:-1], fs=RATE)[1])
    expected = 20 * np.log10(np.abs(response[:-1]))  # but for the last band, which the filter's zero is in
    found = spectrum_distance(plain[:-1], long_term_spectrum(dull, RATE)[:-1])
    assert found == pytest.approx(expected.std(), rel=0.1)
    half = scipy.signal.resample_poly(NOISE, 1, 2)
    low = long_term_spectrum(half, RATE // 2)
    assert np.isnan(low[-1])
    assert spectrum_distance(plain, low) < 1.0


def test_loops_are_found():
    rng = np.random.default_rng(1)
    syllables = np.repeat(rng.uniform(0, 1, 100), RATE // 10) * NOISE
    assert loop_correlation(syllables, RATE) < 0.4
    assert loop_correlation(np.tile(syllables[: 2 * RATE], 5), RATE) > 0.95
    assert loop_correlation(0.1 * np.sin(2 * np.pi * 200 * T), RATE) == 1
    assert loop_correlation(np.zeros(10 * RATE), RATE) == 1
    assert loop_correlation(syllables[: RATE // 2], RATE) == 0
    assert likeness(syllables, syllables[RATE:], RATE) > 0.95
    other = np.repeat(rng.uniform(0, 1, 100), RATE // 10) * NOISE
    assert likeness(syllables, other, RATE) < 0.5
    for piece in (syllables[: 3 * RATE], syllables[-3 * RATE :]):  # of the longer one, wherever it is
        assert likeness(np.concatenate([other, syllables]), piece, RATE) > 0.95
    assert likeness(other, syllables[: 3 * RATE], RATE) < 0.9


def test_speech_is_judged_speech_and_noise_is_not(speech):
    found = reference.measured(speech, RATE, "man")
    assert found.pieces == 2
    assert found.speech["speech_share"].low > 0.6
    assert found.noise["speech_share"] < 0.1
    assert found.noise["ltas_distance_db"] > 3 * found.speech["ltas_distance_db"].high
    assert 90 < found.speech["f0_median_hz"].median < 220
    own, hiss = (judge(x, RATE, np.array(found.spectrum, float)) for x in (speech[: 10 * RATE], NOISE))
    assert own.speech_share > 0.6 > 0.1 > hiss.speech_share
    assert (hiss.f0_median_hz, hiss.ipu_seconds, hiss.pause_seconds) == (None, None, None)
    assert own.ipu_seconds is not None
    assert not found.within("speech_share", hiss.speech_share)
    assert not found.within("f0_median_hz", None)


def test_what_is_within():
    speech = {name: reference.Range(1.0, 2.0, 3.0) for name in NAMES}
    one = reference.Reference("x", "", RATE, 9, (), speech, {})
    for name, inside, outside in (
        ("voiced_share", (1.0, 3.0), (0.9, 3.1)),
        ("ltas_distance_db", (0.1, 3.0), (3.01, 9.0)),
        ("loop_correlation", (0.0, 3.0), (3.1,)),
    ):
        assert all(one.within(name, value) for value in inside)
        assert not any(one.within(name, value) for value in outside)


def test_references_that_ship_come_back_and_others_are_measured(tmp_path, speech):
    assert "festvox-ru" in registry.names("references")
    shipped = reference.load_reference("festvox-ru")
    assert shipped.pieces > 100
    assert len(shipped.spectrum) == 40
    reference.save_reference(shipped, tmp_path / "a.json")
    assert '"festvox-ru"' in (tmp_path / "a.json").read_text()
    with pytest.raises(BabbleError, match="no reference 'nobody', nor a folder"):
        reference.load_reference("nobody")
    with pytest.raises(BabbleError, match="too few to compare with; give 20 s or more"):
        reference.measured(speech[: 15 * RATE], RATE, "man")


def test_it_can_be_written_down(speech):
    found = dataclasses.asdict(judge(speech[: 5 * RATE], RATE))
    assert tuple(found) == NAMES
    assert found["ltas_distance_db"] is None
