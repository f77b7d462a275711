"""Means of effects are moved until drawn dialogues have the events of the corpus."""

import dataclasses

import numpy as np
import pytest

from babble_jax.timing.events import count_events, pool_ftos
from babble_jax.timing.events.measures import EVENTS
from babble_jax.timing.floor import match_events as module
from babble_jax.timing.floor.effects import GROUPS
from babble_jax.timing.floor.exposure import count_exposure
from babble_jax.timing.floor.match_events import count_columns, least_costly_step, match_events
from tests.timing.floor.floors import DEFINITIONS, DYAD, NO_KINDS, K, make_conversation, make_floor


def test_columns_are_the_events_that_are_counted_elsewhere():
    conversations = [make_conversation(DYAD, 2, 14.0), make_conversation(DYAD[1:], 2, 14.0)]
    columns, summary = count_columns(conversations, DEFINITIONS), count_events(conversations, DEFINITIONS)
    per_minute = columns.counts.sum(axis=0) / (columns.seconds / 60)
    numbers = [[summary[part][event] for event in EVENTS] for part in ("per_minute", "seconds_per_minute")]
    np.testing.assert_allclose(per_minute[:-2], np.ravel(numbers))
    assert (columns.seconds, columns.counts[:, -2].sum()) == (28.0, summary["fto"]["n"])
    np.testing.assert_array_equal(columns.ftos, pool_ftos(conversations, "ipu", DEFINITIONS).fto)
    assert columns.counts[:, -1].sum() == columns.counts[:, -2].sum() / 2  # below their own median


def test_a_group_of_many_events_moves_least():
    gradient = np.array([[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]])
    step = least_costly_step(gradient, np.array([0.1, -0.2]), np.array([100, 1000, 400]))
    np.testing.assert_allclose(gradient @ step, [0.1, -0.2], rtol=0.1)
    assert step[0] == pytest.approx(step[1] * 1500 / 600)


def test_a_corpus_of_few_offsets_moves_nothing():
    floor = make_floor({}, (-4.6, -30.0))
    for intervals in (DYAD, [DYAD[0]]):
        few = [make_conversation(intervals, 2, 14.0)]
        assert match_events(floor, few, count_exposure(few, DEFINITIONS)) is floor


@pytest.mark.slow
def test_pauses_and_gaps_become_those_of_the_corpus(population, monkeypatch):
    monkeypatch.setattr("babble_jax.timing.floor.calibrate.HOURS", (20.0, 20.0))
    floor, conversations = population
    mean = np.zeros(K)
    mean[[GROUPS.index(name) for name in ("resume_early", "resume_late", "interrupt_late")]] = 0.3, 0.2, -0.2
    moved = dataclasses.replace(floor, mean=mean.tolist())
    trials = []
    matched = match_events(
        moved, conversations, count_exposure(conversations, NO_KINDS), lambda: trials.append(1)
    )
    assert 1 < len(trials) <= module.TRIALS
    summaries = [
        count_events([c for half in (False, True) for c in one.draw(9, range(200), 400.0, 2, half)], NO_KINDS)
        for one in (moved, matched)
    ]
    corpus = count_events(conversations, NO_KINDS)
    before, after = (
        np.array(
            [
                one["per_minute"][name] / corpus["per_minute"][name]
                for name in ("pause", "gap", "overlap_between")
            ]
        )
        for one in summaries
    )
    assert np.abs(before - 1).max() > 0.1
    np.testing.assert_allclose(after, 1, atol=0.05)
    assert summaries[1]["fto"]["median"] == pytest.approx(corpus["fto"]["median"], abs=0.02)
