"""Floors of small corpora that are shrunk towards another. Axes: K groups of hazards."""

import dataclasses

import numpy as np
import pytest

from babble_jax.timing.floor import effects, hazards
from babble_jax.timing.floor.exposure import count_exposure
from babble_jax.timing.floor.pooling import (
    LEAST_SPREAD,
    corpus_effects,
    corpus_spread,
    exposure_log_likelihood,
    shrink_floor,
)
from babble_jax.timing.floor.simulator import network_params
from tests.timing.floor.floors import NO_KINDS, K

BUSY = effects.GROUPS.index("end_turn_early")


def test_corpus_effects_are_recovered(population):
    """People are drawn from the floor; a preset that lies 0.4 lower in all groups has 0.4 to make up."""
    floor, conversations = population
    rows = count_exposure(conversations[:20], NO_KINDS)
    log_hazard = hazards.log_hazards(network_params(floor.layers, floor.crossing), rows.state) - 0.4
    counts = effects.count_by_group(rows, log_hazard)
    own, shared = np.array(floor.own), np.array(floor.shared)
    corpus, _ = corpus_effects(counts, own, shared, np.eye(K))
    busy = counts.events.sum(axis=0) > 300
    assert busy.sum() >= 4
    np.testing.assert_allclose(corpus[busy], 0.4, atol=0.15)
    # it is the maximum: the marginal likelihood less the penalty falls to all sides
    best = _log_posterior(counts, own, shared, corpus)
    for step in (-0.1, 0.1):
        for group in np.flatnonzero(busy):
            other = corpus.copy()
            other[group] += step
            assert _log_posterior(counts, own, shared, other) < best


def _log_posterior(counts, own, shared, corpus) -> float:
    moved = dataclasses.replace(counts, expected=counts.expected * np.exp(corpus))
    change = counts.expected.sum() - moved.expected.sum() + (counts.events * corpus).sum()
    nats = effects.infer_effects(moved, own, shared)[0].log_marginal.sum() + change
    return float(nats - corpus @ corpus / 2)


def test_a_prior_without_spread_leaves_the_floor_as_it_is(population):
    floor, conversations = population
    shrunk = shrink_floor(conversations[:2], floor, [floor], name="mine", scale=1e-4)
    assert shrunk.card.prior == "mine"
    assert (shrunk.card.conversations, shrunk.own, shrunk.shared) == (2, floor.own, floor.shared)
    np.testing.assert_allclose(shrunk.mean, floor.mean, atol=1e-4)
    kernels = [np.array(one.layers[-1].kernel) for one in (floor, shrunk)]
    np.testing.assert_allclose(*kernels, atol=1e-4)


def test_effects_of_eight_conversations_make_up_for_the_preset(population, monkeypatch):
    monkeypatch.setattr("babble_jax.timing.floor.pooling.WEIGHT_PRECISION", 1e7)  # no more is to be learned
    floor, conversations = population
    lower = dataclasses.replace(floor.layers[-1], bias=[bias - 0.4 for bias in floor.layers[-1].bias])
    prior = dataclasses.replace(floor, layers=[*floor.layers[:-1], lower])
    training, unseen = conversations[:8], conversations[50:70]
    shrunk = shrink_floor(training, prior, [floor, prior])
    nats = [one.log_likelihood(unseen).sum() for one in (prior, shrunk, floor)]
    assert nats[0] < nats[1] <= nats[2] + 1
    assert nats[1] > nats[0] + 0.8 * (nats[2] - nats[0])


def test_the_spread_is_that_between_the_floors(population):
    floor, conversations = population
    rows = count_exposure(conversations[:2], NO_KINDS)
    lower = dataclasses.replace(floor.layers[-1], bias=[bias - 0.4 for bias in floor.layers[-1].bias])
    other = dataclasses.replace(floor, layers=[*floor.layers[:-1], lower])
    covariance = corpus_spread([floor, other], rows.state, rows.frames)
    assert covariance[BUSY, BUSY] == pytest.approx(0.16, abs=1e-3)
    assert np.linalg.eigvalsh(covariance).min() > 0
    same = corpus_spread([floor, floor], rows.state, rows.frames)
    np.testing.assert_allclose(np.diag(same), LEAST_SPREAD**2)


def test_the_likelihood_of_counts_is_that_of_their_conversations(population):
    floor, conversations = population
    some = conversations[:3]
    nats = exposure_log_likelihood(floor, count_exposure(some, NO_KINDS))
    np.testing.assert_allclose(nats, floor.log_likelihood(some), rtol=1e-5)
