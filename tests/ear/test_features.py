"""Features block by block are those of the recording."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.ear.config import EarConfig
from babble_jax.ear.features import FeatureStream, features

CONFIG = EarConfig(("a",), bands=20)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 900), max_size=6), st.integers(0, 99))
def test_the_stream_gives_the_frames_of_the_recording(lengths, seed):
    audio = np.random.default_rng(seed).normal(0, 0.1, sum(lengths)).astype(np.float32)
    stream, frames, first = FeatureStream(CONFIG), [], 0
    for length in lengths:
        frames.append(stream.push(audio[first : first + length]))
        first += length
    frames.append(stream.finish())
    expected = features(audio, CONFIG)
    assert expected.shape == (1 + sum(lengths) // 160, 20)
    np.testing.assert_allclose(np.concatenate(frames), expected, atol=1e-3)


def test_silence_is_the_lowest_value():
    frames = FeatureStream(CONFIG).push(np.zeros(1000, np.float32))
    np.testing.assert_allclose(frames, -100, atol=1e-4)
    assert len(frames) == 1 + (1000 + 256 - 512) // 160
