"""The likelihood of counted exposures is that of a plain walk over frames."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.timing import events
from babble_jax.timing.floor.exposure import count_exposure
from babble_jax.timing.floor.simulator import log_likelihood_without_effects
from babble_jax.timing.floor.state import NUM_STATES
from tests.timing.floor.floors import DEFINITIONS, DYAD, LIVELY, TRIAD, make_conversation
from tests.timing.floor.plain_state import plain_log_likelihood, random_table


@pytest.mark.parametrize(("intervals", "speakers"), [(DYAD, 2), (TRIAD, 3)])
def test_the_likelihood_is_that_of_frame_by_frame(intervals, speakers):
    dialogue = make_conversation(intervals, speakers, 14.0)
    units = events.ipus(dialogue, DEFINITIONS)
    rows = list(zip(units.speaker.tolist(), units.onset.tolist(), units.end.tolist(), strict=True))
    assert len(rows) == len(intervals)
    short = events.backchannels(units, DEFINITIONS).tolist()
    assert any(short)
    table = random_table(speakers)
    plain = plain_log_likelihood(rows, short, speakers, 1400, table, DEFINITIONS)
    fast = log_likelihood_without_effects(
        count_exposure([dialogue], DEFINITIONS), table.reshape(NUM_STATES, 2)
    )
    np.testing.assert_allclose(fast, [plain], rtol=1e-6)


@given(seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=5)
def test_the_likelihood_of_whatever_is_drawn(seed):
    dialogue = LIVELY.draw(seed, [0], 40.0)[0]
    units = events.ipus(dialogue, DEFINITIONS)
    rows = list(zip(units.speaker.tolist(), units.onset.tolist(), units.end.tolist(), strict=True))
    table = random_table(seed)
    short = events.backchannels(units, DEFINITIONS).tolist()
    plain = plain_log_likelihood(rows, short, 2, 4000, table, DEFINITIONS)
    fast = log_likelihood_without_effects(
        count_exposure([dialogue], DEFINITIONS), table.reshape(NUM_STATES, 2)
    )
    np.testing.assert_allclose(fast, [plain], rtol=1e-6)


def test_counts_of_conversations_do_not_depend_on_their_company():
    pairs = LIVELY.draw(3, range(4), 30.0)
    threes = LIVELY.draw(4, range(2), 50.0, speakers=3)
    both = count_exposure([*pairs, *threes], DEFINITIONS)
    table = random_table(0).reshape(NUM_STATES, 2)
    apart = np.concatenate(
        [log_likelihood_without_effects(count_exposure([c], DEFINITIONS), table) for c in [*pairs, *threes]]
    )
    np.testing.assert_allclose(log_likelihood_without_effects(both, table), apart, rtol=1e-9)
    mask = np.array([True, False, True, False, False, True])
    np.testing.assert_allclose(
        log_likelihood_without_effects(both.select(mask), table), apart[mask], rtol=1e-9
    )
