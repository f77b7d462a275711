"""Gaps shifted and scaled."""

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from babble_jax.errors import BabbleError
from babble_jax.timing.events import Definitions, Kind, backchannels, ipus, transitions
from babble_jax.timing.manipulation.dialogue import make_ipu_dialogue
from babble_jax.timing.manipulation.gaps import scale_gaps, shift_gaps
from tests.timing.manipulation.dialogues import STANDARD, dialogues, durations, ns, same, sweep, talk

MANY = dialogues(speakers=(2, 4), windows=(1, 3))
SHIFTS = st.integers(-800_000_000, 2_000_000_000).map(lambda n: n / 1e9)
CHECKED = settings(max_examples=150, deadline=None)


def test_by_hand():
    dialogue = talk((0, 0.0, 1.0), (1, 1.25, 2.0), (1, 2.5, 3.0), (0, 2.75, 4.0), (1, 4.0, 5.0))
    # A gap of 0.25 s, a pause, an overlap, and a gap of 0 s.
    later = shift_gaps(dialogue, 0.3, STANDARD)
    assert later.dialogue.onset.tolist() == [0.0, 1.55, 2.8, 3.05, 4.6]
    assert later.dialogue.end.tolist() == [1.0, 2.3, 3.3, 4.3, 5.6]
    assert later.dialogue.windows.tolist() == [[0.0, 100.6]]
    assert (later.transfers, later.clips) == (2, ())
    earlier = shift_gaps(dialogue, -0.3, STANDARD)
    assert earlier.dialogue.onset.tolist() == [0.0, 1.0, 2.25, 2.5, 3.75]
    assert [(c.time, c.requested, c.applied, c.reason) for c in earlier.clips] == [
        (1.25, -0.3, -0.25, "closed"),
        (4.0, -0.3, 0.0, "closed"),
    ]


def test_a_short_turn_between_two_of_another_must_not_make_one_ipu_of_them():
    # Both gaps are 0.15 s and could be closed; A's own silence of 0.36 s must stay 0.2 s.
    dialogue = talk((0, 0.0, 1.0), (1, 1.15, 1.21), (0, 1.36, 2.0))
    edit = shift_gaps(dialogue, -0.15, STANDARD)
    assert edit.dialogue.onset.tolist() == [0.0, 1.0, 1.2]
    assert [(c.time, c.applied, c.reason) for c in edit.clips] == [(1.36, -0.01, "own silence")]
    assert len(ipus(edit.dialogue, STANDARD)) == 3
    # Under another merge there is more room.
    loose = Definitions(merge=0.06)
    assert shift_gaps(dialogue, -0.15, loose).dialogue.onset.tolist() == [0.0, 1.0, 1.06]


def test_room_that_a_later_gap_makes_is_there_from_the_start():
    # About their median of 0.3 s the first gap of 0.15 s closes and the second, of 0.45 s, doubles.
    dialogue = talk((0, 0.0, 1.0), (1, 1.15, 1.2), (0, 1.65, 2.0))
    edit = scale_gaps(dialogue, 2.0, STANDARD)
    assert edit.clips == ()
    assert edit.dialogue.onset.tolist() == [0.0, 1.0, 1.65]


@CHECKED
@given(MANY)
def test_nothing_is_the_identity(dialogue):
    for edit in (shift_gaps(dialogue, 0.0, STANDARD), scale_gaps(dialogue, 1.0, STANDARD)):
        assert same(edit.dialogue, dialogue)
        assert edit.source.tolist() == list(range(len(dialogue.onset)))
        assert (edit.transfers, edit.clips) == (0, ())


@CHECKED
@given(MANY, SHIFTS)
def test_a_shift_undoes_its_opposite(dialogue, seconds):
    edit = shift_gaps(dialogue, seconds, STANDARD)
    assume(not edit.clips)
    assert same(shift_gaps(edit.dialogue, -seconds, STANDARD).dialogue, dialogue)


@CHECKED
@given(MANY, SHIFTS, SHIFTS)
def test_shifts_add_up(dialogue, first, second):
    one = shift_gaps(dialogue, first, STANDARD)
    two = shift_gaps(one.dialogue, second, STANDARD)
    both = shift_gaps(dialogue, (ns(first) + ns(second)) / 1e9, STANDARD)
    assume(not (one.clips or two.clips))
    assert same(two.dialogue, both.dialogue)


