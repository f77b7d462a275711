import numpy as np
import pytest

from babble_jax.audio.level import active_level_db
from babble_jax.dialogue.loudness import (
    ACTIVE_LEVEL_DB,
    limit_peaks,
    measure_gain,
    reference_samples,
)
from babble_jax.dialogue.utterance import LeveledVoice
from babble_jax.errors import BabbleError
from babble_jax.voice.babbler import make_speaker_pair
from tests.dialogue.fake_babbler import RATE, FakeBabbler, SilentBabbler


@pytest.mark.parametrize("amplitude", [0.01, 0.1, 0.5])
def test_the_gain_brings_any_voice_to_the_same_level(amplitude: float):
    babbler = FakeBabbler(amplitude=amplitude)
    streams = babbler.babble(np.arange(20, dtype=np.uint32).reshape(10, 2), [RATE * 4] * 10, lambda n: None)
    audio = measure_gain(babbler, lambda n: None) * np.concatenate(streams)
    assert active_level_db(audio, RATE) == pytest.approx(ACTIVE_LEVEL_DB, abs=1)


def test_the_gain_is_a_fixed_figure_of_the_voice_and_reports_progress():
    counts: list[int] = []
    gain = measure_gain(FakeBabbler(), counts.append)
    assert gain == measure_gain(FakeBabbler(), lambda n: None)
    assert sum(counts) == reference_samples(RATE)


def test_a_silent_voice_is_refused_although_it_holds_a_constant():
    with pytest.raises(BabbleError, match="fake is silent"):
        LeveledVoice.measure(SilentBabbler())


def test_a_voice_that_is_not_finite_is_refused():
    class Broken(FakeBabbler):
        def _stream(self, rng: np.random.Generator, length: int) -> np.ndarray:
            return np.full(length, np.nan, np.float32)

    with pytest.raises(BabbleError, match="not finite"):
        LeveledVoice.measure(Broken())


def test_filtering_a_longer_stream_begins_with_the_shorter_one():
    stream = FakeBabbler().babble(np.zeros((1, 2), np.uint32), [RATE], lambda n: None)[0]
    voice = LeveledVoice.measure(make_speaker_pair(FakeBabbler())[0])
    assert np.array_equal(voice.apply(stream)[:777], voice.apply(stream[:777]))


def test_the_limit_leaves_what_is_soft_and_keeps_below_minus_one_decibel():
    x = np.linspace(-8, 8, 10_001, dtype=np.float32)
    y = limit_peaks(x)
    soft = np.abs(x) <= 0.5
    assert np.array_equal(y[soft], x[soft])
    assert np.all(np.diff(y) >= 0)
    assert np.max(np.abs(np.rint(y * 32768) / 32768)) < 10 ** (-1 / 20)
    assert np.array_equal(y, -limit_peaks(-x)), "odd"
    assert np.max(np.abs(np.diff(y))) <= np.diff(x).max() * 1.001, "no jump, nowhere steeper than 1"
