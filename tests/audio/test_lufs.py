import numpy as np
import pytest

from babble_jax.audio.lufs import loudness_lufs


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_tones_of_the_standard(rate):
    tone = np.sin(2 * np.pi * 997 * np.arange(5 * rate) / rate)
    assert loudness_lufs(tone, rate) == pytest.approx(-3.01, abs=0.06)
    assert loudness_lufs(np.stack([0.1 * tone, 0.1 * tone], axis=1), rate) == pytest.approx(-20.0, abs=0.06)
    assert loudness_lufs(tone[: rate // 10], rate) == pytest.approx(-3.01, abs=0.3)


def test_silence_is_gated():
    rate = 16_000
    tone = 0.1 * np.sin(2 * np.pi * 997 * np.arange(4 * rate) / rate)
    level = loudness_lufs(tone, rate)
    assert loudness_lufs(np.concatenate([tone, np.zeros(8 * rate)]), rate) == pytest.approx(level, abs=0.3)
    assert loudness_lufs(np.zeros(rate), rate) == -np.inf
    assert loudness_lufs(np.zeros(0), rate) == -np.inf
