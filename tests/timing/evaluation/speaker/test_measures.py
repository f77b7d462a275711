"""Measures of a speaker, computed by hand."""

import numpy as np
import pytest

from babble_jax.timing.evaluation.speaker.measures import MEASURES
from tests.timing.evaluation.speaker.test_events import ROWS, events_of

BY_HAND = {
    # by: the speaker's value and number of events, then the others'
    "answers_per_minute": (2.0, 2, 3.0, 3),
    "fto": (0.15, 2, 0.5, 3),
    "fto_below_zero": (0.5, 2, 0.0, 3),
    "fto_below_200ms": (0.5, 2, 0.0, 3),
    "fto_above_1s": (0.0, 2, 1 / 3, 3),
    "cut_in_share": (1.0, 1, 0.0, 1),
    "cut_ins_per_minute": (1.0, 1, 0.0, 0),
    "overlaps_between_per_minute": (1.0, 1, 0.0, 0),
    "overlaps_within_per_minute": (0.0, 0, 2.0, 2),
    "overlap_share": (1.3 / 6.7, None, 1.3 / 6.2, None),
    "backchannels_per_minute": (0.0, 0, 1.0, 1),
    "pauses_per_minute": (1.0, 1, 0.0, 0),
    "pause": (1.0, 1, None, 0),
}


def measures(*events) -> dict:
    return {(one.name, one.by): (one.evaluate(events), one.count(events)) for one in MEASURES}


def test_by_hand():
    values = measures(events_of(ROWS))
    for name, (own, own_count, others, others_count) in BY_HAND.items():
        assert values.pop((name, "speaker")) == (pytest.approx(own), own_count), name
        assert values.pop((name, "others")) == (pytest.approx(others), others_count), name
    assert values.pop(("talk_share", "both")) == (pytest.approx(6.7 / 12.9), None)
    assert values.pop(("overlap_seconds_per_minute", "both")) == (pytest.approx(1.3), None)
    assert not values


def test_swapping_the_speakers_swaps_the_rows():
    values, swapped = measures(events_of(ROWS)), measures(events_of(ROWS, "B"))
    for name in BY_HAND:
        assert values[name, "speaker"] == pytest.approx(swapped[name, "others"])
        assert values[name, "others"] == pytest.approx(swapped[name, "speaker"])
    assert values["talk_share", "both"][0] == pytest.approx(1 - swapped["talk_share", "both"][0])


def test_conversations_are_pooled():
    """Twice as long with the same events: half the rate, not the mean of two rates."""
    long = events_of([(0, 0.0, 2.0), (1, 3.0, 5.0)], seconds=180.0)
    values = measures(events_of(ROWS), long)
    assert values["cut_ins_per_minute", "speaker"] == (pytest.approx(1 / 4), 1)
    assert values["fto", "others"] == (pytest.approx(0.75), 4)  # of 0.5, 2.0, 0.4 and 1.0
    assert values["overlap_share", "speaker"][0] == pytest.approx(1.3 / 8.7)


def test_a_statistic_may_be_of_the_first_values_only():
    (fto, *_) = [one for one in MEASURES if (one.name, one.by) == ("fto", "others")]
    assert fto.evaluate([events_of(ROWS)], most=1) == pytest.approx(0.5)
    assert fto.evaluate([events_of(ROWS)], most=2) == pytest.approx(1.25)


def test_without_overlap_there_are_zeros_and_without_answers_nothing():
    """B begins once and says nothing more."""
    values = measures(events_of([(1, 0.0, 1.0), (0, 1.5, 3.0), (0, 4.0, 9.0)]))
    assert values["overlap_share", "speaker"] == (0.0, None)
    assert values["overlaps_within_per_minute", "others"] == (0.0, 0)
    for name in ("fto", "fto_below_zero", "fto_above_1s"):
        assert values[name, "others"] == (None, 0)
    assert values["fto", "speaker"] == (pytest.approx(0.5), 1)


def test_conversations_drawn_again_are_pooled_as_if_they_were_others():
    events = [
        events_of(ROWS),
        events_of([(0, 0.0, 2.0), (1, 3.0, 5.0)], seconds=180.0),
        events_of([(0, 0.0, 1.0), (1, 1.5, 3.0)]),
    ]
    picks = np.array([[0, 0, 1], [2, 1, 0], [1, 2, 2]])
    for one in MEASURES:
        expected = [one.evaluate([events[i] for i in pick]) for pick in picks]
        np.testing.assert_allclose(one.resample(events, picks), [x for x in expected if x is not None])
