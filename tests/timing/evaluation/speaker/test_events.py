"""The events of one speaker, computed by hand."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.timing.evaluation.speaker.events import SpeakerEvents, cut_ins, speaker_events
from babble_jax.timing.events import Definitions, ipus
from tests.timing.evaluation.test_comparison import talk

STANDARD = Definitions()
ROWS = [
    (0, 0.0, 2.0),
    (1, 2.5, 4.0),  # B answers after 0.5 s
    (0, 3.8, 5.0),  # A takes the floor in overlap, 0.2 s early
    (0, 6.0, 8.0),  # after a pause of 1 s
    (1, 6.5, 6.9),  # a backchannel within A's turn
    (1, 10.0, 12.0),  # B answers after 2 s
    (0, 12.5, 14.0),  # A cuts in after 0.5 s of a pause of B,
    (1, 12.8, 13.5),  # who goes on 0.3 s later all the same
    (1, 14.4, 16.0),  # B answers after 0.4 s
]
"""A minute of A and B."""


def events_of(rows, name: str = "A", **options) -> SpeakerEvents:
    return speaker_events(talk(rows, **options), STANDARD, "ipu")[name]


def test_by_hand():
    events = events_of(ROWS)
    own, others = events.actors["speaker"], events.actors["others"]
    assert events.seconds == 60
    assert events.overlap == pytest.approx(0.2 + 0.4 + 0.7)
    np.testing.assert_allclose(own.fto, [-0.2, 0.5])
    np.testing.assert_allclose(others.fto, [0.5, 2.0, 0.4])
    assert own.cut_in.tolist() == [1]  # of the one pause of B
    assert others.cut_in.tolist() == [0]  # of the one pause of A
    assert own.pause.tolist() == [1.0]
    assert others.pause.tolist() == []
    assert (own.backchannels, others.backchannels) == (0, 1)
    assert (own.overlaps_between, others.overlaps_between) == (1, 0)
    assert (own.overlaps_within, others.overlaps_within) == (0, 2)
    assert (own.speech, others.speech) == pytest.approx((6.7, 6.2))
    assert (own.talk, others.talk) == pytest.approx((6.7, 6.2))


def test_at_level_turn_backchannels_are_no_answers():
    rows = [(0, 0.0, 3.0), (1, 3.5, 3.9), (0, 4.5, 7.0), (1, 7.5, 9.0)]
    for fto_level, own, others in (("ipu", [0.6], [0.5, 0.5]), ("turn", [], [0.5])):
        actors = speaker_events(talk(rows), STANDARD, fto_level)["A"].actors
        np.testing.assert_allclose(actors["speaker"].fto, own)
        np.testing.assert_allclose(actors["others"].fto, others)


BEFORE = [(1, 0.0, 2.0)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(0, 2.5, 5.0), (1, 3.1, 4.0)], 1),  # B goes on 0.6 s after the start
        ([(0, 2.5, 5.0), (1, 3.2, 4.0)], 0),  # 0.7 s after: it may answer A
        ([(0, 2.5, 2.8), (1, 3.0, 4.0)], 0),  # A is over by then
        ([(0, 1.9, 5.0), (1, 2.3, 4.0)], 0),  # in overlap, not in a pause
        ([(0, 2.5, 5.0), (1, 5.5, 6.0)], 0),  # B says nothing while A speaks
        ([(0, 2.5, 3.4), (1, 2.8, 6.0)], 0),  # A's is a backchannel: short, alone, and B is around it
    ],
)
def test_a_cut_in_is_a_start_in_a_pause_of_another_who_goes_on(rows, expected):
    units = ipus(talk([*BEFORE, *rows]), STANDARD)
    pairs = cut_ins(units, STANDARD)
    assert len(pairs) == expected
    for before, row in pairs:
        assert (units.speaker[before], units.speaker[row], units.onset[row]) == (1, 0, 2.5)


def test_of_three_speakers_the_others_are_all_others():
    """C talks over B for a second; A answers B, and C answers A."""
    rows = [(1, 0.0, 2.0), (2, 1.0, 1.5), (0, 2.5, 4.0), (2, 4.3, 6.0), (1, 6.5, 8.0)]
    conversation = dataclasses.replace(talk(rows), speakers=("A", "B", "C"))
    by_name = speaker_events(conversation, STANDARD, "ipu")
    own, others = (by_name["A"].actors[actor] for actor in ("speaker", "others"))
    np.testing.assert_allclose(own.fto, [0.5])
    np.testing.assert_allclose(others.fto, [0.3])  # B's answer to C is not to A
    assert (others.speech, others.talk) == pytest.approx((5.2, 5.7))
    assert by_name["A"].overlap == 0
    assert by_name["C"].actors["speaker"].overlaps_within == 1
    assert by_name["A"].actors["speaker"].overlaps_within == 0  # A has no part in it
    assert by_name["B"].actors["others"].overlaps_within == 1


def test_who_never_speaks_has_no_events_and_nobody_has_alone():
    conversation = dataclasses.replace(talk(ROWS), speakers=("A", "B", "C"))
    assert list(speaker_events(conversation, STANDARD, "ipu")) == ["A", "B"]
    assert speaker_events(talk([(0, 0.0, 2.0), (0, 3.0, 4.0)]), STANDARD, "ipu") == {}


def test_no_event_crosses_the_edge_of_a_window():
    rows = [(0, 0.0, 4.0), (1, 6.0, 9.0)]
    conversation = dataclasses.replace(talk(rows), windows=np.array([[0.0, 5.0], [5.0, 10.0]]))
    actors = speaker_events(conversation, STANDARD, "ipu")["A"].actors
    assert not len(actors["others"].fto)


segments = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 400), st.integers(1, 60)).map(
        lambda one: (one[0], one[1] / 10, (one[1] + one[2]) / 10)
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(rows=segments)
def test_of_two_speakers_each_is_the_others_of_the_other(rows):
    by_name = speaker_events(talk(rows), STANDARD, "ipu")
    if not by_name:
        return
    a, b = by_name["A"], by_name["B"]
    assert a.overlap == pytest.approx(b.overlap)
    for one, other in (("speaker", "others"), ("others", "speaker")):
        for field in dataclasses.fields(a.actors[one]):
            mine, theirs = (getattr(x.actors[y], field.name) for x, y in ((a, one), (b, other)))
            np.testing.assert_allclose(mine, theirs, atol=1e-9)
