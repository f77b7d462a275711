"""Splits of conversations by the hash of their groups."""

import re

import numpy as np
import pytest

from babble_jax.errors import BabbleError
from babble_jax.timing.splits import FOLDS, describe_overlap, fold, in_train, split


def test_folds_are_even_and_end_with_the_split():
    folds = np.array([fold(f"call-{i}") for i in range(5000)])
    np.testing.assert_allclose(np.bincount(folds, minlength=FOLDS) / 5000, 1 / FOLDS, atol=0.02)
    assert all((fold(f"call-{i}") == FOLDS - 1) != in_train(f"call-{i}") for i in range(5000))


def test_split_by_sha256_of_the_group():
    # the first 8 bytes as `printf a | sha256sum` prints them
    assert in_train("b")  # 3e23e8160039594a, a quarter of the way
    assert in_train("g") == (0xCD0AA9856147B6C5 / 2**64 < 0.8)  # 0.801, held out
    assert in_train("a") == (0xCA978112CA1BBDCA / 2**64 < 0.8)  # 0.791
    share = np.mean([in_train(f"call-{i}") for i in range(5000)])
    assert share == pytest.approx(0.8, abs=0.02)


def test_split_never_parts_a_group():
    groups = [f"pair-{i % 37}" for i in range(400)]
    train = split(groups)
    for group in set(groups):
        assert len({bool(one) for one, name in zip(train, groups, strict=True) if name == group}) == 1
    np.testing.assert_array_equal(split(groups[::-1]), train[::-1])


@pytest.mark.parametrize("groups", [[], ["same"] * 50])
def test_a_split_needs_groups_on_both_sides(groups):
    with pytest.raises(BabbleError, match=f"but {len(groups)} conversations of {len(set(groups))} group"):
        split(groups)


@pytest.mark.parametrize("training", [True, False])
def test_few_groups_that_fall_on_one_side_are_parted_all_the_same(training):
    names = [f"quad-{i}" for i in range(100) if in_train(f"quad-{i}") == training][:8]
    train = split([*names, *names])
    np.testing.assert_array_equal(train[:8], train[8:])
    assert np.count_nonzero(~train[:8]) == 2  # a fifth of 8, rounded up
    np.testing.assert_array_equal(split(names[::-1]), train[:8][::-1])
    assert np.count_nonzero(~split(names[:2])) == 1


@pytest.mark.parametrize(
    ("train", "heldout", "sentence"),
    [
        ("ab", "cd", "No speaker is on both"),
        ("ABAB", "AB", r"names \(A, B\) are those of channels"),
        ("abcdef", "efgh", "2 of the 4 held-out speakers"),
        ("abcdefg", "abcde", "5 of the 5 held-out speakers"),
    ],
)
def test_who_may_straddle_the_split(train, heldout, sentence):
    assert re.search(sentence, describe_overlap(list(train), list(heldout)))