@CHECKED
@given(MANY, SHIFTS)
@example(
    talk((0, 2.65, 6.8), (1, 4.8, 6.8), (2, 6.8, 6.85), speakers=3), 1e-9
)  # an overlap ends at a gap of 0 s
def test_gaps_change_by_just_that_and_nothing_else_does(dialogue, seconds):
    edit = shift_gaps(dialogue, seconds, STANDARD)
    changed = edit.dialogue
    assert edit.source.tolist() == list(range(len(dialogue.onset)))  # the same IPUs in the same order
    np.testing.assert_array_equal(changed.speaker, dialogue.speaker)
    np.testing.assert_array_equal(durations(changed), durations(dialogue))
    assert same(changed, make_ipu_dialogue(changed, STANDARD))  # and the definitions find them again

    before, after = sweep(dialogue), sweep(changed)
    np.testing.assert_array_equal(after.reason, before.reason)
    np.testing.assert_array_equal(after.previous, before.previous)
    applied = {clip.time: clip.applied for clip in edit.clips}
    for row in np.flatnonzero(before.defined):
        change = ns(after.fto[row]) - ns(before.fto[row])
        wanted = 0 if before.fto[row] < 0 else ns(applied.get(before.time[row], seconds))
        assert change == wanted
        assert after.fto[row] >= 0 or before.fto[row] < 0

    # In the runs: every transition stays, but for gaps that are closed or were; only gaps change in length.
    rows, others = transitions(ipus(dialogue, STANDARD)), transitions(ipus(changed, STANDARD))
    if not edit.clips and seconds >= 0 and not np.any(before.fto == 0):
        np.testing.assert_array_equal(others.kind, rows.kind)
        grown = (ns(others.end) - ns(others.start)) - (ns(rows.end) - ns(rows.start))
        np.testing.assert_array_equal(grown[rows.kind == Kind.GAP], ns(seconds))
        still = (rows.kind != Kind.GAP) & (rows.kind != Kind.MIXED)  # silence of a tie is mixed, and may grow
        np.testing.assert_array_equal(grown[still], 0)
    # A gap of 0 s that opens makes silence follow an overlap that ended there: that transition is mixed then.
    opened = before.time[before.fto == 0] if seconds > 0 else []
    unopened = ~np.isin(ns(rows.end), ns(np.array(opened)))
    for kind in (Kind.OVERLAP_BETWEEN, Kind.OVERLAP_WITHIN, Kind.PAUSE):
        if seconds >= 0:  # a closed gap can make one overlap of two that it parted
            assert np.sum(others.kind == kind) == np.sum((rows.kind == kind) & unopened)


@CHECKED
@given(MANY, SHIFTS)
def test_what_overlaps_and_what_is_within_moves_together(dialogue, seconds):
    changed = shift_gaps(dialogue, seconds, STANDARD).dialogue
    moved = ns(changed.onset) - ns(dialogue.onset)
    onset, end = ns(dialogue.onset), ns(dialogue.end)
    for i in range(len(onset)):
        for j in range(i):
            if onset[i] < end[j]:
                assert moved[i] == moved[j]
    inside = backchannels(ipus(dialogue, STANDARD), STANDARD)
    within = inside & np.array(
        [any(onset[j] < onset[i] and end[i] < end[j] for j in range(len(onset))) for i in range(len(onset))],
        bool,
    )
    if seconds > 0:  # more silence isolates no less
        assert np.all(backchannels(ipus(changed, STANDARD), STANDARD)[within])


@CHECKED
@given(dialogues(), st.floats(0, 3))
def test_scaling_scales_the_distances_from_the_median(dialogue, factor):
    edit = scale_gaps(dialogue, factor, STANDARD)
    before, after = sweep(dialogue), sweep(edit.dialogue)
    gap = before.fto >= 0
    np.testing.assert_array_equal(durations(edit.dialogue), durations(dialogue))
    np.testing.assert_array_equal(after.fto[before.fto < 0], before.fto[before.fto < 0])
    assume(np.any(gap) and not edit.clips)
    middle = np.median(before.fto[gap])
    np.testing.assert_allclose(after.fto[gap] - middle, factor * (before.fto[gap] - middle), atol=2e-9)
    if factor > 0.1:
        back = scale_gaps(edit.dialogue, 1 / factor, STANDARD)
        assume(not back.clips)
        np.testing.assert_allclose(sweep(back.dialogue).fto[gap], before.fto[gap], atol=2e-8)


@pytest.mark.parametrize("manipulation", [shift_gaps, scale_gaps])
def test_what_is_no_dialogue_of_ipus_is_refused(manipulation):
    for rows in ([(0, 0.0, 1.0), (0, 1.1, 2.0)], [(0, 1.0, 2.0), (1, 0.0, 0.5)]):
        with pytest.raises(BabbleError, match="not IPUs in order, parted by"):
            manipulation(talk(*rows), 0.5, STANDARD)


def test_where_there_is_no_gap_there_is_nothing_to_do():
    dialogue = talk((0, 0.0, 1.0), (0, 2.0, 3.0))
    for edit in (shift_gaps(dialogue, 1.0, STANDARD), scale_gaps(dialogue, 0.0, STANDARD)):
        assert same(edit.dialogue, dialogue)
        assert edit.transfers == 0
