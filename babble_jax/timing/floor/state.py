"""The state of a dialogue, frame by frame: the one definition that the fit and the drawing of dialogues share.

Axes: D dialogues, S speakers, T frames, E elapsed-time bins. Times within a dialogue are frames of
`FRAME` seconds. A frame is 10 ms: the grid of the coarsest corpora, a divisor of both limits of the
definitions (50 and 200 ms), and short enough that two people rarely act in the same one.

A speaker is on (within an IPU) or off. The others are taken together: they are on while any of them is, so
that the same state serves two speakers and twenty.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.timing.events import Definitions

FRAME = 0.01

EDGES = np.array(
    [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 60, 70, 80, 90, 100, 120, 140, 170, 200, 250, 300, 400, 550, 800,
     1200, 2000]
)  # fmt: skip
"""[E] frames at which the elapsed time in a state changes its bin; the last bin has no end."""

BINS = len(EDGES)
_REACH = int(EDGES[-1]) + 1
BIN_OF = np.searchsorted(EDGES, np.arange(_REACH), side="right").astype(np.int32) - 1
"""The bin of each number of frames, up to the last edge."""

TURN, LONE, BACKCHANNEL = 0, 1, 2
"""Kinds of an IPU. Lone: a turn that begins after so much own silence that it could still be a backchannel by
its looks, until it is longer than one."""

SOLO, SILENCE, OVERLAP, MIXED = 0, 1, 2, 3
"""Since the last solo began there has been: nothing else, silence only, overlap only, or both of them."""

OTHERWISE, PAUSE, GAP, BETWEEN, WITHIN, NEVER = 0, 1, 2, 3, 4, 5
"""How the last solo came to be: through several runs, or as in `events.Kind`; NEVER: there has been none yet."""

OVERLAPPING, SOON, LATE = 0, 1, 2
"""How the floor was taken: before the other one had stopped, or after a gap that is shorter than `LONG`, or as long."""

LONG = 30
"""Frames."""

STATE_SHAPE = (2, 2, 3, 3, 2, 6, 3, 3, BINS, BINS)
"""Shape of the table of discrete states: on, others on, own kind (of the running IPU or the last), others' kind,
whether the speaker has the floor, how it came to be held, how the speaker took it last, how anybody did, own elapsed
bin, others' elapsed bin."""

NUM_STATES = int(np.prod(STATE_SHAPE))
"""Discrete states; each has an index below it."""


class Limits(NamedTuple):
    """Holds the definitions' limits in frames, rounded down: a longer time never spans fewer frames."""

    merge: int
    min_ipu: int
    longest_backchannel: int
    isolation: int

    @classmethod
    def of(cls, definitions: Definitions) -> "Limits":
        """Converts the limits of these definitions; silence and IPU last a frame at least."""
        seconds = (
            definitions.merge,
            definitions.min_ipu,
            definitions.backchannel_max,
            definitions.backchannel_isolation,
        )
        merge, min_ipu, longest, isolation = (int(np.floor(s / FRAME + 1e-6)) for s in seconds)
        return cls(max(merge, 1), max(min_ipu, 1), longest, isolation)


class FloorState(NamedTuple):
    """Holds the state of D dialogues at the start of a frame.

    Attributes:
      on: [D, S] bool, within an IPU.
      since: [D, S] int32 frames since the last toggle; 1 in the frame after it.
      kind: [D, S] int32, of the running IPU or else the last one.
      other_on, other_since, other_kind: [D, S], the same of the others taken together; their kind is a turn
        if any of the running ones is.
      floor: [D] int32, the last solo speaker; -1 before the first.
      through: [D] int32, what has been since that solo.
      came: [D] int32, how that solo came to be.
      own_taking: [D, S] int32, how each speaker took the floor the last time.
      taking: [D] int32, how the last one who took it did.
    """

    on: jax.Array
    since: jax.Array
    kind: jax.Array
    other_on: jax.Array
    other_since: jax.Array
    other_kind: jax.Array
    floor: jax.Array
    through: jax.Array
    came: jax.Array
    own_taking: jax.Array
    taking: jax.Array


def initial_state(dialogues: int, speakers: int, limits: Limits) -> FloorState:
    """Begins dialogues in which everybody has been silent for so long that a first IPU is isolated.

    Args:
      dialogues: D, how many.
      speakers: S, in each of them.
      limits: of the definitions.
    """
    full = jnp.full((dialogues, speakers), max(limits.merge, limits.isolation), jnp.int32)
    zero = jnp.zeros((dialogues, speakers), jnp.int32)
    off, none = zero.astype(bool), jnp.zeros(dialogues, jnp.int32)
    return FloorState(
        off, full, zero, off, full, zero, none - 1, none, none + NEVER, zero + SOON, none + SOON
    )


