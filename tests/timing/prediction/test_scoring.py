"""Scores of many conversations, their means and standard errors."""

import numpy as np
import pytest

from babble_jax.timing.events import Definitions
from babble_jax.timing.prediction.offset_predictor import OffsetPredictor
from babble_jax.timing.prediction.scoring import (
    clustered_mean,
    index_in_conversation,
    mean_by_index,
    score_offsets,
)
from tests.timing.prediction.predictors import CARD, POPULATION

Y = np.array([0.3, -0.2, 0.9, 0.1, 2.5, -1.0])
SPEAKER = np.array([0, 1, 0, 0, 1, 0])


@pytest.fixture(scope="module")
def predictor() -> OffsetPredictor:
    return OffsetPredictor(POPULATION, "ipu", Definitions(), CARD)


def test_scores_of_a_corpus_are_those_of_the_predictor(predictor):
    """Two conversations of three and two speakers; the second one starts anew."""
    speaker = np.array([0, 1, 2, 0, 1, 2, 1, 0, 1, 0])
    y = np.concatenate([Y, -Y[:4]])
    conversation, corpus = np.repeat([0, 5], [6, 4]), np.repeat([0, 1], [6, 4])
    scores = score_offsets(predictor.grid, y, speaker, conversation, corpus)
    state = None
    for i in range(10):
        if i in (0, 6):
            state = predictor.initial_state(3 if i == 0 else 2, list(POPULATION.corpora)[corpus[i]])
        assert scores.log_prob[i] == pytest.approx(
            float(predictor.log_prob(state, y[i], speaker[i])), abs=1e-5
        )
        np.testing.assert_allclose(scores.moments[i], predictor.moments(state, speaker[i]), atol=1e-5)
        state = predictor.update(state, y[i], speaker[i])


def test_the_history_length_holds_offsets_back(predictor):
    """Predicting from the first `history_length` FTOs is predicting where the others never were."""
    all_of = np.zeros(6, int)
    late = score_offsets(
        predictor.grid, Y, SPEAKER, all_of, all_of, history_length=np.array([0, 0, 1, 1, 4, 2])
    )
    state = predictor.initial_state()
    for i in range(2):
        assert late.log_prob[i] == pytest.approx(float(predictor.log_prob(state, Y[i], SPEAKER[i])), abs=1e-5)
    changed = Y.copy()
    changed[2:5] = 7.0
    again = score_offsets(
        predictor.grid, changed, SPEAKER, all_of, all_of, history_length=np.array([0, 0, 1, 1, 4, 2])
    )
    assert again.log_prob[5] == late.log_prob[5]
    assert again.log_prob[4] != late.log_prob[4]


def test_clustered_errors_by_hand():
    """Two groups: totals of deviations -2 and 2 about 2, so sqrt(8 * 2) / 4 = 1."""
    mean = clustered_mean(np.array([1.0, 1.0, 3.0, 3.0]), np.array([7, 7, 9, 9]))
    assert (mean.value, mean.se, mean.offsets) == (2.0, 1.0, 4)
    assert clustered_mean(np.array([1.0, 2.0]), np.array([3, 3])).se is None
    draw = np.random.default_rng(0).normal(size=500)
    alone = clustered_mean(draw, np.arange(500)).se
    assert alone == pytest.approx(draw.std(ddof=1) / np.sqrt(500))


def test_index_in_conversation():
    conversation = np.repeat([2, 0, 5], [3, 1, 85])
    assert index_in_conversation(conversation)[:5].tolist() == [1, 2, 3, 1, 1]
    assert index_in_conversation(np.zeros(0, int)).tolist() == []
    parts = mean_by_index(np.arange(89.0), conversation, conversation)
    assert {name: part.offsets for name, part in parts.items()} == {
        "1-5": 9, "6-20": 15, "21-80": 60, "over 80": 5
    }  # fmt: skip
    assert parts["over 80"].value == 86.0
