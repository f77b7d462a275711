"""Cut-offs against latency."""

import numpy as np
import pytest

from babble_jax.timing.evaluation.turn_taking.cut_offs import (
    edges_of_speech,
    first_starts,
    human_starts,
    moving_average,
    summarize_cut_offs,
    timeout_starts,
)
from babble_jax.timing.evaluation.turn_taking.frames import frame_calls
from babble_jax.timing.evaluation.turn_taking.openings import NEVER, Openings, find_openings
from tests.timing.evaluation.turn_taking.calls import DIALOGUE, D

CALLS = frame_calls([DIALOGUE], D)
PAUSES, ENDS = find_openings([DIALOGUE], CALLS, D)


def test_first_starts_by_hand():
    hazard = np.full((3, 1, 2), [0.1, 0.3])
    p = -np.expm1(-0.4) / 4
    expected = [p, p * np.exp(-0.4), p * np.exp(-0.8)]
    assert first_starts(hazard)[:, 0] == pytest.approx(expected)


def test_time_outs_by_hand():
    starts = timeout_starts(PAUSES, ENDS, 0.3, 8)
    assert starts.pause.tolist() == [1, 0]  # pauses of 0.5 and 0.12 s
    assert np.argmax(starts.turn, axis=1).tolist() == [100 + 30 + 8] * 4
    row = summarize_cut_offs(starts, PAUSES, ENDS, CALLS.call)
    assert row["pauses_cut"] == 0.5
    assert row["turns_cut"] == pytest.approx(0.5)
    assert row["latency_median"] == pytest.approx(0.38)
    assert row["below_0"] == 0


def test_people_by_hand():
    row = summarize_cut_offs(human_starts(PAUSES, ENDS), PAUSES, ENDS, CALLS.call)
    assert row["pauses_cut"] == 0
    assert row["below_0"] == 0.25
    assert row["below_200ms"] == 0.25
    assert row["above_1s"] == 0.5


def test_the_moving_average_follows_a_users_pauses():
    zero = np.zeros(3, int)
    pauses = Openings(zero, zero, np.array([0, 100, 200]), np.array([20, 20, 20]), zero, zero + NEVER)
    none = Openings(*(np.zeros(0, int),) * 6)
    assert moving_average(pauses, none) == pytest.approx([0.5, 0.47, 0.443])


def test_speech_after_the_end_is_not_heard():
    edges = edges_of_speech(CALLS, ENDS.take(np.array([0])), np.array([600]), 400, np.array([700]))
    assert np.flatnonzero(edges[:, 0]).tolist() == [100]
