"""Likelihoods of baselines."""

import numpy as np
import pytest

from babble_jax.timing.evaluation.floor.comparison import cut_window
from babble_jax.timing.evaluation.floor.scores import score_semi_markov
from babble_jax.timing.events import Definitions


def test_the_semi_markov_score_is_of_its_own_hazards():
    """A process of constant hazards, whose nats per second are known: -h + h log(h dt) of every leaving, twice."""
    rng = np.random.default_rng(0)
    calls = []
    for i in range(30):
        edges = np.round(np.cumsum(np.maximum(rng.exponential(0.5, 800), 0.01)), 2)
        calls.append(
            cut_window((edges[::2] + 60, edges[1::2] + 60, np.arange(400) % 2), float(edges[-1]), str(i))
        )
    loose = Definitions(merge=0.0, min_ipu=0.0)
    got = score_semi_markov(calls[:15], calls[15:], loose)
    rate = 2.0
    assert got == pytest.approx(rate * np.log(rate * 0.01) - rate, rel=0.02)
