"""Offsets drawn anew."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.timing.distributions.model import OffsetModelCard, TimingModel
from babble_jax.timing.manipulation.swap import swap_offsets
from tests.timing.manipulation.dialogues import STANDARD, assert_same_ipus, dialogues, same, sweep, talk

TWO = dialogues(windows=(1, 2))
CHECKED = settings(max_examples=150, deadline=None)
DISTRIBUTION = TimingModel(
    "normal", {"loc": 0.1, "scale": 0.4}, "ipu", STANDARD, OffsetModelCard("none", 1, 100, 1, 0.0, 0.0, 0)
)


@CHECKED
@given(TWO, st.integers(0, 99))
def test_swapped_offsets_keep_the_ipus(dialogue, seed):
    edit = swap_offsets(dialogue, DISTRIBUTION, seed, STANDARD)
    assert_same_ipus(edit, dialogue)
    before, after = sweep(dialogue), sweep(edit.dialogue)
    np.testing.assert_array_equal(after.reason[np.argsort(edit.source)], before.reason)
    assert same(swap_offsets(dialogue, DISTRIBUTION, seed, STANDARD).dialogue, edit.dialogue)
    assert edit.transfers == np.sum(before.defined)


def test_swapped_offsets_are_those_of_the_distribution():
    """Long IPUs and long pauses make room for every draw: the offsets are one from each part of the distribution."""
    rows, time = [], 0.0
    for turn in range(400):
        rows.append((turn % 2, time, time + 4.0))
        time += 4.5
    dialogue = talk(*rows, windows=((0.0, 2000.0),))
    edit = swap_offsets(dialogue, DISTRIBUTION, 3, STANDARD)
    assert edit.clips == ()
    value = np.sort(sweep(edit.dialogue).fto[1:])
    ranks = (np.arange(399) + 0.5) / 399
    cdf = np.asarray(DISTRIBUTION.cdf(value))
    np.testing.assert_allclose(cdf, ranks, atol=1.01 / 399)
    other = swap_offsets(dialogue, DISTRIBUTION, 4, STANDARD)
    assert not same(other.dialogue, edit.dialogue)
    order = sweep(edit.dialogue).fto[1:]
    assert abs(np.corrcoef(order[1:], order[:-1])[0, 1]) < 0.15  # dealt out without order
