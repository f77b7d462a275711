"""One speaker's past."""

import numpy as np

from babble_jax.timing.events import Definitions
from babble_jax.timing.prediction.speaker_history import history_at, segments_by_speaker
from tests.timing.prediction.conversations import talk


def test_a_spurt_is_an_ipu_as_it_runs():
    conversation = talk([(0, 1.0, 1.5, 0), (0, 1.6, 2.0, 0), (0, 2.3, 3.0, 0), (0, 2.5, 2.6, 0)])
    speaker = segments_by_speaker(conversation, Definitions())[0]
    at = history_at(speaker, np.array([1.0, 1.2, 1.55, 1.8, 2.1, 2.55, 9.0]))
    np.testing.assert_array_equal(at.end, [np.nan, 1.2, 1.5, 1.8, 2.0, 2.55, 3.0])
    assert at.speaking.tolist() == [False, True, False, True, False, True, False]
    np.testing.assert_array_equal(at.spurt_start, [np.nan, 1.0, 1.0, 1.0, 1.0, 2.3, 2.3])
    assert at.segments.tolist() == [0, 1, 1, 2, 2, 2, 2]
    np.testing.assert_allclose(at.speech, [0, 0.2, 0.5, 0.7, 0.9, 1.15, 1.6])
    assert at.previous_end[-1] == 2.0
