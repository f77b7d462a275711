import jax
import numpy as np
import pytest

from babble_jax.errors import BabbleError
from babble_jax.voice.babbler import CachedBabbler, PitchShiftedBabbler, make_speaker_pair, stream_keys
from tests.dialogue.fake_babbler import RATE, FakeBabbler


def silently(count: int) -> None:
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


@pytest.mark.parametrize(
    ("seed", "item", "message"),
    [(-1, 0, "seed is -1"), (2**32, 0, "seed is 4294967296"), (0, 2**32, "item is 4294967296")],
)
def test_a_seed_beyond_32_bits_is_refused(seed: int, item: int, message: str):
    with pytest.raises(BabbleError, match=f"{message}; choose from 0 to 4294967295"):
        stream_keys(seed, item, 0, count=1)


@pytest.mark.parametrize(("ratio", "hertz"), [(0.8, 160), (1.25, 250)])
def test_a_shifted_tone_has_its_pitch_times_the_ratio(ratio: float, hertz: float):
    class Tone(FakeBabbler):
        def _stream(self, rng: np.random.Generator, length: int) -> np.ndarray:
            return (0.5 * np.sin(2 * np.pi * 200 * np.arange(length) / RATE)).astype(np.float32)

    tone = PitchShiftedBabbler(Tone(), ratio).babble(stream_keys(0, count=1), [RATE], silently)[0]
    assert len(tone) == RATE
    middle = slice(200, -200)
    expected = 0.5 * np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE)
    assert np.allclose(tone[middle], expected[middle], atol=1e-4)


@pytest.mark.parametrize("babbler", [FakeBabbler(), *make_speaker_pair(FakeBabbler())])
def test_a_longer_request_begins_with_the_shorter_one(babbler: FakeBabbler):
    keys = stream_keys(0, count=2)
    short = babbler.babble(keys, [5000, 30_000], silently)
    long = babbler.babble(keys, [70_000, 30_001], silently)
    for a, b in zip(short, long, strict=True):
        assert np.array_equal(a, b[: len(a)])


def test_progress_of_a_shifted_voice_adds_up_to_the_request():
    counts: list[int] = []
    PitchShiftedBabbler(FakeBabbler(), 1.19).babble(
        stream_keys(0, count=3), [1000, 20_000, 300], counts.append
    )
    assert sum(counts) == 21_300
    assert min(counts) >= 0


def test_a_ratio_beyond_an_octave_is_refused():
    with pytest.raises(BabbleError, match="not 3"):
        PitchShiftedBabbler(FakeBabbler(), 3)


def test_a_stream_of_the_cache_is_the_stream():
    keys = stream_keys(1, count=3)
    requests: list[int] = []

    class CountingBabbler(FakeBabbler):
        def babble(self, keys, samples, advance, active=None):
            requests.extend(samples)
            return super().babble(keys, samples, advance, active)

    cached, plain = CachedBabbler(CountingBabbler()), FakeBabbler()
    for which, samples in (([0, 1], [500, 900]), ([1, 0, 2], [400, 800, 10])):
        streams = cached.babble(keys[which], samples, silently)
        for one, other, n in zip(streams, plain.babble(keys[which], samples, silently), samples, strict=True):
            assert len(one) >= n
            assert np.array_equal(one[:n], other[:n])
    assert requests == [500, 900, 800, 10]
    assert (cached.name, cached.sample_rate, cached.settings) == ("fake", 16000, {"temperature": 1.0})
