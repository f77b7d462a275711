"""IPUs and backchannels: examples worked by hand."""

import dataclasses

import numpy as np
import pytest

from babble_jax import config
from babble_jax.errors import BabbleError
from babble_jax.timing.events import Definitions, backchannels, ipus
from tests.timing.events.events_reference import talk

D = Definitions()


def merged(conversation, definitions=D):
    units = ipus(conversation, definitions)
    return list(zip(units.speaker.tolist(), units.onset.tolist(), units.end.tolist(), strict=True))


def test_silence_shorter_than_the_limit_is_merged_and_the_limit_itself_is_not():
    assert merged(talk((0, 0.0, 1.0), (0, 1.199, 2.0))) == [(0, 0.0, 2.0)]
    assert 1.2 - 1.0 < 0.2  # in float64: the reason why durations are taken to the nanosecond
    assert merged(talk((0, 0.0, 1.0), (0, 1.2, 2.0))) == [(0, 0.0, 1.0), (0, 1.2, 2.0)]
    standard = dataclasses.replace(D, merge=0.18)
    assert merged(talk((0, 0.0, 1.0), (0, 1.18, 2.0)), standard) == [(0, 0.0, 1.0), (0, 1.18, 2.0)]


def test_merging_is_within_a_speaker_and_swallows_what_lies_inside():
    conversation = talk((0, 0.0, 3.0), (0, 0.5, 1.0), (1, 3.1, 4.0), (0, 3.15, 5.0))
    assert merged(conversation) == [(0, 0.0, 5.0), (1, 3.1, 4.0)]


def test_short_ones_are_dropped_after_merging():
    assert merged(talk((0, 0.0, 0.049), (1, 0.0, 0.05))) == [(1, 0.0, 0.05)]
    assert merged(talk((0, 0.0, 0.03), (0, 0.1, 0.13))) == [(0, 0.0, 0.13)]


def test_segments_without_duration_are_dropped_and_bridge_nothing():
    conversation = talk((0, 0.0, 1.0), (0, 1.15, 1.15), (0, 1.17, 1.16), (0, 1.3, 2.0))
    assert merged(conversation) == [(0, 0.0, 1.0), (0, 1.3, 2.0)]


def test_long_words_are_dropped_before_merging_and_only_words():
    segments = (0, 0.0, 0.5), (0, 0.5, 2.5), (0, 2.5, 4.0)
    mend = dataclasses.replace(D, max_word=1.5)
    assert merged(talk(*segments, unit="word"), mend) == [(0, 0.0, 0.5), (0, 2.5, 4.0)]
    assert merged(talk(*segments, unit="utterance"), mend) == [(0, 0.0, 4.0)]
    assert merged(talk(*segments, unit="word")) == [(0, 0.0, 4.0)]


def test_segments_are_cut_to_windows_and_never_merged_across_an_edge():
    conversation = talk(
        (0, 1.0, 4.0), (1, 6.5, 7.0), (0, 9.0, 12.0), windows=((2.0, 3.0), (3.0, 6.0), (8.0, 11.0))
    )
    units = ipus(conversation, D)
    assert merged(conversation) == [(0, 2.0, 3.0), (0, 3.0, 4.0), (0, 9.0, 11.0)]
    assert units.window.tolist() == [0, 1, 2]


def test_order_and_types():
    units = ipus(talk((1, 5.0, 6.0), (0, 5.0, 6.0), (2, 5.0, 5.5), (1, 0.0, 1.0), speakers=3), D)
    assert list(zip(units.onset, units.end, units.speaker, strict=True)) == [
        (0, 1, 1), (5, 5.5, 2), (5, 6, 0), (5, 6, 1)
    ]  # fmt: skip
    assert (units.speaker.dtype, units.onset.dtype, units.window.dtype) == (np.int32, np.float64, np.int32)


@pytest.mark.parametrize("windows", [(), ((0.0, 10.0),)])
def test_nobody_speaks(windows):
    units = ipus(talk(windows=windows), D)
    assert len(units) == 0
    assert backchannels(units, D).shape == (0,)


