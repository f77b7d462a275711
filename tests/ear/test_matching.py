"""The spectrum of an ear's training: measured, and sound through another microphone brought to it."""

import copy

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
from babble_jax.ear.running_match import RunningMatch
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


def run_match(frames, card, *sizes):
    """Brings features to the training's spectrum as they come, in blocks of these sizes."""
    match = RunningMatch(CONFIG, card)
    blocks = np.split(frames, np.cumsum(sizes)) if sizes else [frames]
    return np.concatenate([match.apply(block) for block in blocks]), match


class TestRunningMatch:
    """The spectrum of sound that comes in blocks."""

    def test_it_comes_to_what_the_whole_sound_gives(self, card):
        audio = other_microphone(bursts(9))
        frames = features(audio, CONFIG)
        matched, match = run_match(frames, card)
        expected = find_match([audio], CONFIG, card)
        np.testing.assert_allclose(match.curve, expected.curve, atol=0.05)
        changed = np.flatnonzero(np.any(matched != frames, axis=1))
        assert changed[0] % 50 == 0
        assert 200 <= changed[0] <= 400, "two active seconds, of bursts with silences between them"
        np.testing.assert_allclose((matched - frames)[550:600], np.tile(expected.curve, (50, 1)), atol=0.5)

    @pytest.mark.parametrize("sizes", [(7,), (1, 2, 300, 49), (50, 50), (0, 333)])
    def test_blocks_change_nothing(self, card, sizes):
        frames = features(other_microphone(bursts(9)), CONFIG)
        np.testing.assert_array_equal(run_match(frames, card, *sizes)[0], run_match(frames, card)[0])

    def test_what_is_like_the_training_stays_as_it_is(self, card):
        frames = features(bursts(9), CONFIG)
        np.testing.assert_array_equal(run_match(frames, card)[0], frames)
        np.testing.assert_array_equal(run_match(frames, {})[0], frames)

    def test_a_copy_goes_its_own_way(self, card):
        frames = features(other_microphone(bursts(9)), CONFIG)
        _, match = run_match(frames[:275], card)
        other = copy.copy(match)
        other.apply(np.full((200, 80), -20, np.float32))
        expected = run_match(frames, card)[0]
        np.testing.assert_array_equal(match.apply(frames[275:]), expected[275:])
