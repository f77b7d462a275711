"""Real speech that the tests of this room share."""

import numpy as np
import pytest

from tests.real_speech import RATE, read_utterance


@pytest.fixture(scope="module")
def speech():
    """About 20 s of one speaker."""
    names = ("ru_0006", "ru_0044", "ru_0081", "ru_0093", "ru_0115", "ru_0122")
    return np.concatenate([read_utterance(name) for name in names]).astype(np.float32)[: 20 * RATE]
