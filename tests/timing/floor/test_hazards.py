"""The network of hazards. Axes: C discrete states."""

import jax
import numpy as np
import pytest

from babble_jax.timing.floor import effects, hazards
from babble_jax.timing.floor.exposure import count_exposure
from babble_jax.timing.floor.state import BINS, NUM_STATES
from tests.timing.floor.floors import NO_KINDS


def test_the_events_expected_in_each_bin_are_those_of_the_corpus(population):
    """Bins of the own elapsed time and of the others', by who is on; a smooth network alone does not give them."""
    rows = count_exposure(population.conversations, NO_KINDS)
    states, index = np.unique(rows.state, return_inverse=True)
    events_ = np.stack([np.bincount(index, rows.hazard_events[:, i]) for i in (0, 1)], axis=1)
    half = np.bincount(index, rows.frames) - events_.sum(axis=1) / 2
    exposed = np.repeat(half[:, None], 2, axis=1)
    params = hazards.fit_network(states, events_, exposed, hazards.initial_params(0), steps=100)
    expected = exposed[:, 0] * np.exp(hazards.log_hazards(params, states)[:, 0], dtype=np.float64)
    on, other_on, *_, own, others_elapsed = hazards.state_parts(states)
    for elapsed in (own, others_elapsed):
        bins = np.ravel_multi_index((on, other_on, elapsed), (2, 2, BINS))
        observed = np.bincount(bins, events_[:, 0], 4 * BINS)
        frequent = observed > 100
        assert frequent.sum() > 20
        np.testing.assert_allclose(
            np.bincount(bins, expected, 4 * BINS)[frequent], observed[frequent], rtol=0.05
        )


@pytest.mark.parametrize("widths", [(), (5,), (6, 4)])
def test_the_table_of_all_states(widths):
    rng = np.random.default_rng(0)
    params = jax.tree.map(
        lambda x: (x + rng.normal(0, 0.3, x.shape)).astype(np.float32), hazards.initial_params(1, widths)
    )
    states = rng.integers(0, NUM_STATES, 3000)
    table = np.asarray(hazards.hazard_table(params))
    np.testing.assert_allclose(table[states], hazards.log_hazards(params, states), rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(effects.all_hazard_groups()[states], effects.hazard_groups(states))
