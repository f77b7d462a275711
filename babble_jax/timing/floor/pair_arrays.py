"""The state of dialogues of two for many dialogues at once: `pair` in JAX, one array per field.

Axes: D dialogues. Everything is [D]; the two seats lie in separate arrays, which is several times as fast on a CPU as
`state.FloorState` with an axis of two.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from babble_jax.timing.floor.pair import initial_pair
from babble_jax.timing.floor.state import (
    BACKCHANNEL,
    BETWEEN,
    BIN_OF,
    BINS,
    GAP,
    LATE,
    LONE,
    LONG,
    MIXED,
    OTHERWISE,
    OVERLAP,
    OVERLAPPING,
    PAUSE,
    SILENCE,
    SOLO,
    SOON,
    TURN,
    WITHIN,
    Limits,
)

Two = tuple[jax.Array, jax.Array]


class PairArrays(NamedTuple):
    """Holds the state of D dialogues of two; see `pair.PairState`."""

    on: Two
    since: Two
    kind: Two
    floor: jax.Array
    through: jax.Array
    came: jax.Array
    own_taking: Two
    taking: jax.Array


def initial_pairs(dialogues: int, limits: Limits) -> PairArrays:
    """Begins so many dialogues in silence."""
    return jax.tree.map(
        lambda value: jnp.full(dialogues, value, bool if isinstance(value, bool) else jnp.int32),
        PairArrays(*initial_pair(limits)),
    )


def choose(condition: jax.Array, first: PairArrays, second: PairArrays) -> PairArrays:
    """Returns the first state where the condition holds, else the second.

    Args:
      condition: [D] bool.
      first: of D dialogues.
      second: of D dialogues.
    """
    return jax.tree.map(lambda a, b: jnp.where(condition, a, b), first, second)


def advance_pairs(state: PairArrays, toggles: Two, limits: Limits) -> PairArrays:
    """Returns the states a frame later.

    Args:
      state: at the start of the frame.
      toggles: of each seat int32, see `pair.advance_pair`.
      limits: of the definitions.
    """
    on, since, kind = [], [], []
    for s in (0, 1):
        toggle = toggles[s] > 0
        now = state.on[s] ^ toggle
        lone = jnp.where(state.since[s] >= limits.isolation, LONE, TURN)
        begun = jnp.where(toggles[s] == 2, BACKCHANNEL, lone)
        k = jnp.where(toggle & now, begun, state.kind[s])
        n = jnp.where(toggle, 1, state.since[s] + 1)
        on.append(now)
        since.append(n)
        kind.append(jnp.where(now & (k == LONE) & (n > limits.longest_backchannel), TURN, k))
    solo = on[0] ^ on[1]
    who = jnp.where(on[0], 0, 1)
    same, through = who == state.floor, state.through
    overlapped = through == OVERLAP
    came = jnp.where(same, jnp.where(overlapped, WITHIN, PAUSE), jnp.where(overlapped, BETWEEN, GAP))
    came = jnp.where((through == MIXED) | (state.floor < 0), OTHERWISE, came)
    takes = solo & ((came == BETWEEN) | (came == GAP))
    silence = jnp.where(through == SILENCE, jnp.minimum(*state.since), 0)
    how = jnp.where(overlapped, OVERLAPPING, jnp.where(silence < LONG, SOON, LATE))
    run = jnp.where(on[0] | on[1], OVERLAP, SILENCE)
    later = jnp.where((through == SOLO) | (through == run), run, MIXED)
    own_taking = tuple(jnp.where(takes & (who == s), how, state.own_taking[s]) for s in (0, 1))
    return PairArrays(
        on=(on[0], on[1]),
        since=(since[0], since[1]),
        kind=(kind[0], kind[1]),
        floor=jnp.where(solo, who, state.floor),
        through=jnp.where(solo, SOLO, later),
        came=jnp.where(solo & ~(same & (through == SOLO)), came, state.came),
        own_taking=(own_taking[0], own_taking[1]),
        taking=jnp.where(takes, how, state.taking),
    )


def skip_pairs(state: PairArrays, frames: jax.Array, limits: Limits) -> PairArrays:
    """Returns the states after [D] frames, each 0 at least, in which nobody begins or ends an IPU; see `pair.skip`.

    Args:
      state: at the start of the first of them.
      frames: [D] int32.
      limits: of the definitions.
    """
    since = (state.since[0] + frames, state.since[1] + frames)
    kind = tuple(
        jnp.where(
            (frames > 0) & state.on[s] & (state.kind[s] == LONE) & (since[s] > limits.longest_backchannel),
            TURN,
            state.kind[s],
        )
        for s in (0, 1)
    )
    return state._replace(since=since, kind=(kind[0], kind[1]))


def pair_indices(state: PairArrays, seat: int) -> jax.Array:
    """Returns the index of the discrete state as a seat sees it, int32; see `state.state_index`."""
    other, bins = 1 - seat, jnp.asarray(BIN_OF)
    index = (state.on[seat].astype(jnp.int32) * 2 + state.on[other]) * 3 + state.kind[seat]
    index = (index * 3 + state.kind[other]) * 2 + (state.floor == seat)
    index = ((index * 6 + state.came) * 3 + state.own_taking[seat]) * 3 + state.taking
    own, others = (bins[jnp.minimum(state.since[s], len(BIN_OF) - 1)] for s in (seat, other))
    return (index * BINS + own) * BINS + others


def pairs_at_risk(state: PairArrays, seat: int, limits: Limits) -> jax.Array:
    """Tells where a seat can begin or end an IPU in this frame, bool; see `state.at_risk`.

    Args:
      state: at the start of the frame.
      seat: 0 or 1.
      limits: of the definitions.
    """
    after = jnp.where(state.kind[seat] == BACKCHANNEL, max(limits.isolation, limits.merge), limits.merge)
    return state.since[seat] >= jnp.where(state.on[seat], limits.min_ipu, after)


def pairs_overdue(state: PairArrays, seat: int, limits: Limits) -> jax.Array:
    """Tells where a seat's backchannel ends in this frame because a longer one would be none, bool.

    Args:
      state: at the start of the frame.
      seat: 0 or 1.
      limits: of the definitions.
    """
    return state.on[seat] & (state.kind[seat] == BACKCHANNEL) & (state.since[seat] >= limits.longest_backchannel)
