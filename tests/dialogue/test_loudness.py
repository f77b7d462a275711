import numpy as np
import pytest

from babble_jax.dialogue.loudness import (
    ACTIVE_LEVEL_DB,
    active_level,
    limit,
    reference_gain,
    reference_samples,
    without_rumble,
)
from babble_jax.dialogue.utterance import Speaker
from babble_jax.errors import BabbleError
from babble_jax.voice.babbler import two_of_one
from tests.dialogue.fake_babbler import RATE, FakeBabbler, SilentBabbler


def sine(seconds: float, amplitude: float) -> np.ndarray:
    return amplitude * np.sin(2 * np.pi * 200 * np.arange(round(seconds * RATE)) / RATE)


def test_active_level_of_a_sine_is_its_rms_whatever_silence_is_about_it():
    tone = sine(1, 0.2)
    expected = 20 * np.log10(0.2 / np.sqrt(2))
    assert active_level(tone, RATE) == pytest.approx(expected, abs=1e-6)
    surrounded = np.concatenate([np.zeros(4 * RATE), tone, sine(3, 0.2 * 10 ** (-25 / 20))])
    assert active_level(surrounded, RATE) == pytest.approx(expected, abs=1e-6)


def test_a_passage_within_the_margin_counts():
    both = np.concatenate([sine(1, 0.2), sine(1, 0.1)])
    assert active_level(both, RATE) == pytest.approx(10 * np.log10((0.02 + 0.005) / 2), abs=1e-6)


def test_zeros_have_no_level():
    assert active_level(np.zeros(RATE), RATE) == -np.inf


@pytest.mark.parametrize("amplitude", [0.01, 0.1, 0.5])
def test_the_gain_brings_any_voice_to_the_same_level(amplitude: float):
    babbler = FakeBabbler(amplitude=amplitude)
    streams = babbler.babble(np.arange(20, dtype=np.uint32).reshape(10, 2), [RATE * 4] * 10, lambda n: None)
    heard = reference_gain(babbler, lambda n: None) * np.concatenate(streams)
    assert active_level(heard, RATE) == pytest.approx(ACTIVE_LEVEL_DB, abs=1)


def test_the_gain_is_a_fixed_figure_of_the_voice_and_reports_progress():
    made: list[int] = []
    gain = reference_gain(FakeBabbler(), made.append)
    assert gain == reference_gain(FakeBabbler(), lambda n: None)
    assert sum(made) == reference_samples(RATE)


def test_a_silent_voice_is_refused_although_it_holds_a_constant():
    with pytest.raises(
        BabbleError, match=r"The voice fake is silent .* train it longer or raise the temperature"
    ):
        Speaker.of(SilentBabbler())


def test_a_voice_that_is_not_finite_is_refused():
    class Broken(FakeBabbler):
        def _stream(self, rng: np.random.Generator, length: int) -> np.ndarray:
            return np.full(length, np.nan, np.float32)

    with pytest.raises(BabbleError, match="not finite"):
        Speaker.of(Broken())


def test_rumble_goes_and_speech_stays():
    tone = sine(1, 0.2)
    heard = without_rumble((tone + 0.1).astype(np.float32), RATE)
    assert abs(np.mean(heard)) < 1e-3
    assert abs(heard[0]) < 1e-6  # a constant start is no click
    assert active_level(heard, RATE) == pytest.approx(active_level(tone, RATE), abs=0.1)
    assert len(without_rumble(np.zeros(0, np.float32), RATE)) == 0


def test_filtering_a_longer_stream_begins_with_the_shorter_one():
    stream = FakeBabbler().babble(np.zeros((1, 2), np.uint32), [RATE], lambda n: None)[0]
    speaker = Speaker.of(two_of_one(FakeBabbler())[0])
    assert np.array_equal(speaker.loudness(stream)[:777], speaker.loudness(stream[:777]))


def test_the_limit_leaves_what_is_soft_and_keeps_below_minus_one_decibel():
    x = np.linspace(-8, 8, 10_001, dtype=np.float32)
    y = limit(x)
    soft = np.abs(x) <= 0.5
    assert np.array_equal(y[soft], x[soft])
    assert np.all(np.diff(y) >= 0)
    assert np.max(np.abs(np.rint(y * 32768) / 32768)) < 10 ** (-1 / 20)
    assert np.array_equal(y, -limit(-x)), "odd"
    assert np.max(np.abs(np.diff(y))) <= np.diff(x).max() * 1.001, "no jump, nowhere steeper than 1"
