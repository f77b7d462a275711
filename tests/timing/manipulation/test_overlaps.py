"""Gaps that become overlaps, and overlaps that become gaps."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from babble_jax.errors import BabbleError
from babble_jax.timing.distributions.model import OffsetModelCard, TimingModel
from babble_jax.timing.events import Reason, ipus, transitions
from babble_jax.timing.events.runs import Kind
from babble_jax.timing.manipulation.gaps import shift_gaps
from babble_jax.timing.manipulation.overlaps import add_overlaps, remove_overlaps, shift_offsets
from babble_jax.timing.manipulation.swap import swap_offsets
from tests.timing.manipulation.dialogues import (
    STANDARD,
    assert_same_ipus,
    dialogues,
    durations,
    ns,
    same,
    sweep,
    talk,
)

TWO = dialogues(windows=(1, 2))
SHIFTS = st.integers(-800_000_000, 800_000_000).map(lambda n: n / 1e9)
CHECKED = settings(max_examples=150, deadline=None)
DISTRIBUTION = TimingModel(
    "normal", {"loc": 0.1, "scale": 0.4}, "ipu", STANDARD, OffsetModelCard("none", 1, 100, 1, 0.0, 0.0, 0)
)


def test_a_gap_becomes_an_overlap_and_an_overlap_a_gap():
    dialogue = talk((0, 0.0, 1.0), (1, 1.2, 2.0), (0, 1.9, 3.0))
    earlier = shift_offsets(dialogue, -0.3, STANDARD)
    assert earlier.dialogue.onset.tolist() == [0.0, 0.9, 1.3]
    assert earlier.clips == ()
    later = shift_offsets(dialogue, 0.3, STANDARD)
    assert later.dialogue.onset.tolist() == [0.0, 1.5, 2.5]
    assert later.dialogue.windows.tolist() == [[0.0, 100.6]]


def test_collisions_are_reported_with_what_stands_in_the_way():
    # B's second IPU meets its own first one; A's short one would lie within B's; so would B's last.
    dialogue = talk((1, 0.0, 1.0), (0, 1.1, 1.6), (1, 1.7, 3.0), (0, 3.1, 3.3))
    edit = shift_offsets(dialogue, -0.4, STANDARD)
    clips = [(c.time, c.applied, c.reason) for c in edit.clips]
    assert clips == [(1.7, -0.1, "own silence"), (3.1, -0.299999999, "order")]
    # requested: -0.4 of 0.7 s own silence less 0.2 s merge: 0.4 s go to the first transfer, 0.1 s are left
    assert edit.dialogue.onset.tolist() == [0.0, 0.7, 1.2, 2.300000001]


@CHECKED
@given(TWO, SHIFTS)
@example(talk((0, 0.0, 0.05), (1, 0.3, 0.35), (0, 0.3, 0.4)), -1e-9)  # two begin together
def test_every_offset_changes_by_just_that_or_is_reported(dialogue, seconds):
    edit = shift_offsets(dialogue, seconds, STANDARD)
    assert_same_ipus(edit, dialogue)
    before, after = sweep(dialogue), sweep(edit.dialogue)
    back = np.argsort(edit.source)
    np.testing.assert_array_equal(after.reason[back], before.reason)
    changes, expected = Counter(), Counter()  # by onset, which two IPUs may share
    for row in np.flatnonzero(before.defined):
        changes[before.time[row], ns(after.fto[back[row]]) - ns(before.fto[row])] += 1
        expected[before.time[row], ns(seconds)] += 1
    for clip in edit.clips:
        expected[clip.time, ns(seconds)] -= 1
        expected[clip.time, ns(clip.applied)] += 1
    assert changes == expected
    assert seconds < 0 or not edit.clips
    assert edit.transfers == (np.sum(before.defined) if seconds else 0)
    if not edit.clips:
        assert same(shift_offsets(edit.dialogue, -seconds, STANDARD).dialogue, dialogue)


@CHECKED
@given(TWO)
def test_without_overlap_only_one_speaks_at_a_time(dialogue):
    edit = remove_overlaps(dialogue, STANDARD)
    before, after = sweep(dialogue), sweep(edit.dialogue)
    rows = before.reason != Reason.CONTAINED
    np.testing.assert_array_equal(edit.source, np.flatnonzero(rows))
    np.testing.assert_array_equal(durations(edit.dialogue), durations(dialogue)[rows])
    assert np.all(edit.dialogue.onset[1:] >= edit.dialogue.end[:-1])
    expected = before.fto[rows]
    np.testing.assert_array_equal(after.fto, np.where(expected < 0, 0, expected))
    kinds = transitions(ipus(edit.dialogue, STANDARD)).kind
    assert set(kinds.tolist()) <= {Kind.PAUSE, Kind.GAP}
    assert edit.clips == ()


@CHECKED
@given(TWO, st.floats(0, 1), st.integers(0, 99))
def test_a_share_of_the_gaps_becomes_overlap(dialogue, share, seed):
    before = sweep(dialogue).fto
    gaps, overlaps = np.sum(before >= 0), before[before < 0]
    if round(share * gaps) and not len(overlaps):
        with pytest.raises(BabbleError, match="no overlap to take after"):
            add_overlaps(dialogue, share, seed, STANDARD)
        return
    edit = add_overlaps(dialogue, share, seed, STANDARD)
    assert_same_ipus(edit, dialogue)
    assert edit.transfers == round(share * gaps)
    after = sweep(edit.dialogue).fto[np.argsort(edit.source)]
    changed = ns(np.nan_to_num(after)) != ns(np.nan_to_num(before))
    assert np.all(before[changed] >= 0)
    depths = set(ns(overlaps).tolist())
    new = ns(after[changed]).tolist()
    assert sum(value not in depths for value in new) <= len(edit.clips)
    assert np.sum(after < 0) >= len(overlaps) + edit.transfers - len(edit.clips)
    assert same(add_overlaps(dialogue, share, seed, STANDARD).dialogue, edit.dialogue)


@pytest.mark.parametrize(
    "manipulation",
    [
        lambda d: shift_offsets(d, 0.1, STANDARD),
        lambda d: remove_overlaps(d, STANDARD),
        lambda d: add_overlaps(d, 0.5, 0, STANDARD),
        lambda d: swap_offsets(d, DISTRIBUTION, 0, STANDARD),
    ],
)
def test_three_speakers_are_refused(manipulation):
    with pytest.raises(BabbleError, match="talk has 3 speakers; only a dialogue of 2 can be changed so"):
        manipulation(talk((0, 0.0, 1.0), (1, 2.0, 3.0), speakers=3))


@CHECKED
@given(dialogues(), st.integers(0, 900_000_000).map(lambda n: n / 1e9))
def test_where_there_is_no_overlap_shifting_offsets_is_shifting_gaps(dialogue, seconds):
    alone = remove_overlaps(dialogue, STANDARD).dialogue
    assume(len(alone.onset) > 1)
    assert same(
        shift_offsets(alone, seconds, STANDARD).dialogue, shift_gaps(alone, seconds, STANDARD).dialogue
    )
