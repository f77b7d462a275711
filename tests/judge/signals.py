"""Sounds that the tests of this room share."""

import numpy as np

from tests.real_speech import RATE

TIME = np.arange(10 * RATE) / RATE
"""Seconds of each of ten seconds' samples."""
NOISE = np.random.default_rng(0).normal(0, 0.05, len(TIME)).astype(np.float32)
