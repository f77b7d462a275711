"""Fitted distributions with their cards. Axes: N offsets."""

import dataclasses
import json

import jax
import numpy as np
import pytest

from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.distributions.model import OffsetModelCard, TimingModel
from babble_jax.timing.events import Definitions

CARD = OffsetModelCard("none", 1, 100, 1, 0.0, 0.0, 0)
MODEL = TimingModel(
    "johnson_su", {"loc": 0.1, "scale": 0.3, "shift": -0.1, "tail": 1.1}, "ipu", Definitions(), CARD
)


def test_methods_are_those_of_the_family():
    model = MODEL
    family, y = FAMILIES[model.family], np.array([-1.0, 0.0, 0.3])
    np.testing.assert_array_equal(model.log_prob(y), family.log_prob(model.params, y))
    np.testing.assert_array_equal(model.cdf(y), family.cdf(model.params, y))
    fto = model.sample(jax.random.key(0), (4,))
    np.testing.assert_array_equal(fto, family.sample(model.params, jax.random.key(0), (4,)))


@pytest.mark.parametrize("name", ["normal", "kde"])
def test_json_with_numbers_and_lists(name):
    y = np.random.default_rng(0).normal(0, 0.5, 200)
    params = FAMILIES[name].fit(y)
    model = dataclasses.replace(
        MODEL, family=name, parameters={key: value.tolist() for key, value in params.items()}
    )
    back = TimingModel.from_json(json.loads(json.dumps(model.to_json())))
    assert back == model
    for key, value in params.items():
        np.testing.assert_array_equal(back.params[key], value)
