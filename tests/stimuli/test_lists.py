import collections
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.stimuli.lists import FACTORS, assign_factors, draw_lists, list_constant, williams_design


def test_williams_by_hand():
    assert williams_design(4).tolist() == [[0, 1, 3, 2], [1, 2, 0, 3], [2, 3, 1, 0], [3, 0, 2, 1]]
    assert williams_design(1).tolist() == [[0]]
    assert williams_design(3).tolist() == [[0, 1, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0], [0, 2, 1], [1, 0, 2]]


@pytest.mark.parametrize("conditions", range(2, 13))
def test_every_condition_stands_everywhere_and_follows_every_other_equally_often(conditions):
    square = williams_design(conditions)
    times = 1 if conditions % 2 == 0 else 2
    assert square.shape == (times * conditions, conditions)
    for column in square.T:
        assert np.all(np.bincount(column, minlength=conditions) == times)
    pairs = collections.Counter((int(a), int(b)) for row in square for a, b in itertools.pairwise(row))
    assert pairs == {(a, b): times for a in range(conditions) for b in range(conditions) if a != b}


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 7), st.integers(1, 6), st.integers(0, 4), st.integers(0, 99))
def test_lists_are_latin(conditions, blocks, catch, seed):
    items = conditions * blocks
    catch = min(catch, items - 1)
    lists = draw_lists(items, conditions, catch, seed)
    assert len(lists) == len(williams_design(conditions))
    seen = collections.Counter()
    for trials in lists:
        real = [trial for trial in trials if trial.condition is not None]
        assert sorted(trial.item for trial in real) == list(range(items))
        share = collections.Counter(trial.condition for trial in real)
        assert share == {condition: blocks for condition in range(conditions)}
        seen.update((trial.item, trial.condition) for trial in real)
        assert [trial.item for trial in trials if trial.condition is None] == list(range(catch))
        assert trials[0].condition is not None
    assert len(seen) == items * conditions
    assert set(seen.values()) == {len(lists) // conditions}
    assert draw_lists(items, conditions, catch, seed) == lists


def test_catch_trials_are_spread():
    for trials in draw_lists(60, 6, 5, 3):
        positions = [position for position, trial in enumerate(trials) if trial.condition is None]
        assert all(0 < b - a <= 25 for a, b in itertools.pairwise(positions))
        assert len(trials) == 65


def test_each_condition_meets_each_assignment_equally_often_in_every_list():
    conditions, blocks = 6, 8
    assignments = assign_factors(48, conditions, FACTORS)
    assert len({(a.start, a.channel, a.voice) for a in assignments}) == blocks
    for trials in draw_lists(48, conditions, 0, 1):
        met = collections.Counter((trial.condition, assignments[trial.item]) for trial in trials)
        assert set(met.values()) == {1}
        assert len(met) == conditions * blocks


def test_what_is_not_counterbalanced_stays():
    assert {(a.start, a.channel, a.voice) for a in assign_factors(12, 3, ())} == {(None, 0, 0)}
    one = [(a.start, a.channel, a.voice) for a in assign_factors(8, 2, ("voice",))]
    assert one == [(None, 0, 0), (None, 0, 0), (None, 0, 1), (None, 0, 1)] * 2


@pytest.mark.parametrize(
    ("blocks", "constant"),
    [
        (1, ["start", "channel", "voice"]),
        (2, ["start", "channel"]),
        (3, ["start"]),  # the channel varies, but is not balanced
        (4, ["start"]),
        (5, []),
        (8, []),
    ],
)
def test_what_few_items_leave_constant_is_listed(blocks, constant):
    assert list_constant(assign_factors(4 * blocks, 4, FACTORS), FACTORS) == constant
    assert list_constant(assign_factors(4 * blocks, 4, ()), ()) == []
