"""Metrics of calls. Axes: D calls, B weightings."""

import dataclasses

import numpy as np
import pytest
import scipy.stats

from babble_jax.timing import events
from babble_jax.timing.evaluation.floor.comparison import cut_window, row_errors, weight_metrics
from babble_jax.timing.evaluation.floor.metrics import KINDS, MEDIANS, STATES, measure_floor
from tests.timing.evaluation.floor.calls import CALLS, D


@pytest.fixture(scope="module")
def metrics():
    return measure_floor(CALLS, D)


def one_row(calls: int) -> np.ndarray:
    return np.ones((1, calls))


def test_sums_are_those_of_the_summary(metrics):
    got, plain = weight_metrics(metrics, one_row(len(CALLS))).scalar, events.events(CALLS, D)
    for kind in KINDS:
        assert got[f"per_minute/{kind}"][0] == pytest.approx(plain["per_minute"][kind], rel=1e-6)
        assert got[f"seconds_per_minute/{kind}"][0] == pytest.approx(
            plain["seconds_per_minute"][kind], rel=1e-6
        )
    assert sum(got[f"occupancy/{state}"][0] for state in STATES) == pytest.approx(1)


def test_occupancy_is_that_of_a_fine_grid(metrics):
    time = np.arange(0, 150, 0.001) + 0.0005
    call = CALLS[0]
    number = np.zeros(len(time), int)
    for a, b in zip(call.onset, call.end, strict=True):
        number += (time > a) & (time < b)
    plain = [np.mean(number == 0), np.mean(number == 1), np.mean(number > 1)]
    np.testing.assert_allclose(metrics.state[0] / 150, plain, atol=1e-3)


def test_correlations_are_spearmans(metrics):
    got = weight_metrics(metrics, one_row(len(CALLS))).scalar
    for lag in (1, 2):
        x = np.concatenate([v[:-lag] for v in metrics.fto])
        y = np.concatenate([v[lag:] for v in metrics.fto])
        assert got[f"correlation/lag{lag}"][0] == pytest.approx(scipy.stats.spearmanr(x, y)[0], abs=0.01)
    # a level of the call is no correlation within it
    shifted = dataclasses.replace(metrics, fto=[v + 3 * i for i, v in enumerate(metrics.fto)])
    both = weight_metrics(shifted, one_row(len(CALLS))).scalar
    assert both["correlation/lag1"][0] > 0.9
    assert abs(both["correlation/lag1_within_call"][0]) < 0.2


def test_spread_is_the_standard_deviation_of_calls(metrics):
    got = weight_metrics(metrics, one_row(len(CALLS))).scalar
    rate = metrics.count[:, 0] / metrics.minutes
    assert got["spread/per_minute_ipu"][0] == pytest.approx(rate.std(), rel=1e-6)
    index = MEDIANS.index("gap")
    assert got["spread/median_gap"][0] == pytest.approx(np.nanstd(metrics.median[:, index]), rel=1e-6)


def test_distances_are_wasserstein(metrics):
    half = np.zeros((2, len(CALLS)))
    half[0, :20], half[1, 20:] = 1, 1
    first, second = weight_metrics(metrics, half[:1]), weight_metrics(metrics, half[1:])
    got = row_errors(first, second)
    for name, kind in (("gap", events.Kind.GAP), ("overlap_within", events.Kind.OVERLAP_WITHIN)):
        parts = []
        for calls in (CALLS[:20], CALLS[20:]):
            t = [events.transitions(events.ipus(c, D)) for c in calls]
            parts.append(np.concatenate([(x.end - x.start)[x.kind == kind] for x in t]))
        assert got[f"w1/{name}"][0] == pytest.approx(scipy.stats.wasserstein_distance(*parts), abs=0.003)


def test_weights_are_repetitions(metrics):
    times = np.random.default_rng(0).multinomial(len(CALLS), np.full(len(CALLS), 1 / len(CALLS)))
    repeated = [c for c, n in zip(CALLS, times, strict=True) for _ in range(n)]
    once = weight_metrics(metrics, times[None].astype(float))
    again = weight_metrics(measure_floor(repeated, D), one_row(len(repeated)))
    for name, value in once.scalar.items():
        if not name.startswith("correlation"):  # their ranks are among the calls themselves
            assert value[0] == pytest.approx(again.scalar[name][0], rel=1e-4), name


def test_the_edges_cut_in_seconds_and_not_in_durations():
    dialogue = cut_window(
        (np.array([50.0, 62.0, 69.0]), np.array([61.0, 63.5, 75.0]), np.array([0, 1, 0])), 10.0, "simulated"
    )
    got = measure_floor([dialogue], D)
    assert got.count[0, 0] == 2  # the first one had begun before
    assert got.seconds[0, 0] == pytest.approx(1 + 1.5 + 1)
    assert got.histogram["ipu"].sum() == 1
