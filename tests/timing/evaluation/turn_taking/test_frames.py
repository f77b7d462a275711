"""Calls in frames."""

import numpy as np

from babble_jax.timing.evaluation.turn_taking.frames import frame_calls, speaking
from tests.timing.evaluation.turn_taking.calls import DIALOGUE, D


def test_ipus_and_speech_are_laid_out():
    calls = frame_calls([DIALOGUE], D)
    assert calls.frames.tolist() == [3000]
    assert calls.codes.shape == (1, 3000, 2)
    assert np.flatnonzero(calls.codes[0, :, 1]).tolist() == [740, 1200, 1500, 1540, 1980, 2400]
    assert calls.codes[0, 1500, 1] == 2  # the backchannel
    assert np.flatnonzero(calls.detected[0, :, 1]).tolist() == [740, 1000, 1012, 1200, 1500, 1540, 1980, 2400]
    on = speaking(calls.codes[0])
    assert on[:, 0].sum() == 300 + 250 + 700 + 200


def test_rows_are_selected_and_cut():
    calls = frame_calls([DIALOGUE, DIALOGUE], D)
    assert calls.take(np.array([1])).call.tolist() == [1]
