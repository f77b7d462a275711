"""8-bit sounds: what is asked for is measured in the sound."""

import dataclasses

import numpy as np
import pytest

from babble_jax.errors import BabbleError
from babble_jax.synthesis import chip, chip_categories, waves
from babble_jax.synthesis.chip import ChipSound
from tests.synthesis.spectra import (
    RATE,
    between_harmonics_db,
    cents_off,
    harmonic_amplitudes,
    instantaneous_hz,
)


def steady(wave: chip.Wave, frequency: float, **parameters: float) -> np.ndarray:
    """A second of a sound that does not change, without its ends."""
    sound = ChipSound(wave, frequency, sustain=1.2, **parameters)  # pyright: ignore[reportArgumentType]
    return chip.render_sound(sound, RATE)[1600 : 1600 + RATE].astype(np.float64)


@pytest.mark.parametrize(("wave", "duty"), [*(("pulse", duty) for duty in waves.DUTIES), ("triangle", 0.5)])
@pytest.mark.parametrize("frequency", [65.4, 441.3, 1003.0, 2489.0])
def test_a_wave_has_its_harmonics_its_pitch_and_no_others(wave, duty, frequency):
    audio = steady(wave, frequency, duty=duty)
    k = np.arange(1, min(8, int(7000 / frequency)) + 1)
    expected = 0.8 * 2 * np.abs(np.sin(np.pi * k * duty)) / (np.pi * k)
    if wave == "triangle":
        expected = 0.8 * np.where(k % 2, 4 / (np.pi * k) ** 2, 0) * 16 / 15  # steps of 1/15 from -1/2 to 1/2
    measured = harmonic_amplitudes(audio, frequency, len(k))
    np.testing.assert_allclose(measured, expected, atol=0.004)
    assert abs(cents_off(audio, frequency)) < 0.1
    assert between_harmonics_db(audio, frequency) < -54
    assert abs(np.average(audio, weights=np.blackman(RATE))) < 1e-4


def test_the_shift_register_repeats_as_the_consoles_does():
    for short, length, ones in ((False, 32_767, 16_384), (True, 93, None)):
        bits = waves.register_bits(short)
        assert len(bits) == length
        assert ones is None or bits.sum() == ones
    audio = steady("short noise", 93 * 200.0)
    assert harmonic_amplitudes(audio, 200.0, 30).sum() > 0.5  # the sequence is a period
    assert between_harmonics_db(audio, 200.0) < -40
    spectrum = np.abs(np.fft.rfft(steady("noise", 4000.0))) ** 2
    hz = np.fft.rfftfreq(RATE, 1 / RATE)
    power = [spectrum[np.abs(hz - centre) < 200].mean() for centre in (500, 2000, 4000)]
    shape = np.sinc(np.array([500, 2000]) / 4000) ** 2  # of steps of 1/4000 s
    np.testing.assert_allclose(np.divide(power[:2], power[0]), shape / shape[0], rtol=0.15)
    assert power[2] < 0.02 * power[0]


def test_volume_has_steps_and_an_envelope():
    sound = ChipSound("pulse", 500.0, attack=0.1, sustain=0.2, decay=0.3, punch=0.5, volume=12)
    time = np.array([0.05, 0.101, 0.2, 0.299, 0.45, 0.599, 0.61])
    np.testing.assert_array_equal(chip.volume_contour(sound, time), np.rint([6, 12, 10, 8, 4, 0.03, 0]))
    for volume in (1, 5, 15):
        rms = np.sqrt(np.mean(steady("pulse", 200.0, volume=volume) ** 2))
        assert rms == pytest.approx(0.8 * 0.5 * volume / 15, rel=0.02)
    assert not steady("pulse", 200.0, volume=0).any()


