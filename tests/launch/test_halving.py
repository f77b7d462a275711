"""Successive halving: budgets of the rounds, and which points go on."""

import pytest

from babble_jax.errors import BabbleError
from babble_jax.launch.halving import best_point, best_points, describe_round, parse_halving


def test_budgets_rise_to_the_last_one():
    halving = parse_halving("model.max_steps=100:2700:3")
    assert (halving.field, halving.budgets) == ("model.max-steps", (100, 300, 900, 2700))
    assert parse_halving("steps=300:1000").budgets == (333, 1000)
    assert [halving.keep(count) for count in (9, 7, 3, 1)] == [3, 3, 1, 1]


@pytest.mark.parametrize("word", ["steps", "steps=9:3", "steps=0:3", "steps=1:3:1", "steps=1.5:3"])
def test_words_that_are_no_budget_are_refused(word):
    with pytest.raises(BabbleError, match="--halve"):
        parse_halving(word)


@pytest.mark.parametrize(
    ("word", "remedy"),
    [
        ("steps=10:20", "take a FACTOR of 2 at most: steps=10:20:2."),
        ("steps=5:5:2", "take a LOW of half of HIGH at most, and a FACTOR of 2."),
    ],
)
def test_one_round_alone_is_refused(word, remedy):
    with pytest.raises(BabbleError, match="is one round alone") as error:
        parse_halving(word)
    assert str(error.value).endswith(remedy)


def test_the_best_by_their_mean_over_seeds_go_on():
    points = [{"rate": rate, "seed": seed} for rate in "abcd" for seed in "01"]
    scores = dict(enumerate([5, 1, 2, 2, 4, 4, 0, 9]))
    halving = parse_halving("steps=1:4:2")
    assert best_points(points, scores, halving) == [*points[:2], *points[2:4]]
    assert best_points(points, scores, halving, highest=True) == points[4:]
    assert best_point(points, scores) == (points[2], 2)
    assert describe_round(points, scores, halving, "bits") == (
        "bits: rate=b 2, rate=a 3 go on; rate=c 4, rate=d 4.5 do not"
    )
    del scores[2]  # a run without a metric takes its point out
    assert best_points(points, scores, halving) == [*points[:2], *points[4:6]]
    assert describe_round(points, scores, halving, "bits").endswith(
        "rate=d 4.5 does not; 1 point without a value for each seed does not"
    )
    with pytest.raises(BabbleError, match="no point of this round"):
        best_points(points, {}, halving)
