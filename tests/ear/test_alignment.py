"""Alignment against every way through a string."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.ear.alignment import align

SILENCE = 2


def every_way(symbols, pauses, steps):
    """Yields the symbol of each step, and the position in the string or -1, for every way."""
    slots = []
    for i, symbol in enumerate(symbols):
        slots += [(SILENCE, -1, 0 if pauses[i] else None), (symbol, i, 1)]
    slots.append((SILENCE, -1, 0 if pauses[-1] else None))
    ranges = [[0] if least is None else range(least, steps + 1) for _, _, least in slots]
    for lengths in itertools.product(*ranges):
        if sum(lengths) == steps:
            yield [slot[:2] for slot, n in zip(slots, lengths, strict=True) for _ in range(n)]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_it_finds_the_best_way(data):
    steps = data.draw(st.integers(1, 6))
    symbols = data.draw(st.lists(st.integers(0, 2), min_size=1, max_size=min(3, steps)))
    pauses = data.draw(st.lists(st.booleans(), min_size=len(symbols) + 1, max_size=len(symbols) + 1))
    log_probs = np.random.default_rng(data.draw(st.integers(0, 999))).normal(size=(steps, 3))

    def score(way):
        return sum(log_probs[t, symbol] for t, (symbol, _) in enumerate(way))

    best = max(every_way(symbols, pauses, steps), key=score)
    starts, ends = align(log_probs, np.array(symbols), SILENCE, np.array(pauses))
    way = [(SILENCE, -1)] * steps
    for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
        assert end > start
        way[start:end] = [(symbols[i], i)] * (end - start)
    assert score(way) == pytest.approx(score(best))
    assert all(ends[:-1] <= starts[1:])
    gaps = np.append(starts, steps) - np.insert(ends, 0, 0)
    assert all(gaps[~np.array(pauses)] == 0)


def test_without_silence_there_is_no_pause():
    starts, ends = align(np.log([[0.1, 0.9], [0.8, 0.2], [0.2, 0.8]]), np.array([0, 1]))
    assert starts.tolist() == [0, 2]
    assert ends.tolist() == [2, 3]


@pytest.mark.parametrize(
    ("symbols", "log_probs", "words"),
    [
        ([], np.zeros((3, 2)), "at least one"),
        ([0, 1, 0], np.zeros((2, 2)), "do not fit"),
        ([0, 1], np.full((2, 2), -np.inf), "probability above 0"),
    ],
)
def test_what_cannot_be_aligned_is_refused(symbols, log_probs, words):
    with pytest.raises(ValueError, match=words):
        align(log_probs, np.array(symbols))
