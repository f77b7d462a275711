"""The spread of results over seeds."""

from babble_jax.launch.spread import differ_in_seed_alone, spread_over_seeds


def test_numbers_that_differ_have_a_standard_deviation():
    results = [{"bits": bits, "counts": {"a": 3}, "date": "x", "name": "y"} for bits in (1.0, 2.0, 3.0)]
    assert spread_over_seeds(results) == {"seeds": 3, "sd": {"bits": 1.0}}


def test_seeds_may_differ_and_nothing_else():
    assert differ_in_seed_alone({"seed": 1, "data.seed": 2, "dim": 3}, {"seed": 2, "data.seed": 1, "dim": 3})
    assert not differ_in_seed_alone({"seed": 1, "dim": 3}, {"seed": 1, "dim": 4})
    assert not differ_in_seed_alone({"seed": 1, "dim": 3}, {"seed": 1})
