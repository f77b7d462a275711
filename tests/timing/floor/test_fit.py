"""Fits of the floor."""

import numpy as np
import pytest

from babble_jax.timing.floor import hazards
from babble_jax.timing.floor.effects import GROUPS
from babble_jax.timing.floor.exposure import count_exposure
from babble_jax.timing.floor.fit import fit_hazards, missing_events
from babble_jax.timing.floor.state import NUM_STATES
from tests.timing.floor.floors import NO_KINDS


def test_a_fit_recovers_hazards_and_effects(population):
    floor, conversations = population
    rows = count_exposure(conversations, NO_KINDS)
    params, own, shared = fit_hazards(rows, steps=300)
    states = np.unique(rows.state)
    frames = np.bincount(rows.state, rows.frames, NUM_STATES)[states]
    fitted, true = hazards.log_hazards(params, states)[:, 0], floor.log_hazard[states, 0]
    weight = frames * np.exp(true)
    assert np.average(fitted - true, weights=weight) == pytest.approx(0, abs=0.02)
    assert np.sqrt(np.average((fitted - true) ** 2, weights=weight)) < 0.15
    frequent = ["resume_early", "interrupt_late", "end_turn_early", "end_turn_late", "take_late"]
    index = [GROUPS.index(name) for name in frequent]
    np.testing.assert_allclose(np.diag(own)[index], 0.09, atol=0.03)
    np.testing.assert_allclose(np.diag(shared)[index], 0.045, atol=0.03)


def test_a_corpus_of_few_events_is_missing_some(population):
    assert missing_events(population.conversations, NO_KINDS) == ""
    sentence = missing_events(population.conversations[:1], NO_KINDS)
    assert "floor transfers are too few" in sentence
    assert sentence.endswith("give more conversations.")
