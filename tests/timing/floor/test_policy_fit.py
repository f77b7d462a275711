"""Policies fitted in closed loop."""

import dataclasses

import numpy as np
import pytest

from babble_jax.timing.floor.policy import BY_HAND, NEUTRAL, PolicyCurve
from babble_jax.timing.floor.policy_fit import ClosedLoop, compare_seats, fit_curve, residuals
from babble_jax.timing.floor.seat_metrics import RATES, measure_seats
from tests.timing.floor.floors import DEFINITIONS, DYAD, LIVELY, make_conversation

LOOP = ClosedLoop(LIVELY, dialogues=6, seconds=60.0)


def test_metrics_of_a_dialogue_by_hand():
    metrics = measure_seats([make_conversation(DYAD, 2, 12.0)], DEFINITIONS)
    counts = dict(zip(RATES, metrics.count[0].T.tolist(), strict=True))
    assert counts["ipu"] == [5, 4]
    assert metrics.minutes.tolist() == [0.2]
    assert np.concatenate(metrics.fto[0]).size == metrics.count[0, :, 2].sum()


def test_a_seat_without_a_delay_has_no_residuals():
    reference = LOOP.reference()
    assert np.abs(residuals(LOOP.measure(NEUTRAL, 0.0, knows_kinds=True), reference)).max() == 0
    late = residuals(LOOP.measure(NEUTRAL, 0.3), reference)
    assert np.isfinite(late).all()
    assert np.abs(late).max() > 1
    row = compare_seats(reference, reference)
    assert (row["w1"], row["rates"][0]["ipu"]) == (0, 1)


@pytest.mark.slow
def test_a_fit_makes_the_loop_more_like_no_delay():
    loop = dataclasses.replace(LOOP, dialogues=60, seconds=300.0)
    reference = loop.reference()
    fitted = fit_curve(loop, (0.15, 0.3), initial=PolicyCurve((0.0,), (BY_HAND,)), fresh=(), steps=3)
    for delay, policy in zip(fitted.curve.delays, fitted.curve.policies, strict=True):
        before, after = (residuals(loop.measure(p, delay), reference) for p in (BY_HAND, policy))
        assert after @ after < before @ before
    assert [row["delay"] for row in fitted.rows] == [0.15, 0.3]
