import jax
import numpy as np
import pytest

from babble_jax.errors import BabbleError
from babble_jax.voice.babbler import PitchShiftedBabbler, stream_keys, two_of_one
from tests.dialogue.fake_babbler import RATE, FakeBabbler


def silently(made: int) -> None:
    pass


def test_keys_are_those_of_jax_and_all_differ():
    keys = stream_keys(7, 3, 1, count=5)
    key = jax.random.fold_in(jax.random.fold_in(jax.random.key(7, impl="threefry2x32"), 3), 1)
    assert np.array_equal(keys[4], jax.random.key_data(jax.random.fold_in(key, 4)))
    others = [stream_keys(s, i, c, count=5) for s, i, c in [(7, 3, 0), (7, 2, 1), (8, 3, 1)]]
    assert len(np.unique(np.concatenate([keys, *others]), axis=0)) == 20


def test_a_key_does_not_know_how_many_there_are():
    assert np.array_equal(stream_keys(7, 0, 0, count=3), stream_keys(7, 0, 0, count=9)[:3])
    assert stream_keys(7, 0, 0, count=0).shape == (0, 2)


@pytest.mark.parametrize(("seed", "item"), [(-1, 0), (2**32, 0), (0, 2**32)])
def test_a_seed_beyond_32_bits_is_refused(seed: int, item: int):
    with pytest.raises(BabbleError, match=f"not {seed} and {item}"):
        stream_keys(seed, item, 0, count=1)


@pytest.mark.parametrize(("ratio", "hertz"), [(0.8, 160), (1.25, 250)])
def test_a_resized_tone_has_its_pitch_times_the_ratio(ratio: float, hertz: float):
    class Tone(FakeBabbler):
        def _stream(self, rng: np.random.Generator, length: int) -> np.ndarray:
            return (0.5 * np.sin(2 * np.pi * 200 * np.arange(length) / RATE)).astype(np.float32)

    tone = PitchShiftedBabbler(Tone(), ratio).babble(stream_keys(0, count=1), [RATE], silently)[0]
    assert len(tone) == RATE
    middle = slice(200, -200)
    expected = 0.5 * np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE)
    assert np.allclose(tone[middle], expected[middle], atol=1e-4)


@pytest.mark.parametrize("babbler", [FakeBabbler(), *two_of_one(FakeBabbler())])
def test_a_longer_request_begins_with_the_shorter_one(babbler: FakeBabbler):
    keys = stream_keys(0, count=2)
    short = babbler.babble(keys, [5000, 30_000], silently)
    long = babbler.babble(keys, [70_000, 30_001], silently)
    for a, b in zip(short, long, strict=True):
        assert np.array_equal(a, b[: len(a)])


def test_resized_progress_adds_up_to_what_was_asked_for():
    made: list[int] = []
    PitchShiftedBabbler(FakeBabbler(), 1.19).babble(stream_keys(0, count=3), [1000, 20_000, 300], made.append)
    assert sum(made) == 21_300
    assert min(made) >= 0


def test_a_ratio_beyond_an_octave_is_refused():
    with pytest.raises(BabbleError, match="not 3"):
        PitchShiftedBabbler(FakeBabbler(), 3)
