"""Reliability and time rescaling."""

import numpy as np
import pytest

from babble_jax.timing.evaluation.turn_taking.calibration import (
    event_kinds,
    event_probabilities,
    join_compensators,
    kolmogorov_smirnov,
    open_ended,
    rescale,
    summarize_rescaling,
)


def test_compensators_of_a_right_hazard_are_exponential():
    rng = np.random.default_rng(0)
    p = 0.02 + 0.3 * (np.sin(np.arange(200000) / 50) > 0.9)
    event = rng.random(len(p)) < p
    right = rescale(p, event, rng)
    assert right.mean() == pytest.approx(1, abs=0.02)
    assert kolmogorov_smirnov(right) < 0.015
    wrong = rescale(np.full(len(p), p.mean()), event, rng)
    assert kolmogorov_smirnov(wrong) > 0.1


def test_the_distance_by_hand():
    u = np.array([0.25, 0.5])  # distribution function 0, 1/2, 1
    assert kolmogorov_smirnov(-np.log1p(-u)) == pytest.approx(0.5)


def test_windows_are_one_process():
    rng = np.random.default_rng(1)
    p = np.full(10, 0.1)
    none, one = np.zeros(10, bool), np.arange(10) == 4
    step = -np.log(0.9)
    pieces = [open_ended(p, e, rng) for e in (none, one, none, one)]
    values, calls = join_compensators(pieces, [np.full(len(x), i) for i, x in enumerate(pieces)])
    assert calls.tolist() == [1, 3]
    assert 14 * step < values[0] < 15 * step  # ten frames, four, and a part of one
    assert 5 * step + 14 * step < values[1] < 19 * step + step


def test_probabilities_of_competing_events():
    hazard = np.array([[0.2, 0.1], [0.3, 0.0]])
    p = event_probabilities(hazard, np.array([True, True]), np.array([False, True]))
    assert p[0, 0] == pytest.approx(-np.expm1(-0.3) * 2 / 3)
    assert p[0, 1] == pytest.approx(-np.expm1(-0.3) / 3)
    assert p[1].tolist() == [0, 0, pytest.approx(-np.expm1(-0.3))]
    assert not event_probabilities(hazard, np.zeros(2, bool), np.zeros(2, bool)).any()
    kinds = event_kinds(np.array([1, 2, 1, 0]), np.array([False, False, True, True]))
    assert kinds.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]]


def test_a_summary():
    values = np.random.default_rng(2).exponential(size=2000)
    row = summarize_rescaling(values, np.repeat(np.arange(20), 100))
    assert row["events"] == 2000
    assert row["ks"] < 0.05
    assert row["ks_interval"][0] < row["ks_interval"][1]
    assert row["quantiles"][9][0] == pytest.approx(np.log(2))
    assert summarize_rescaling(np.zeros(0), np.zeros(0, int))["ks"] is None
