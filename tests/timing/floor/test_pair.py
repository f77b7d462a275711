"""The state of two in plain integers beside the one of many speakers."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from babble_jax.timing.floor import pair, state
from tests.timing.floor.floors import DEFINITIONS

LIMITS = state.Limits.of(DEFINITIONS)


def as_floor_state(value: pair.PairState) -> state.FloorState:
    """Writes the state of two as that of one dialogue of two speakers."""
    flipped = [list(reversed(field)) for field in (value.on, value.since, value.kind)]
    fields = [*value[:3], *flipped, value.floor, value.through, value.came, value.own_taking, value.taking]
    arrays = [np.array(field)[None] for field in fields]
    return state.FloorState(*(jnp.asarray(a if a.dtype == bool else a.astype(np.int32)) for a in arrays))


def random_toggles(seed: int, frames: int) -> np.ndarray:
    """Draws toggles [T, 2] that come thick, since no limit is asked for by `advance`."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random((frames, 2)) < 0.06, rng.integers(1, 3, (frames, 2)), 0)


def test_each_frame_is_that_of_the_state_of_many_speakers():
    one = pair.initial_pair(LIMITS)
    many = state.initial_state(1, 2, LIMITS)
    step = jax.jit(lambda s, toggles: state.advance(s, (toggles > 0)[None], (toggles == 2)[None], LIMITS))
    read = jax.jit(lambda s: (state.state_index(s), state.at_risk(s, LIMITS), state.overdue(s, LIMITS)))
    functions = (
        pair.pair_index,
        lambda value, seat: pair.pair_at_risk(value, seat, LIMITS),
        lambda value, seat: pair.pair_overdue(value, seat, LIMITS),
    )
    for toggles in random_toggles(0, 300):
        for function, twin in zip(functions, read(many), strict=True):
            assert [function(one, s) for s in (0, 1)] == np.asarray(twin)[0].tolist()
        many = step(many, toggles)
        one = pair.advance_pair(one, tuple(toggles.tolist()), LIMITS)
        for a, b in zip(as_floor_state(one), many, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("seed", range(3))
def test_replaying_is_advancing_frame_by_frame(seed):
    toggles = random_toggles(seed, 400)
    value = pair.initial_pair(LIMITS)
    for i, row in enumerate(toggles[:350]):
        value = pair.advance_pair(value, tuple(row.tolist()), LIMITS)
        if i % 7:
            continue
        own = tuple(toggles[i + 1 : i + 41, 0].tolist())
        slow, before = value, value
        for code in own:
            before = slow if code else before
            slow = pair.advance_pair(slow, (code, 0), LIMITS)
        assert pair.replay(value, own, LIMITS)[0] == slow
        if any(own):
            assert pair.replay(value, own, LIMITS)[1] == before
