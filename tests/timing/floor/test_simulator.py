"""The floor simulator as a file."""

import json

import numpy as np
import pytest

from babble_jax.errors import BabbleError
from babble_jax.timing.floor.hazards import CROSSED
from babble_jax.timing.floor.simulator import FloorSimulator
from tests.timing.floor.floors import LIVELY, K


def test_json_round_trip():
    again = FloorSimulator.from_json(json.loads(json.dumps(LIVELY.to_json())))
    assert again == LIVELY
    np.testing.assert_array_equal(again.log_hazard, LIVELY.log_hazard)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("layers", [], "at least one layer"),
        ("layers", [{"kernel": [[0.0, 0.0]], "bias": [0.0, 0.0]}], "inputs"),
        ("crossing", [[0.0, 0.0]], "crossing must be"),
        ("crossing", [[0.0, float("inf")]] * CROSSED, "crossing must be"),
        ("own", [[1.0]], "covariance"),
        ("shared", [[float("nan")] * K] * K, "covariance"),
    ],
)
def test_a_simulator_that_makes_no_sense_is_refused(field, value, message):
    with pytest.raises(BabbleError, match=message):
        FloorSimulator.from_json({**LIVELY.to_json(), field: value})
