"""Floor-transfer offsets and the pooled arrays: examples worked by hand."""

import dataclasses

import numpy as np
import pytest

from babble_jax.timing.events import Definitions, FtoLevel, Reason, floor_transfers, ipus, pool_ftos
from tests.timing.events.events_reference import talk

D = Definitions()


def sweep(*segments, fto_level: FtoLevel = "ipu", **options):
    """(reason, value) of each IPU."""
    t = floor_transfers(ipus(talk(*segments, **options), D), fto_level, D)
    return [(Reason(r), None if np.isnan(v) else float(v)) for r, v in zip(t.reason, t.fto, strict=True)]


FIRST, SAME, IN = (Reason.FIRST, None), (Reason.SAME_SPEAKER, None), (Reason.CONTAINED, None)


def new(value):
    return (Reason.DEFINED, value)


def test_gap_overlap_and_zero():
    assert sweep((0, 0, 1), (1, 1.3, 3), (0, 2.5, 4), (1, 4, 5)) == [FIRST, new(0.3), new(-0.5), new(0.0)]


def test_same_speaker_extends_the_turn():
    assert sweep((0, 0, 1), (0, 2, 3), (1, 3.25, 4)) == [FIRST, SAME, new(0.25)]


def test_contained_takes_no_floor():
    assert sweep((0, 0, 3), (1, 1, 2), (0, 4, 5)) == [FIRST, IN, SAME]
    assert sweep((0, 0, 3), (1, 1, 3), (1, 3.5, 5)) == [FIRST, IN, new(0.5)]  # ending together is contained
    assert sweep((0, 0, 1), (1, 0, 1), (1, 2, 3)) == [FIRST, IN, new(1.0)]


def test_an_offset_may_reach_far_back():
    assert sweep((0, 0, 10), (1, 1, 11)) == [FIRST, new(-9.0)]
    assert sweep((0, 0, 5), (1, 0, 6)) == [FIRST, new(-5.0)]


def test_of_two_that_start_together_the_shorter_comes_first():
    assert sweep((1, 0, 1), (0, 1.5, 2), (1, 1.5, 4)) == [FIRST, new(0.5), new(-0.5)]
    assert sweep((1, 0, 1), (0, 1.501, 2), (1, 1.5, 4)) == [FIRST, SAME, IN]


def test_three_speakers():
    segments = (0, 0, 4), (1, 1, 2), (2, 3.5, 6), (1, 5, 5.5), (0, 6.75, 8)
    assert sweep(*segments, speakers=3) == [FIRST, IN, new(-0.5), IN, new(0.75)]


def test_each_window_begins_anew():
    segments = (0, 0, 1), (1, 2, 3), (0, 4, 5)
    assert sweep(*segments) == [FIRST, new(1.0), new(1.0)]
    assert sweep(*segments, windows=((0.0, 1.0), (1.0, 9.0))) == [FIRST, FIRST, new(1.0)]


def test_level_turn_leaves_backchannels_out():
    segments = (0, 0, 5), (1, 5.2, 5.6), (0, 6, 9), (1, 9.5, 12)
    assert sweep(*segments) == [FIRST, new(0.2), new(0.4), new(0.5)]
    assert sweep(*segments, fto_level="turn") == [FIRST, (Reason.BACKCHANNEL, None), SAME, new(0.5)]


def test_offsets_of_decimal_times_are_decimal():
    assert 0.8 - 0.6 != 0.2
    assert sweep((0, 0, 0.6), (1, 0.8, 2)) == [FIRST, new(0.2)]


def test_previous_is_the_unit_at_whose_end_the_floor_was():
    units = ipus(talk((0, 0, 3), (1, 1, 2), (0, 4, 5), (1, 4.5, 7)), D)
    transfers = floor_transfers(units, "ipu", D)
    assert transfers.previous.tolist() == [-1, 0, 0, 2]
    assert transfers.defined.tolist() == [False, False, False, True]
    assert transfers.fto[3] == units.onset[3] - units.end[2]


def test_nobody_speaks():
    assert sweep() == []


def test_pooled():
    first, second = talk((0, 0, 1), (1, 1.5, 2), (0, 2.25, 3)), talk((1, 0, 1), (0, 1.125, 3))
    silent = talk()
    conversations = [dataclasses.replace(c, group=g) for c, g in ((first, "x"), (silent, "y"), (second, "z"))]
    pooled = pool_ftos(conversations, "ipu", D)
    assert pooled.fto.tolist() == [0.5, 0.25, 0.125]
    assert pooled.conversation.tolist() == [0, 0, 2]
    assert pooled.speaker.tolist() == [1, 0, 0]
    assert pooled.time.tolist() == [1.5, 2.25, 1.125]
    assert pooled.group == ("x", "y", "z")
    assert (pooled.fto.dtype, pooled.conversation.dtype) == (np.float64, np.int32)


@pytest.mark.parametrize("fto_level", ["ipu", "turn"])
def test_pooled_of_nothing(fto_level):
    assert len(pool_ftos([], fto_level, D)) == 0
