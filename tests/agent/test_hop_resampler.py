import numpy as np
import pytest

from babble_jax.agent.hop_resampler import HopResampler
from babble_jax.errors import BabbleError


def resample(one, line, size):
    state, parts = one.initial_state(), []
    for first in range(0, len(line), size):
        part, state = one.step(state, line[first : first + size])
        parts.append(part)
    return np.concatenate(parts)


@pytest.mark.parametrize("rate", [8000, 22_050, 24_000, 44_100, 48_000])
def test_a_tone_stays_and_is_late_by_the_delay(rate):
    one = HopResampler(rate, 16_000, 0.02)
    tone = np.sin(2 * np.pi * 1000 * np.arange(rate) / rate).astype(np.float32)
    line = resample(one, tone, rate // 50)
    expected = np.sin(2 * np.pi * 1000 * (np.arange(16_000) / 16_000 - one.delay))
    np.testing.assert_allclose(line[2000:], expected[2000:], atol=2e-4)
    assert one.delay < 0.003


def test_what_would_alias_is_gone_and_equal_rates_change_nothing():
    tone = np.sin(2 * np.pi * 11_000 * np.arange(48_000) / 48_000).astype(np.float32)
    assert np.abs(resample(HopResampler(48_000, 16_000, 0.02), tone, 960)[2000:]).max() < 1e-3
    np.testing.assert_array_equal(resample(HopResampler(48_000, 48_000, 0.02), tone, 960), tone)


def test_hops_are_complete():
    with pytest.raises(BabbleError, match="no whole number"):
        HopResampler(11_025, 16_000, 0.02)
