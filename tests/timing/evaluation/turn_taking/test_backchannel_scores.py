"""F1 of backchannels with margins."""

import numpy as np
import pytest

from babble_jax.timing.evaluation.turn_taking.backchannel_scores import (
    Stretches,
    count_matches,
    divergence,
    draw,
    find_stretches,
    peaks,
    score_backchannels,
    without_backchannels,
)
from babble_jax.timing.evaluation.turn_taking.frames import frame_calls
from tests.timing.evaluation.turn_taking.calls import DIALOGUE, D


@pytest.mark.parametrize(
    ("predictions", "onsets", "matches"),
    [
        ([100], [100], 1),
        ([200], [100], 1),  # at the edge of 0 to 1 s
        ([99], [100], 0),
        ([201], [100], 0),
        ([150], [100, 120], 1),  # one prediction counts for one onset
        ([110, 150], [100, 120], 2),
        ([], [100], 0),
        ([100], [], 0),
    ],
)
def test_matches_by_hand(predictions, onsets, matches):
    assert count_matches(np.array(predictions), np.array(onsets), (0.0, 1.0)) == matches


def test_stretches_of_one_persons_talk():
    calls = frame_calls([DIALOGUE], D)
    stretches = find_stretches([DIALOGUE], calls, D)
    rows = list(zip(stretches.seat, stretches.begin, stretches.end, strict=True))
    assert (1, 100, 700) in rows  # A talks from 1 to 7 s
    both = [i for i, row in enumerate(rows) if row[1] == 1300]
    assert not both or stretches.onsets[both[0]].tolist() == [1500]


def test_a_listeners_own_backchannels_are_not_in_the_past():
    calls = without_backchannels(frame_calls([DIALOGUE], D))
    assert np.flatnonzero(calls.codes[0, :, 1]).tolist() == [740, 1200, 1980, 2400]
    assert 1500 in np.flatnonzero(calls.detected[0, :, 1])  # the other hears them


def test_peaks_keep_their_distance():
    hazard = np.zeros(600)
    hazard[[100, 180, 400]] = [0.5, 0.9, 0.7]
    assert peaks(hazard, 0.4).tolist() == [100, 400]
    frames = draw(np.full(5000, 0.05), np.random.default_rng(0))
    assert np.diff(frames).min() >= 150


def test_scores_and_divergence_by_hand():
    zero = np.array([0, 0])
    stretches = Stretches(zero, zero, zero, np.array([1000, 1000]), [np.array([100, 500]), np.array([300])])
    right = [np.array([110, 510]), np.array([310])]
    row = score_backchannels(right, stretches, np.array([0, 1]))
    assert [margin["f1"] for margin in row["margins"]] == [1, 1, 1]
    late = score_backchannels([np.array([180]), np.array([], int)], stretches, np.array([0, 1]))
    assert late["margins"][0]["f1"] == pytest.approx(2 / 4)
    assert late["margins"][2]["f1"] == 0
    assert divergence(stretches.onsets, stretches) == 0
    apart = [np.array([900]), np.array([900])]
    assert divergence(apart, stretches) == pytest.approx(np.sqrt(np.log(2)))
    assert divergence([np.array([], int)] * 2, stretches) == 1
