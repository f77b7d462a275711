"""Sung vowels: pitch, vibrato, formants and level are measured in the sound."""

import numpy as np
import pytest

from babble_jax.audio.level import rms_db
from babble_jax.synthesis import formants, glottis, notes, singing, waves
from babble_jax.synthesis.notes import Melody, Note
from tests.synthesis.spectra import (
    RATE,
    between_harmonics_db,
    cents_off,
    harmonic_amplitudes,
    instantaneous_hz,
)


def sing(
    *sung: Note, voice_type: formants.VoiceType = "bass", middle: float = 150.0, **singer: float
) -> np.ndarray:
    """The sound of a phrase from 0.1 s on, whose pitch 0 is `middle` Hz; unit u has vowel u."""
    melody = Melody(middle / 2, middle * 2, widening=1.0, scale="none")
    who = singing.Singer(voice_type, (0, 1, 2, 3, 4), **{"vibrato_extent": 0.0, **singer})
    seconds = sung[-1].end * 0.01 + 0.1
    score = singing.write_score([list(sung)], who, melody, -20.0, seconds)
    audio = singing.render_score(score, seconds, RATE, np.random.default_rng(0))
    assert audio.shape == (round(seconds * RATE),)
    assert np.abs(audio).max() < 1
    return audio.astype(np.float64)


@pytest.mark.parametrize("voice_type", formants.VOICE_TYPES)
def test_resonances_lie_where_the_table_says(voice_type):
    table = formants.vowel_formants(voice_type)
    hz = np.arange(50.0, 5200.0)
    cascade = formants.vocal_cascade(table, voice_type, RATE)
    alone = formants.vocal_cascade(table[2:3], voice_type, RATE)
    np.testing.assert_array_equal(alone, cascade[2:3])  # whatever else is sung
    response = formants.power_response(cascade, np.broadcast_to(hz, (5, len(hz))), RATE)
    for vowel, power in zip(table, response, strict=True):
        peaks = hz[1:-1][(power[1:-1] > power[:-2]) & (power[1:-1] > power[2:])]
        off = np.abs(peaks[:, None] - vowel[:, 0]).min(axis=0)
        assert (off[:2] < 0.02 * vowel[:2, 0]).all()
        assert (off < 1.6 * vowel[:, 1]).all()  # those of a singer's formant may run together
    impulse = np.zeros(RATE)
    impulse[0] = 1
    tail = formants.resonate(impulse, cascade[:1], RATE)
    measured = np.abs(np.fft.rfft(tail))[hz.astype(int)] ** 2
    np.testing.assert_allclose(measured, response[0], rtol=1e-6)


def test_a_steady_note_has_its_pitch_its_formants_and_its_level():
    powers = glottis.harmonic_powers(60)
    phases = waves.edge_phases(np.full(2 * RATE * waves.OVERSAMPLING, 151.3), RATE * waves.OVERSAMPLING)
    source = waves.downsample(glottis.source(phases), RATE)[8000 : 8000 + RATE]
    assert between_harmonics_db(source, 151.3) < -54
    np.testing.assert_allclose(harmonic_amplitudes(source, 151.3, 20), np.sqrt(2 * powers[:20]), rtol=0.01)
    for vowel, loudness in ((0, -20.0), (2, -30.0), (4, -20.0)):
        audio = sing(Note(10, 220, vowel, 0.0, loudness))[8000 : 8000 + RATE]
        assert abs(cents_off(audio, 150.0)) < 1
        wanted = singing.LOUD_DB + (loudness + 20) / 2
        assert 10 * np.log10(np.mean(audio**2)) == pytest.approx(wanted, abs=0.3)
        cascade = formants.vocal_cascade(formants.vowel_formants("bass")[vowel : vowel + 1], "bass", RATE)
        response = formants.power_response(cascade, 150.0 * np.arange(1, 21)[None], RATE)[0] * powers[:20]
        measured = harmonic_amplitudes(audio, 150.0, 20) ** 2
        strong = response > 1e-3 * response.max()  # breath covers the others
        ratio = 10 * np.log10(measured[strong] / response[strong])
        assert np.ptp(ratio) < 1