def test_pitch_and_duty_move_as_asked():
    sound = ChipSound("triangle", 400.0, sustain=1.0, vibrato_depth=0.5, vibrato_rate=6.0)
    hz = instantaneous_hz(chip.render_sound(sound, RATE), 300, 500)[2000:-2000]
    cents = 1200 * np.log2(hz / 400)
    time = (np.arange(len(cents)) + 2000) / RATE
    assert 2 * abs(np.mean(cents * np.exp(-2j * np.pi * 6 * time))) == pytest.approx(50, abs=2)
    sound = ChipSound("triangle", 400.0, sustain=0.5, slide=-1.0)
    hz = instantaneous_hz(chip.render_sound(sound, RATE), 150, 500)
    assert np.log2(hz[6400] / hz[1600]) == pytest.approx(-0.3, abs=0.01)
    time = np.array([0.0, 0.09, 0.11, 0.19, 0.21, 0.29, 0.31])
    steps = ChipSound("pulse", 100.0, sustain=0.4, arpeggio=(0, 12, 24), arpeggio_step=0.1)
    np.testing.assert_allclose(
        chip.frequency_contour(steps, time, time, RATE), [100, 100, 200, 200, 400, 400, 400]
    )
    again = dataclasses.replace(steps, retrigger=0.2, slide=1.0)
    since = np.mod(time, again.retrigger)
    assert chip.frequency_contour(again, time, since, RATE)[4] == pytest.approx(100 * 2**0.01)
    swept = chip.render_sound(ChipSound("pulse", 250.0, sustain=1.0, duty=0.2, duty_sweep=0.6), RATE)
    middle = swept[RATE // 2 - 800 : RATE // 2 + 800]
    assert harmonic_amplitudes(middle, 250.0, 2)[1] < 0.05  # a duty of 1/2 has no second harmonic
    assert harmonic_amplitudes(swept[:1600], 250.0, 2)[1] > 0.2


@pytest.mark.parametrize("category", chip_categories.CATEGORIES)
def test_a_category_draws_sounds_that_differ_and_fit_notes(category):
    draws = np.random.default_rng(1)
    one, other = (chip_categories.draw_sound(category, draws) for _ in range(2))
    assert one != other
    assert one == chip_categories.draw_sound(category, np.random.default_rng(1))
    note = chip_categories.fit_sound(one, 150.0, 0.08, 7)
    assert note.seconds == pytest.approx(0.08)
    assert (note.frequency, note.volume) == (150.0, 7)
    time = np.linspace(0, 0.08, 50)
    still = dataclasses.replace(note, arpeggio=(0.0,), vibrato_depth=0.0)
    since = np.mod(time, note.retrigger) if note.retrigger else time
    octaves = np.log2(chip.frequency_contour(still, time, since, RATE) / 150.0)
    assert np.abs(octaves).max() <= 2 * chip_categories.MOST_SLIDE
    first, second = (chip.render_sound(one, RATE, seed) for seed in (3, 3))
    np.testing.assert_array_equal(first, second)
    assert 0.1 < np.abs(first).max() < 1


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"sustain": 0.0}, "has no length; give attack, sustain and decay in s, not all 0"),
        ({"attack": -1.0}, "attack of a chip sound is -1 s; choose from 0 to 60 s"),
        ({"duty": 1.0}, "duty of a chip sound is 1; choose from 0.05 to 0.95"),
        ({"volume": 16}, "volume of a chip sound is 16; choose from 0 to 15"),
        ({"volume": 7.5}, "volume of ChipSound is 7.5; give a whole number"),
        ({"frequency": 0.0}, "frequency of a chip sound is 0 Hz; choose from 20 to 400000 Hz"),
        ({"frequency": "A4"}, "frequency of ChipSound is 'A4'; give a number"),
        ({"wave": "saw"}, "wave of a chip sound is 'saw'; choose from pulse, triangle, noise, short noise"),
        ({"slide": np.nan}, "slide of a chip sound is nan octaves in a second; choose from -100 to 100"),
        ({"slide": 1e6}, "slide of a chip sound is 1e"),
        ({"duty_sweep": np.nan}, "duty_sweep of a chip sound is nan in a second; choose from -100 to 100"),
        ({"arpeggio": ()}, r"arpeggio of a chip sound is \(\); give a tuple of one or more semitones"),
        ({"arpeggio": (0.0, np.inf)}, r"arpeggio of a chip sound is \(0.0, inf\)"),
    ],
)
def test_an_impossible_sound_is_refused(parameters, message):
    with pytest.raises(BabbleError, match=message):
        ChipSound(**({"wave": "pulse", "frequency": 100.0} | parameters))


def test_the_furthest_slide_stays_within_the_frequencies_that_there_are():
    for slide, hz in ((100.0, 0.45 * RATE), (-100.0, 20.0)):
        sound = ChipSound("pulse", 100.0, sustain=60.0, slide=slide)
        time = np.array([59.0])
        np.testing.assert_array_equal(chip.frequency_contour(sound, time, time, RATE), hz)
    with pytest.raises(BabbleError, match="rate is 0 Hz; choose from 8000 to 192000 Hz"):
        chip.render_sound(ChipSound("pulse", 100.0), 0)
    with pytest.raises(BabbleError, match="organ: there is no such category; choose from pickup"):
        chip_categories.draw_sound("organ", np.random.default_rng(0))  # pyright: ignore[reportArgumentType]