def state_index(state: FloorState) -> jax.Array:
    """Returns the index of the discrete state that each speaker is in, [D, S] int32."""
    own_floor = state.floor[:, None] == jnp.arange(state.on.shape[1])[None]
    came, taking = (jnp.broadcast_to(x[:, None], state.on.shape) for x in (state.came, state.taking))
    bins = jnp.asarray(BIN_OF)
    parts = (
        state.on.astype(jnp.int32),
        state.other_on.astype(jnp.int32),
        state.kind,
        state.other_kind,
        own_floor.astype(jnp.int32),
        came,
        state.own_taking,
        taking,
        bins[jnp.minimum(state.since, _REACH - 1)],
        bins[jnp.minimum(state.other_since, _REACH - 1)],
    )
    index = jnp.zeros_like(state.since)
    for size, part in zip(STATE_SHAPE, parts, strict=True):
        index = index * size + part
    return index


def at_risk(state: FloorState, limits: Limits) -> jax.Array:
    """Tells who can begin or end an IPU in this frame under the definitions, [D, S] bool.

    No IPU begins after a silence that would be merged, none ends while it would be dropped for its shortness, and a
    backchannel is followed by the silence that makes it one. So the events of a simulated dialogue are those that were
    drawn.
    """
    after = jnp.where(state.kind == BACKCHANNEL, max(limits.isolation, limits.merge), limits.merge)
    return state.since >= jnp.where(state.on, limits.min_ipu, after)


def overdue(state: FloorState, limits: Limits) -> jax.Array:
    """Tells whose backchannels end in this frame because longer ones would be none, [D, S] bool."""
    return state.on & (state.kind == BACKCHANNEL) & (state.since >= limits.longest_backchannel)


def advance(state: FloorState, toggle: jax.Array, backchannel: jax.Array, limits: Limits) -> FloorState:
    """Returns the state a frame later.

    Args:
      state: at the start of the frame.
      toggle: [D, S] bool, who begins or ends an IPU in the frame.
      backchannel: [D, S] bool, whether an IPU that begins is one; not read elsewhere.
      limits: of the definitions.
    """
    on = state.on ^ toggle
    begins = toggle & on
    lone = (state.since >= limits.isolation).astype(jnp.int32)
    kind = jnp.where(begins, jnp.where(backchannel, BACKCHANNEL, lone), state.kind)
    since = jnp.where(toggle, 1, state.since + 1)
    kind = jnp.where(on & (kind == LONE) & (since > limits.longest_backchannel), TURN, kind)

    def others(flags: jax.Array) -> jax.Array:
        count = flags.astype(jnp.int32)
        return jnp.sum(count, axis=1, keepdims=True, dtype=jnp.int32) - count > 0

    other_on = others(on)
    other_since = jnp.where(other_on != state.other_on, 1, state.other_since + 1)
    running = jnp.where(
        others(on & (kind == TURN)), TURN, jnp.where(others(on & (kind == LONE)), LONE, BACKCHANNEL)
    )
    other_kind = jnp.where(other_on, running, state.other_kind)

    speaking = jnp.sum(on, axis=1, dtype=jnp.int32)
    solo = speaking == 1
    who = jnp.argmax(on, axis=1).astype(jnp.int32)
    same = who == state.floor
    overlapped = state.through == OVERLAP
    came = jnp.where(same, jnp.where(overlapped, WITHIN, PAUSE), jnp.where(overlapped, BETWEEN, GAP))
    came = jnp.where((state.through == MIXED) | (state.floor < 0), OTHERWISE, came)
    takes = solo & ((came == BETWEEN) | (came == GAP))
    silence = jnp.where(state.through == SILENCE, jnp.min(state.since, axis=1), 0)
    how = jnp.where(overlapped, OVERLAPPING, jnp.where(silence < LONG, SOON, LATE)).astype(jnp.int32)
    own = takes[:, None] & (who[:, None] == jnp.arange(on.shape[1])[None])
    goes_on = same & (state.through == SOLO)
    run = jnp.where(speaking == 0, jnp.int32(SILENCE), jnp.int32(OVERLAP))
    through = jnp.where((state.through == SOLO) | (state.through == run), run, jnp.int32(MIXED))
    return FloorState(
        on=on,
        since=since,
        kind=kind,
        other_on=other_on,
        other_since=other_since,
        other_kind=other_kind,
        floor=jnp.where(solo, who, state.floor),
        through=jnp.where(solo, SOLO, through),
        came=jnp.where(solo & ~goes_on, came, state.came),
        own_taking=jnp.where(own, how[:, None], state.own_taking),
        taking=jnp.where(takes, how, state.taking),
    )