def test_a_tenor_rings_more_than_a_soprano():
    def share(voice_type: formants.VoiceType) -> float:
        power = (
            np.abs(np.fft.rfft(sing(Note(10, 110, 0, 0.0, -20.0), voice_type=voice_type, middle=262.0))) ** 2
        )
        hz = np.fft.rfftfreq(round(1.2 * RATE), 1 / RATE)
        return 10 * np.log10(power[(hz > 2400) & (hz < 3400)].sum() / power.sum())

    assert -15 < share("tenor") < -5
    assert share("tenor") - share("soprano") > 6


@pytest.mark.parametrize(("rate", "extent"), [(5.2, 50.0), (6.8, 95.0)])
def test_vibrato_sets_in_late_with_its_rate_and_extent(rate, extent):
    audio = sing(Note(10, 260, 4, 0.0, -20.0), vibrato_rate=rate, vibrato_extent=extent, vibrato_delay=0.3)
    hz = instantaneous_hz(audio, 100, 200)
    early, steady = (
        1200 * np.log2(hz[round(a * RATE) : round(b * RATE)] / 150) for a, b in ((0.2, 0.38), (1, 2))
    )
    assert np.abs(early).max() < 5  # of the band that is measured
    time = np.arange(RATE) / RATE
    rates = np.arange(3, 10, 0.05)
    strength = np.abs(np.exp(-2j * np.pi * rates[:, None] * time) @ (steady * np.hanning(RATE)))
    assert rates[strength.argmax()] == pytest.approx(rate, abs=0.1)
    assert np.percentile(steady, 99.5) == pytest.approx(extent, rel=0.05)
    assert np.percentile(steady, 0.5) == pytest.approx(-extent, rel=0.05)


def test_notes_glide_and_breath_and_rests_have_no_voice():
    sung = (
        Note(10, 60, 0, 0.0, -20.0),
        Note(60, 110, 4, 0.5, -20.0),
        Note(110, 130, 1, np.nan, -20.0),
        Note(130, 150, 1, np.nan, -20.0, rest=True),
        Note(150, 200, 3, -0.5, -20.0),
    )
    audio = sing(*sung)
    melody = Melody(75.0, 300.0, widening=1.0, scale="none")
    score = singing.write_score([list(sung)], singing.Singer("bass", (0, 1, 2, 3, 4)), melody, -20.0, 2.1)
    for second, hz in ((0.35, 150.0), (0.85, 150 * 2**0.5), (1.75, 150 * 2**-0.5)):
        assert score.steady_f0[round(second / formants.BLOCK)] == pytest.approx(hz)
    assert (
        np.abs(np.diff(np.log2(score.steady_f0)))[:210].max() < 0.07
    )  # half an octave in 90 ms, not at once
    level = rms_db(audio, RATE)
    assert level[20:100].min() > -21
    assert -35 < level[115:125].max() < -29
    assert level[135:145].max() < -50
    assert (level[:8] <= -60).all()
    assert (level[-7:] <= -60).all()
    hot = formants.tune_first(formants.vowel_formants("soprano")[2:3], np.array([800.0]))
    assert hot[0, 0, 0] == 800.0
    assert hot[0, 1, 0] == 2140.0


def test_voiced_notes_are_held_and_others_keep_their_length():
    phrase = [Note(5, 15, 1, 0.0, -20.0), Note(15, 21, 2, np.nan, -30.0), Note(21, 41, 3, 0.1, -20.0)]
    held = notes.hold_notes(phrase, 96)
    assert [(note.onset, note.end) for note in held] == [(5, 35), (35, 41), (41, 101)]
    assert notes.hold_notes(phrase, 36) == phrase
