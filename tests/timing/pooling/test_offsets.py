"""Distributions that are shrunk towards a preset. Axes: N offsets."""

import dataclasses
from typing import cast

import jax
import numpy as np
import pytest

from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.distributions.maximum_likelihood import SmoothFamily
from babble_jax.timing.distributions.model import TimingModel
from babble_jax.timing.pooling.offsets import (
    SHAPE_OFFSETS,
    effective_offsets,
    estimate_shape_offsets,
    shrink_distribution,
)
from babble_jax.timing.preset import load_timing

JOHNSON_SU = cast(SmoothFamily, FAMILIES["johnson_su"])


@pytest.fixture(scope="module")
def prior() -> TimingModel:
    parameters = {"loc": 0.1, "scale": 0.35, "shift": -0.3, "tail": 1.2}
    return dataclasses.replace(
        load_timing("switchboard").models["ipu"], family="johnson_su", parameters=parameters
    )


@pytest.fixture(scope="module")
def corpus() -> tuple[np.ndarray, np.ndarray]:
    """Offsets of five conversations, and the conversation of each."""
    rng = np.random.default_rng(3)
    return 0.4 + 0.6 * np.sinh(rng.normal(size=500) / 1.3), np.repeat(np.arange(5), 100)


def mean_nats(params, y) -> float:
    with jax.enable_x64(True):
        return float(np.mean(np.asarray(JOHNSON_SU.log_prob(params, y))))


def test_without_spread_the_result_is_the_preset_and_without_bounds_the_fit_alone(prior, corpus):
    y, conversation = corpus
    preset = shrink_distribution(JOHNSON_SU, prior, y, None, conversation, scale=0.0)
    assert all(preset[name].tobytes() == prior.params[name].tobytes() for name in preset)
    near = shrink_distribution(JOHNSON_SU, prior, y, None, conversation, scale=1e-4)
    far = shrink_distribution(JOHNSON_SU, prior, y, None, conversation, scale=1e4)
    alone = shrink_distribution(JOHNSON_SU, prior, y, None, conversation, scale=np.inf)
    fitted = JOHNSON_SU.fit(y)
    for name in fitted:
        assert near[name] == pytest.approx(prior.params[name], abs=5e-3)
        assert far[name] == pytest.approx(fitted[name], abs=5e-3)
        assert alone[name] == fitted[name]


def test_more_conversations_lead_from_the_preset_to_the_corpus(prior, corpus):
    y, conversation = corpus
    few = conversation < 1
    nats = [
        mean_nats(params, y)
        for params in (
            prior.params,
            shrink_distribution(JOHNSON_SU, prior, y[few], None, conversation[few]),
            shrink_distribution(JOHNSON_SU, prior, y, None, conversation),
            JOHNSON_SU.fit(y),
        )
    ]
    assert nats == sorted(nats)
    assert nats[2] > nats[0] + 0.9 * (nats[3] - nats[0])


def test_no_offset_leaves_the_preset_and_another_family_comes_near_it(prior):
    nothing = np.zeros(0)
    assert shrink_distribution(JOHNSON_SU, prior, nothing, None, nothing) == prior.params
    normal = cast(SmoothFamily, FAMILIES["normal"])
    params = shrink_distribution(normal, prior, nothing, None, nothing)
    with jax.enable_x64(True):
        draws = np.asarray(prior.sample(jax.random.key(0), (50_000,)))
    assert params["loc"] == pytest.approx(draws.mean(), abs=0.02)
    assert params["scale"] == pytest.approx(draws.std(), abs=0.02)


def test_offsets_of_one_conversation_count_less():
    one, many = np.zeros(100), np.arange(100)
    assert effective_offsets(many, 0.1) == 100
    assert effective_offsets(one, 0.1) == pytest.approx(100 / 10.9)
    assert effective_offsets(one, 0.0) == 100


def test_a_shape_that_does_not_fit_counts_less():
    rng = np.random.default_rng(0)
    fits, not_at_all = (
        rng.uniform(size=400),
        np.clip(rng.choice([0.15, 0.8], 400) + 0.05 * rng.normal(size=400), 0, 1),
    )
    values = [estimate_shape_offsets(u, 200.0) for u in (fits, not_at_all)]
    assert values[0] > SHAPE_OFFSETS > values[1]
    assert estimate_shape_offsets(fits, 0.0) == pytest.approx(SHAPE_OFFSETS)
    assert estimate_shape_offsets(fits, 0.0, scale=2.0) == pytest.approx(SHAPE_OFFSETS / 4)
