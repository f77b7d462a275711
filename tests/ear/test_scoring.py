"""Errors of strings are those of the definition."""

import itertools

import numpy as np

from babble_jax.ear.scoring import count_errors, error_rate


def by_recursion(a, b):
    if not a or not b:
        return len(a) + len(b)
    same = by_recursion(a[1:], b[1:]) + (a[0] != b[0])
    return min(same, by_recursion(a[1:], b) + 1, by_recursion(a, b[1:]) + 1)


def test_errors_are_those_of_the_recursive_definition():
    rng = np.random.default_rng(0)
    lengths = itertools.product(range(5), repeat=2)
    for n, m in lengths:
        a, b = ("".join(rng.choice([*"abc"], k)) for k in (n, m))
        assert count_errors(a, b) == by_recursion(a, b)


def test_symbols_of_several_letters_are_symbols():
    assert count_errors(["aa", "t"], ["a", "a", "t"]) == 2


def test_the_rate_is_all_errors_over_all_symbols():
    assert error_rate([("abcd", "abxd"), ("ab", "abab")]) == 3 / 6
    assert error_rate([]) == 0
    assert error_rate([("", "a")]) == 1
