"""The contract of the offset predictor: files, refusals, speed."""

import json
import time

import pytest

from babble_jax.errors import BabbleError
from babble_jax.timing.events import Definitions
from babble_jax.timing.prediction.offset_predictor import OffsetPredictor
from tests.timing.prediction.predictors import (
    CARD,
    POPULATION,
)


@pytest.fixture(scope="module")
def predictor() -> OffsetPredictor:
    return OffsetPredictor(POPULATION, "ipu", Definitions(), CARD)


def test_json_round_trip_and_refusals(predictor):
    values = json.loads(json.dumps(predictor.to_json(), allow_nan=False))
    assert OffsetPredictor.from_json(values) == predictor
    with pytest.raises(BabbleError, match="dyad_loc must be 0 or more"):
        OffsetPredictor.from_json(values | {"population": values["population"] | {"dyad_loc": -1}})
    broken = values["population"] | {"corpora": {"words": {"loc": 0, "scale": 0}}}
    with pytest.raises(BabbleError, match="scale above 0"):
        OffsetPredictor.from_json(values | {"population": broken})
    with pytest.raises(BabbleError, match="no corpus 'birds'"):
        predictor.initial_state(2, "birds")
    with pytest.raises(BabbleError, match="at least two"):
        predictor.initial_state(1)


def test_an_update_takes_less_than_a_millisecond(predictor):
    """Prediction and update, each compiled before; the fastest of many, since other work may run beside."""
    state = predictor.initial_state()
    calls = {
        "log_prob": lambda: predictor.log_prob(state, 0.2, 1).block_until_ready(),
        "update": lambda: predictor.update(state, 0.2, 1).log_likelihood.block_until_ready(),
    }
    for call in calls.values():
        call()
        seconds = []
        for _ in range(100):
            start = time.perf_counter()
            call()
            seconds.append(time.perf_counter() - start)
        assert min(seconds) < 1e-3
