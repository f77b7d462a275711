"""Acoustic units: the sequence has the least cost, sounds that differ get different units, speakers share them."""

import numpy as np
import pytest
import scipy.signal

from babble_jax.audio.pitch import f0_contour
from babble_jax.audio.units import COEFFICIENTS, HOP, cepstra, fit_codebook, frame_index
from babble_jax.errors import BabbleError
from tests.measured_features import MeasuredFeatures

RATE = 8000
SECONDS = 0.3  # of each sound


def test_frames_are_centred_in_their_ten_milliseconds():
    audio = np.zeros(RATE, np.float32)
    audio[round(0.305 * RATE)] = 1.0  # the middle of frame 30
    rows = cepstra(audio, RATE)
    assert rows.shape == (100, COEFFICIENTS)
    assert np.argmax(rows[:, 0]) == 30
    np.testing.assert_allclose(rows[30 - 1], rows[30 + 1], atol=0.5)
    assert len(cepstra(audio[:1], RATE)) == 1
    assert len(cepstra(audio[: round(0.011 * RATE)], RATE)) == 2


@pytest.mark.parametrize("rate", [11_025, 22_050, 44_100])
def test_frames_keep_time_at_any_rate(rate):
    audio = np.zeros(20 * rate, np.float32)
    audio[round(15.005 * rate)] = 1.0
    rows = cepstra(audio, rate)
    assert len(rows) == len(f0_contour(audio[: 2 * rate], rate)) * 10 == 2000
    assert np.argmax(rows[:, 0]) == 1500


def test_a_gain_moves_the_first_coefficient_alone():
    audio = np.random.default_rng(0).normal(0, 0.1, RATE).astype(np.float32)
    quiet, loud = cepstra(audio, RATE), cepstra(2 * audio, RATE)
    np.testing.assert_allclose(quiet[:, 1:], loud[:, 1:], atol=1e-3)
    np.testing.assert_allclose(loud[:, 0] - quiet[:, 0], 20 * np.log10(2) * np.sqrt(40), atol=1e-3)


def test_times_fall_into_frames():
    np.testing.assert_array_equal(frame_index(np.array([0.0, 0.009, 0.01, 0.03, 0.0299])), [0, 0, 1, 3, 2])


def sounds(order, draws):
    """Sounds in a row: 0 a low hum, 1 hiss, 2 a whistle."""
    t = np.arange(round(SECONDS * RATE)) / RATE
    kinds = {
        0: 0.2 * scipy.signal.sawtooth(2 * np.pi * 120 * t),
        1: 0.05 * draws.normal(size=len(t)),
        2: 0.2 * np.sin(2 * np.pi * 2500 * t),
    }
    line = np.concatenate([kinds[sound] for sound in order])
    return (line + 1e-4 * draws.normal(size=len(line))).astype(np.float32)


def test_sounds_that_differ_get_different_units_whoever_makes_them():
    draws = np.random.default_rng(1)
    orders = [draws.integers(0, 3, 12) for _ in range(8)]
    audio = [sounds(order, draws) for order in orders]
    dull = scipy.signal.butter(1, 1500, fs=RATE, output="sos")  # the second speaker's voice
    speakers = [0, 1] * 4
    audio = [
        np.asarray(scipy.signal.sosfilt(dull, 0.3 * x), np.float32) if who else x
        for x, who in zip(audio, speakers, strict=True)
    ]
    codebook = fit_codebook(
        3,
        [np.array([(0.0, len(x) / RATE)]) for x in audio],
        speakers,
        [len(x) * 100 // RATE for x in audio],
        MeasuredFeatures(audio, RATE),
        seed=0,
    )
    units_of = {}
    for order, x, who in zip(orders, audio, speakers, strict=True):
        units = codebook.encode(x, RATE, who)
        assert len(units) == round(12 * SECONDS / HOP)
        for sound, piece in zip(order, units.reshape(12, -1), strict=True):
            inside = piece[3:-3]  # the windows of the frames at the edges hold two sounds
            assert len(set(inside)) == 1
            units_of.setdefault(int(sound), set()).add(int(inside[0]))
    assert sorted(unit for units in units_of.values() for unit in units) == [0, 1, 2]


def test_too_little_sound_for_so_many_units_is_one_sentence():
    with pytest.raises(BabbleError, match="too little speech for 50 units; ask for fewer"):
        fit_codebook(
            50, [np.array([(0.0, 0.1)])], [0], [10], MeasuredFeatures([np.zeros(800, np.float32)], RATE)
        )
