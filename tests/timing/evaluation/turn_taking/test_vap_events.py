"""The events of voice activity projection."""

import numpy as np

from babble_jax.timing.evaluation.turn_taking.frames import frame_calls, speaking
from babble_jax.timing.evaluation.turn_taking.vap_events import (
    fill_silences,
    find_backchannels,
    find_onsets,
    find_silences,
    silent_runs,
)
from tests.timing.evaluation.turn_taking.calls import DIALOGUE, D, call


def test_shifts_and_holds_by_hand():
    silences = find_silences(frame_calls([DIALOGUE], D))
    # 4.0 hold, 7.0 shift, 12.0 shift, 24.0 shift; at 10.0 the silence is too short
    assert silences.begin.tolist() == [400, 700, 1200, 2400]
    assert silences.shift.tolist() == [False, True, True, True]
    assert silences.previous.tolist() == [0, 0, 1, 1]
    assert (silences.end - silences.begin).tolist() == [50, 40, 100, 100]


def test_conditions_on_both_sides():
    early = call([(0, 0.5, 2.5), (1, 3.0, 5.0)])  # begins before 3 s
    short = call([(0, 3.0, 6.0), (1, 6.2, 8.0)])  # 0.2 s
    other_before = call([(0, 3.0, 6.0), (1, 5.0, 5.4), (1, 6.5, 9.0)])
    other_after = call([(0, 3.0, 6.0), (1, 6.5, 9.0), (0, 7.2, 7.6)])
    brief = call([(0, 5.4, 6.0), (1, 6.5, 9.0)])  # the previous speaker had been on for 0.6 s only
    for one in (early, short, other_before, other_after, brief):
        assert not len(find_silences(frame_calls([one], D)))


def test_silences_between_one_speakers_islands_are_filled():
    on = speaking(frame_calls([DIALOGUE], D).detected[0])
    filled = fill_silences(on)
    assert filled[400:450, 0].all()
    assert not filled[400:450, 1].any()
    assert not filled[700:740].any()
    assert (400, 450, 0, 0) in silent_runs(on)


def test_short_and_long_onsets():
    onsets = find_onsets(frame_calls([DIALOGUE], D))
    pairs = dict(zip(onsets.begin.tolist(), onsets.positive.tolist(), strict=True))
    assert pairs[1500]
    assert not pairs[740]
    assert not pairs[1300]


def test_backchannels_and_their_negatives():
    moments = find_backchannels(frame_calls([DIALOGUE], D))
    positive = moments.begin[moments.positive]
    assert positive.tolist() == [1450]
    assert moments.speaker[moments.positive].tolist() == [1]
    on = speaking(frame_calls([DIALOGUE], D).codes[0])
    for begin, s in zip(moments.begin[~moments.positive], moments.speaker[~moments.positive], strict=True):
        piece = slice(begin, begin + 50)
        assert on[piece, 1 - s].all()
        assert not on[begin : begin + 100, s].any()
    assert np.all(moments.begin[~moments.positive] % 50 == 0)
