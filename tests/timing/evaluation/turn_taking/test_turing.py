"""The timing Turing test."""

import numpy as np
import pytest

from babble_jax.timing.evaluation.turn_taking.turing import cut_calls, event_features, tell_apart
from tests.timing.evaluation.turn_taking.calls import DIALOGUE, D


def test_features_by_hand():
    values = event_features(DIALOGUE, D)
    assert values[0] == 4 / 0.5  # IPUs of A per minute
    half = (len(values) - 6) // 2
    assert values[half] == 3 / 0.5
    assert values[half + 1] == 1 / 0.5  # a backchannel of B


def test_calls_are_cut_into_pieces():
    pieces, groups = cut_calls([DIALOGUE], 10.0)
    assert [p.seconds for p in pieces] == [10, 10, 10]
    assert groups == ["call"] * 3
    assert len(cut_calls([DIALOGUE], 20.0)[0]) == 1


def test_what_differs_is_told_apart_and_what_does_not_is_not():
    rng = np.random.default_rng(0)
    first, second, third = rng.normal(size=(3, 60, 3))
    third[:, 2] += 2
    assert tell_apart(first, second)["auc"] == pytest.approx(0.5, abs=0.2)
    row = tell_apart(first, third)
    assert row["auc"] > 0.8
    assert row["auc_interval"][0] < row["auc"] < row["auc_interval"][1]


def test_groups_stay_together():
    rng = np.random.default_rng(1)
    # Each group has its own mark, by which a classifier could know its calls if it saw others of the group.
    marks = rng.normal(size=(30, 3))
    x = np.repeat(marks, 4, axis=0)
    groups = [str(i) for i in np.repeat(np.arange(30), 4)]
    row = tell_apart(x[:60], x[60:], (groups[:60], groups[60:]))
    assert row["auc"] < 0.75
