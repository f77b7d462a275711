"""Examples."""

import numpy as np

from babble_jax.timing.events import Definitions
from babble_jax.timing.prediction.covariates import COLUMNS
from babble_jax.timing.prediction.examples import Examples, build_examples
from babble_jax.timing.prediction.heads import INPUTS
from babble_jax.timing.splits import in_train
from tests.timing.prediction.calls import simulate_calls
from tests.timing.prediction.predictors import OFFSET_PREDICTOR


def test_examples_keep_the_order_and_the_split():
    calls = simulate_calls(30)
    data: Examples = build_examples(calls, "turn", Definitions(), OFFSET_PREDICTOR.grid)
    n = len(data.split.ftos.fto)
    assert data.inputs["onset"].shape == (n, len(INPUTS))
    assert len(COLUMNS) + 4 == len(INPUTS)
    train = np.array([in_train(dialogue.group) for dialogue in calls])[data.split.ftos.conversation]
    np.testing.assert_array_equal(train, data.split.train)
    assert np.isfinite(data.filter_log_prob).all()
