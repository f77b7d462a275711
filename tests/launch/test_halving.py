"""Successive halving: budgets of the rounds, and which points go on."""

import pytest

from babble_jax.errors import BabbleError
from babble_jax.launch.halving import best_point, best_points, parse_halving


def test_budgets_rise_to_the_last_one():
    halving = parse_halving("model.max_steps=100:2700:3")
    assert (halving.field, halving.budgets) == ("model.max-steps", (100, 300, 900, 2700))
    assert parse_halving("steps=300:1000").budgets == (333, 1000)
    assert parse_halving("steps=5:5:2").budgets == (5,)
    assert [halving.keep(count) for count in (9, 7, 3, 1)] == [3, 3, 1, 1]


@pytest.mark.parametrize("word", ["steps", "steps=9:3", "steps=0:3", "steps=1:3:1", "steps=1.5:3"])
def test_words_that_are_no_budget_are_refused(word):
    with pytest.raises(BabbleError, match="--halve"):
        parse_halving(word)


def test_the_best_by_their_mean_over_seeds_go_on():
    points = [{"rate": rate, "seed": seed} for rate in "abcd" for seed in "01"]
    scores = dict(enumerate([5, 1, 2, 2, 4, 4, 0, 9]))
    halving = parse_halving("steps=1:4:2")
    assert best_points(points, scores, halving) == [*points[:2], *points[2:4]]
    assert best_points(points, scores, halving, highest=True) == points[4:]
    assert best_point(points, scores) == (points[2], 2)
    del scores[2]  # a run without a metric takes its point out
    assert best_points(points, scores, halving) == [*points[:2], *points[4:6]]
    with pytest.raises(BabbleError, match="no point of this round"):
        best_points(points, {}, halving)
