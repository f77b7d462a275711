"""Loops, tones, silence and sounds that do not repeat."""

import numpy as np

from babble_jax.judge.loops import loop_correlation, max_cross_correlation
from tests.judge.signals import NOISE, TIME
from tests.real_speech import RATE


def test_loops_are_found():
    rng = np.random.default_rng(1)
    syllables = np.repeat(rng.uniform(0, 1, 100), RATE // 10) * NOISE
    assert loop_correlation(syllables, RATE) < 0.4
    assert loop_correlation(np.tile(syllables[: 2 * RATE], 5), RATE) > 0.95
    assert loop_correlation(0.1 * np.sin(2 * np.pi * 200 * TIME), RATE) == 1
    assert loop_correlation(np.zeros(10 * RATE), RATE) == 1
    assert loop_correlation(syllables[: RATE // 2], RATE) == 0
    assert max_cross_correlation(syllables, syllables[RATE:], RATE) > 0.95
    other = np.repeat(rng.uniform(0, 1, 100), RATE // 10) * NOISE
    assert max_cross_correlation(syllables, other, RATE) < 0.5
    for piece in (syllables[: 3 * RATE], syllables[-3 * RATE :]):  # of the longer one, wherever it is
        assert max_cross_correlation(np.concatenate([other, syllables]), piece, RATE) > 0.95
    assert max_cross_correlation(other, syllables[: 3 * RATE], RATE) < 0.9
