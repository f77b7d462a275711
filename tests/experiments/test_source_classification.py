"""The listener's stand-in: sources that differ are told apart, equal ones are not, and what is missing is told."""

import numpy as np

from experiments.pipelines.source_classification import confusion
from experiments.report.source_classification import sum_by_kind


def _pieces(mean, missing=False):
    rng = np.random.default_rng(0)
    return [
        {"speech_share": float(value), "f0_median_hz": None if missing else 100 + float(other)}
        for value, other in rng.normal(loc=mean, scale=0.1, size=(24, 2))
    ]


def test_sources_that_differ_are_told_apart_and_equal_ones_are_not():
    measured = {"one": _pieces(0.0), "other": _pieces(5.0), "same": _pieces(5.0)}
    counts = confusion(measured, ("speech_share", "f0_median_hz"))
    assert counts.sum(axis=1).tolist() == [24, 24, 24]
    assert counts[0, 0] == 24
    assert counts[1:, 0].tolist() == [0, 0]
    assert counts[1].tolist() == counts[2].tolist()


def test_that_a_measure_is_missing_tells_sources_apart():
    measured = {"pitched": _pieces(0.0), "unpitched": _pieces(0.0, missing=True)}
    counts = confusion(measured, ("speech_share", "f0_median_hz"))
    assert counts.tolist() == [[24, 0], [0, 24]]


def test_sources_are_summed_by_kind():
    counts = [[5, 1, 0], [2, 4, 0], [1, 0, 6]]
    assert sum_by_kind(counts, ["speech", "speech", "8-bit"]) == {
        "speech": {"speech": 12, "8-bit": 0},
        "8-bit": {"speech": 1, "8-bit": 6},
    }