def test_definitions_round_trip_and_refuse_nonsense():
    mended = Definitions(max_word=1.5)
    assert config.from_json(Definitions, config.to_json(mended)) == mended
    for wrong in (
        {"version": 2},
        {"merge": -0.1},
        {"min_ipu": float("nan")},
        {"backchannel_max": float("inf")},
    ):
        with pytest.raises(BabbleError):
            config.from_json(Definitions, wrong)


def short(*segments, **options):
    """Which segments, in the order of time, are backchannels."""
    return backchannels(ipus(talk(*segments, **options), D), D).tolist()


def test_backchannel_inside_one_unit_of_the_other():
    assert short((0, 0.0, 5.0), (1, 2.0, 2.4)) == [False, True]
    assert short((0, 0.0, 5.0), (1, 4.6, 5.0)) == [False, False]  # not strictly inside, nothing follows
    assert short((0, 0.0, 5.0), (1, 0.0, 0.4)) == [False, False]


def test_backchannel_between_two_units_of_the_other():
    assert short((0, 0.0, 5.0), (1, 5.2, 5.6), (0, 6.0, 9.0)) == [False, True, False]
    assert short((0, 0.0, 5.0), (1, 5.2, 5.6), (1, 7.0, 9.0)) == [False, False, False]
    assert short((0, 0.0, 5.0), (1, 5.2, 5.6)) == [False, False]


def test_backchannel_length_and_isolation():
    assert short((0, 0.0, 9.0), (1, 2.0, 3.0)) == [False, True]
    assert short((0, 0.0, 9.0), (1, 2.0, 3.01)) == [False, False]
    assert short((0, 0.0, 9.0), (1, 2.0, 2.4), (1, 3.4, 5.0)) == [False, True, False]
    assert short((0, 0.0, 9.0), (1, 2.0, 2.4), (1, 3.39, 5.0)) == [False, False, False]
    assert short((0, 0.0, 9.0), (1, 1.0, 2.41), (1, 3.4, 3.8)) == [False, False, False]


def test_candidates_are_judged_at_once():
    """Two short ones in a row do not shield each other: the neighbours are the long units of the other."""
    assert short((0, 0.0, 5.0), (1, 5.2, 5.6), (1, 6.7, 7.1), (0, 7.3, 9.0)) == [False, True, True, False]
    # A candidate of the first speaker between them does not count as the next unit.
    assert short((0, 0.0, 5.0), (1, 5.2, 5.6), (0, 6.2, 6.6), (1, 7.0, 9.0)) == [False, False, False, False]


def test_simultaneous_candidates():
    assert short((0, 0.0, 5.0), (0, 6.5, 6.9), (1, 6.5, 6.9), (0, 8.0, 9.5)) == [False, False, True, False]


def test_units_that_start_with_the_candidate_are_neither_before_nor_after():
    assert short((0, 0.0, 1.5), (1, 2.0, 2.4), (0, 2.0, 2.39), (0, 2.6, 4.0)) == [False, False, True, False]
    assert short((0, 2.0, 4.0), (1, 2.0, 2.4), (0, 5.0, 7.0)) == [False, False, False]
    assert short((0, 0.0, 1.5), (1, 2.0, 2.4), (0, 2.0, 4.0)) == [False, False, False]


def test_among_three_the_floor_stays_with_one_other():
    assert short((0, 0.0, 5.0), (2, 5.2, 5.6), (0, 6.0, 9.0), speakers=3) == [False, True, False]
    assert short((0, 0.0, 5.0), (2, 5.2, 5.6), (1, 6.0, 9.0), speakers=3) == [False, False, False]
    assert short((0, 0.0, 5.0), (1, 0.0, 5.0), (2, 2.0, 2.5), speakers=3) == [False, False, True]


def test_no_backchannel_across_windows():
    windows = ((0.0, 5.5), (5.5, 20.0))
    segments = (0, 0.0, 5.0), (1, 5.6, 6.0), (0, 6.4, 9.0)
    assert short(*segments) == [False, True, False]
    assert short(*segments, windows=windows) == [False, False, False]
    # The edge counts as silence: 0.3 s after the own unit, but in another window.
    assert short((1, 3.0, 5.3), (0, 5.5, 9.0), (1, 5.6, 6.0), windows=windows) == [False, False, True]
