"""The rate of backchannels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.errors import BabbleError
from babble_jax.timing.manipulation.dialogue import make_ipu_dialogue
from babble_jax.timing.manipulation.rate import set_backchannels
from tests.timing.manipulation.dialogues import (
    STANDARD,
    count_backchannels,
    dialogues,
    durations,
    monologues,
    ns,
    same,
    sweep,
    talk,
)

CHECKED = settings(max_examples=100, deadline=None)


@pytest.mark.parametrize("per_minute", [0, 1, 6, 9.4, 30])
def test_the_rate_of_backchannels_is_set_and_nothing_else_moves(per_minute):
    dialogue = monologues()
    assert count_backchannels(dialogue) == 12
    edit = set_backchannels(dialogue, per_minute, 5, STANDARD)
    assert count_backchannels(edit.dialogue) == round(2 * per_minute)
    assert same(edit.dialogue, make_ipu_dialogue(edit.dialogue, STANDARD))
    old = edit.source >= 0
    for name in ("speaker", "onset", "end"):
        np.testing.assert_array_equal(
            getattr(edit.dialogue, name)[old], getattr(dialogue, name)[edit.source[old]]
        )
    assert set(range(0, 24, 2)) <= set(edit.source.tolist())  # the stories
    length = durations(edit.dialogue)[~old]
    assert set(length.tolist()) <= set(durations(dialogue)[1::2].tolist())
    assert same(edit.dialogue, set_backchannels(dialogue, per_minute, 5, STANDARD).dialogue)
    if per_minute not in (0, 6):
        assert not same(edit.dialogue, set_backchannels(dialogue, per_minute, 6, STANDARD).dialogue)


def test_new_backchannels_fall_evenly_over_the_free_time():
    dialogue = talk((0, 0.0, 100.0), (1, 49.8, 50.2))
    starts = []
    for seed in range(1500):
        edit = set_backchannels(dialogue, 1.2, seed, STANDARD)
        starts.append(edit.dialogue.onset[edit.source < 0].item())
    starts = np.array(starts)
    free = np.where(starts < 50, starts, starts - (51.2 - 48.4)) / (100 - 0.4 - 2.8)  # of 1 s to either side
    assert np.all((starts <= 48.4) | (starts >= 51.2))
    assert np.max(np.abs(np.sort(free) - (np.arange(1500) + 0.5) / 1500)) < 1.63 / np.sqrt(1500)  # KS, 1 %


@CHECKED
@given(dialogues(), st.floats(0, 20), st.integers(0, 9))
def test_the_rate_is_as_requested_or_there_is_no_room(dialogue, per_minute, seed):
    target, had = round(per_minute * dialogue.seconds / 60), count_backchannels(dialogue)
    if target > had == 0:
        with pytest.raises(BabbleError, match="no backchannel whose duration"):
            set_backchannels(dialogue, per_minute, seed, STANDARD)
        return
    edit = set_backchannels(dialogue, per_minute, seed, STANDARD)
    assert (
        count_backchannels(edit.dialogue) == target
        if target <= had
        else had <= count_backchannels(edit.dialogue) <= target
    )
    before, after = sweep(dialogue).fto, sweep(edit.dialogue).fto
    if target >= had:  # what is contained passes no floor
        np.testing.assert_array_equal(ns(after[~np.isnan(after)]), ns(before[~np.isnan(before)]))
