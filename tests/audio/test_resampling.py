"""Resampling block by block gives the same as in one go, to the bit."""

import numpy as np
import pytest

from babble_jax.audio.resampling import StreamResampler, resample


@pytest.mark.parametrize(
    ("rate", "to"), [(48_000, 16_000), (22_050, 16_000), (8_000, 16_000), (16_000, 16_000)]
)
def test_blocks_give_the_same_as_one_go(rate, to):
    rng = np.random.default_rng(rate)
    audio = rng.standard_normal((20_011, 2)).astype(np.float32)
    resampler = StreamResampler(rate, to, 2)
    blocks, start = [], 0
    while start < len(audio):
        stop = start + int(rng.integers(1, 4000))
        blocks.append(resampler.push(audio[start:stop]))
        start = stop
    assert not resampler.finished
    blocks.append(resampler.finish())
    assert resampler.finished
    np.testing.assert_array_equal(np.concatenate(blocks), resample(audio, rate, to))
