"""Transitions: each kind worked by hand."""

import pytest

from babble_jax.timing.events import Definitions, Kind, ipus, transitions
from tests.timing.events.events_reference import talk

D = Definitions()


def transition_kinds(*segments, **options):
    t = transitions(ipus(talk(*segments, **options), D))
    return [
        (Kind(k), start, end, before, after)
        for k, start, end, before, after in zip(t.kind, t.start, t.end, t.before, t.after, strict=True)
    ]


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        (((0, 0, 1), (0, 1.5, 2)), (Kind.PAUSE, 1, 1.5, 0, 0)),
        (((0, 0, 1), (1, 1.5, 2)), (Kind.GAP, 1, 1.5, 0, 1)),
        (((1, 0, 1), (0, 1.05, 2)), (Kind.GAP, 1, 1.05, 1, 0)),
        (((0, 0, 2), (1, 1.5, 3)), (Kind.OVERLAP_BETWEEN, 1.5, 2, 0, 1)),
        (((0, 0, 3), (1, 1, 1.5)), (Kind.OVERLAP_WITHIN, 1, 1.5, 0, 0)),
        (((0, 0, 1), (0, 1.5, 3), (1, 1.5, 2)), (Kind.MIXED, 1, 2, 0, 0)),  # silence, then overlap
        (((0, 0, 2), (1, 1.5, 2), (1, 2.5, 3)), (Kind.MIXED, 1.5, 2.5, 0, 1)),  # overlap, then silence
        (((0, 0, 1), (0, 1.5, 2), (1, 1.5, 2), (1, 2.5, 3)), (Kind.MIXED, 1, 2.5, 0, 1)),
    ],
)
def test_each_kind(segments, expected):
    assert transition_kinds(*segments) == [expected]


def test_a_transfer_of_zero_is_no_transition():
    assert transition_kinds((0, 0, 1), (1, 1, 2)) == []


def test_what_has_no_solo_on_both_sides_is_none():
    assert transition_kinds((0, 1, 2), (1, 1, 2)) == []
    assert transition_kinds((0, 1, 3), (1, 1, 2)) == []
    assert transition_kinds((0, 1, 3), (1, 2, 3)) == []
    assert transition_kinds() == []


def test_overlap_within_ends_where_solo_goes_on():
    assert transition_kinds((0, 0, 5), (1, 1, 1.5), (1, 3, 6)) == [
        (Kind.OVERLAP_WITHIN, 1, 1.5, 0, 0),
        (Kind.OVERLAP_BETWEEN, 3, 5, 0, 1),
    ]


def test_several_at_once_are_one_overlap():
    assert transition_kinds((0, 0, 2), (1, 1, 3), (2, 1.5, 5), speakers=3) == [
        (Kind.OVERLAP_BETWEEN, 1, 3, 0, 2)
    ]
    assert transition_kinds((0, 0, 2), (1, 1, 4), (2, 2, 5), speakers=3) == [
        (
            Kind.OVERLAP_BETWEEN,
            1,
            4,
            0,
            2,
        )  # a moment at which one follows another in the overlap does not cut it
    ]


def test_no_transition_crosses_a_window():
    segments = (0, 0, 1), (1, 2, 3), (1, 3.5, 5)
    windows = ((0.0, 1.5), (1.5, 4.0), (4.0, 9.0))
    assert transition_kinds(*segments) == [(Kind.GAP, 1, 2, 0, 1), (Kind.PAUSE, 3, 3.5, 1, 1)]
    assert transition_kinds(*segments, windows=windows) == [(Kind.PAUSE, 3, 3.5, 1, 1)]
