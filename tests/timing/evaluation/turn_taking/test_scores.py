"""Scores of binary predictions."""

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from babble_jax.timing.evaluation.turn_taking.scores import (
    balanced_accuracy,
    best_threshold,
    interval,
    resample_weights,
    roc_auc,
    score_predictions,
)

RNG = np.random.default_rng(0)
POSITIVE = RNG.random(300) < 0.3
SCORE = np.round(RNG.normal(size=300) + POSITIVE, 1)  # with ties
CALL = RNG.integers(0, 20, 300)


def test_they_are_those_of_scikit_learn():
    weight = RNG.integers(0, 4, 300)
    assert roc_auc(SCORE, POSITIVE) == pytest.approx(roc_auc_score(POSITIVE, SCORE))
    assert roc_auc(SCORE, POSITIVE, weight) == pytest.approx(
        roc_auc_score(POSITIVE, SCORE, sample_weight=weight)
    )
    assert balanced_accuracy(SCORE > 0.5, POSITIVE) == pytest.approx(
        balanced_accuracy_score(POSITIVE, SCORE > 0.5)
    )


def test_the_best_threshold_is_the_best():
    best = balanced_accuracy(best_threshold(SCORE, POSITIVE) <= SCORE, POSITIVE)
    assert best == pytest.approx(max(balanced_accuracy(t <= SCORE, POSITIVE) for t in np.unique(SCORE)))


def test_calls_are_drawn_as_a_whole():
    weights = resample_weights(CALL, resamples=5)
    for weight in weights:
        for one in np.unique(CALL):
            assert len(set(weight[one == CALL].tolist())) == 1
    assert interval(np.array([np.nan])) is None


def test_a_summary_has_its_interval_around_it():
    row = score_predictions(SCORE, POSITIVE, CALL, 0.5)
    low, high = row["auc_interval"]
    assert low < row["auc"] < high
    assert row["positive"] == POSITIVE.sum()
    assert np.isnan(roc_auc(np.ones(3), np.ones(3, bool)))
