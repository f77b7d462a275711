"""Estimates of the time that a ranking takes."""

import pytest

from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.evaluation.offsets.ranking_time import PER_10_000, estimate_ranking_seconds


def test_families_that_take_longer_are_known():
    assert set(PER_10_000) <= set(FAMILIES)


@pytest.mark.parametrize(
    ("offsets", "fits", "binned", "seconds"),
    [(2585, 4, False, 46), (18_293, 6, False, 200), (30_000, 1, True, 30)],
)
def test_the_estimate_is_of_the_right_size(offsets, fits, binned, seconds):
    """All families on 24 dialogues of Map Task (measured), on all of them, and on FTOs of CALLHOME (measured)."""
    assert seconds / 2 < estimate_ranking_seconds(tuple(FAMILIES), offsets, fits, binned) < 2 * seconds


def test_few_families_take_little():
    assert estimate_ranking_seconds(("logistic", "johnson_su"), 2585, 4, False) < 15
