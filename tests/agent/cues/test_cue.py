import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from babble_jax.agent.cues.cue import MOST_LOG_ODDS, Calibration, fit_calibration
from babble_jax.errors import BabbleError


def test_a_calibration_adds_the_offset_of_its_bin():
    calibration = Calibration(2.0, (0.0, 0.2, 0.5), (0.1, -0.2, 0.3))
    for silence, offset in ((0.0, 0.1), (0.19, 0.1), (0.2, -0.2), (0.499, -0.2), (0.5, 0.3), (9.0, 0.3)):
        assert calibration.log_odds(0.4, silence) == pytest.approx(0.8 + offset)
    assert calibration.log_odds(99.0, 0.0) == MOST_LOG_ODDS
    assert calibration.log_odds(-99.0, 0.0) == -MOST_LOG_ODDS


def test_the_ratio_of_two_normal_distributions_is_found():
    # Scores of mean 1 where the turn is over and -1 elsewhere, variance 1: the log of the ratio is 2 x score, whatever
    # the share in a bin is.
    rng = np.random.default_rng(0)
    silence = rng.choice([0.1, 0.4], 40_000)
    over = rng.random(len(silence)) < np.where(silence < 0.3, 0.2, 0.6)
    score = np.where(over, 1.0, -1.0) + rng.standard_normal(len(over))
    calibration = fit_calibration(score, over, silence, (0.0, 0.3))
    assert calibration.slope == pytest.approx(2.0, abs=0.06)
    np.testing.assert_allclose(calibration.offsets, 0.0, atol=0.06)


def test_a_score_that_points_the_wrong_way_says_nothing():
    calibration = fit_calibration(
        np.tile([-1.0, 1.0], 20), np.tile([True, False], 20), np.zeros(40), (0.0, 0.5)
    )
    assert (calibration.slope, calibration.offsets) == (0.0, (0.0, 0.0))


def test_few_silences_give_a_flat_calibration():
    few = fit_calibration(np.array([1.0, -1.0]), np.array([True, False]), np.zeros(2))
    many = fit_calibration(np.tile([1.0, -1.0], 50), np.tile([True, False], 50), np.zeros(100))
    assert 0 < few.slope < 1 < many.slope


@given(st.lists(st.tuples(st.floats(-50, 50), st.booleans(), st.floats(0, 2)), min_size=1, max_size=30))
def test_any_scores_give_a_finite_calibration(rows):
    score, over, silence = map(np.array, zip(*rows, strict=True))
    if over.all() or not over.any():
        with pytest.raises(BabbleError, match="give more conversations"):
            fit_calibration(score, over, silence)
        return
    calibration = fit_calibration(score, over, silence, (0.0, 0.5, 1.0))
    assert abs(calibration.log_odds(0.0, 0.7)) <= MOST_LOG_ODDS


@pytest.mark.parametrize(
    "values",
    [
        (np.nan, (0.0,), (0.0,)),
        (1.0, (0.1,), (0.0,)),
        (1.0, (0.0, 0.0), (0.0, 0.0)),
        (1.0, (0.0,), ()),
        (1.0, (), ()),
    ],
)
def test_refuses_bins_that_are_none(values):
    with pytest.raises(BabbleError, match="silences that rise from 0"):
        Calibration(*values)
