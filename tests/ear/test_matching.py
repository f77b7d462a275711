"""The spectrum of an ear's training: measured, and sound through another microphone brought to it."""

import numpy as np
import pytest
import soundfile

from babble_jax.ear.features import features
from babble_jax.ear.leveling import LEVEL_KEY, MOST_GAIN_DB
from babble_jax.ear.matching import (
    LEAST_DISTANCE,
    SPECTRUM_KEY,
    SpectrumMeter,
    find_match,
    measure_spectrum,
    target_spectrum,
)
from tests.small_ear import make_ear

CONFIG = make_ear(bands=80).config
RATE = CONFIG.sample_rate


def bursts(seed=0, seconds=6.0):
    """Noise of a falling spectrum in bursts, as syllables are, over a soft floor."""
    rng, count = np.random.default_rng(seed), round(seconds * RATE)
    spectrum = np.fft.rfft(rng.normal(size=count)) / (1 + np.arange(count // 2 + 1) / 500)
    noise = np.fft.irfft(spectrum, count)
    sounding = np.arange(count) % 6000 < 4000
    return (0.1 * noise / noise.std() * np.where(sounding, 1, 1e-3)).astype(np.float32)


def other_microphone(audio):
    """Passes high frequencies better: 6 dB more an octave."""
    return np.diff(audio, prepend=np.float32(0))


@pytest.fixture(scope="module")
def card(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recordings")
    paths = [folder / f"{seed}.wav" for seed in range(3)]
    for seed, path in enumerate(paths):
        soundfile.write(path, bursts(seed), RATE, subtype="FLOAT")
    soundfile.write(folder / "silent.wav", np.zeros(RATE), RATE)
    assert measure_spectrum([folder / "silent.wav"], CONFIG) is None
    return {SPECTRUM_KEY: measure_spectrum([*paths, folder / "silent.wav"], CONFIG)}


def test_the_mean_is_over_the_loud_frames_by_hand():
    meter = SpectrumMeter(2)
    meter.push(np.array([[-20.0, -100.0], [-25.0, -100.0], [-52.5, -100.0]], np.float32))
    meter.push(np.array([[-100.0, -100.0]] * 3, np.float32))
    assert meter.mean(3) is None
    np.testing.assert_allclose(meter.mean(1), [-22.5, -100.0])
    assert SpectrumMeter(2).mean(0) is None


def test_what_is_like_the_training_stays_as_it_is(card):
    match = find_match([bursts(9)], CONFIG, card)
    assert match.curve is None
    assert match.distance is not None
    assert match.distance < LEAST_DISTANCE


def test_another_microphone_is_taken_away(card):
    audio = other_microphone(bursts(9))
    match = find_match([audio], CONFIG, card)
    assert match.curve is not None
    assert match.distance is not None
    assert match.distance > 3
    left = find_match([audio], CONFIG, card, spectrum=False)
    assert (left.curve, left.distance, left.lies_off) == (None, match.distance, True)
    meter = SpectrumMeter(80)
    meter.push(features(audio, CONFIG))
    mean = meter.mean(1)
    assert mean is not None
    rest = np.array(card[SPECTRUM_KEY]) - mean - match.curve
    assert np.std(rest) < 0.4 * match.distance
    again = find_match(np.split(audio, [100, 101, 30_000]), CONFIG, card)
    np.testing.assert_allclose(again.curve, match.curve, atol=1e-3)


def test_the_level_is_no_part_of_the_curve(card):
    own = card | {LEVEL_KEY: -20.0}
    loud, soft = (find_match([gain * other_microphone(bursts(9))], CONFIG, own) for gain in (1.0, 0.25))
    assert soft.gain == pytest.approx(4 * loud.gain, rel=1e-3)
    np.testing.assert_allclose(soft.curve, loud.curve, atol=0.05)


def test_no_band_is_raised_by_more_than_the_level_may_be(card):
    own = card | {LEVEL_KEY: -20.0}
    match = find_match([np.float32(1e-3) * other_microphone(bursts(9))], CONFIG, own)
    assert match.curve is not None
    assert match.curve.max() <= MOST_GAIN_DB
    shrill = find_match([np.diff(bursts(9), n=6, prepend=np.zeros(6, np.float32))], CONFIG, card)
    assert shrill.curve is not None
    assert shrill.curve.min() < -MOST_GAIN_DB
    assert match.gain == pytest.approx(10 ** (MOST_GAIN_DB / 20))


def test_of_too_little_sound_nothing_is_known(card):
    assert find_match([bursts(9, 1.5)], CONFIG, card).distance is None
    silent = find_match([np.zeros(4 * RATE, np.float32)], CONFIG, card)
    assert (silent.gain, silent.curve) == (1.0, None)
    assert find_match([], CONFIG, card).curve is None


@pytest.mark.parametrize(
    "values", [None, "flat", [1.0] * 79, [*([1.0] * 79), float("nan")], [*([1.0] * 79), "a"]]
)
def test_a_card_without_a_spectrum_matches_nothing(values):
    assert target_spectrum({SPECTRUM_KEY: values}, 80) is None
    assert find_match([bursts()], CONFIG, {SPECTRUM_KEY: values}).curve is None
