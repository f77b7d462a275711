"""The floor as one seat sees it: its own past, the other's a delay ago, and a belief of what that tells.

Axes: V views (a seat of a window each), R = 4 branches of a view, S = 2 speakers, the own one first; K groups of
hazards; T frames. A branch is a possible state: the other's last IPU is a turn or a backchannel, and a silence of the
other that is still shorter than `merge` is a pause within the IPU or its end. The hazards of the seat are the mean
over the branches.
"""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.timing.floor.belief import INTO
from babble_jax.timing.floor.state import (
    FloorState,
    Limits,
    advance,
    at_risk,
    initial_state,
    overdue,
    state_index,
)

_ODDS = 15.0
"""Largest log-odds between the kinds of the other's IPU."""


class ViewTables(NamedTuple):
    """Holds what a view reads.

    Attributes:
      log_hazard: [NUM_STATES, 2] float32 per frame.
      group: [NUM_STATES, 2] int8, the group of effects of each hazard.
      pause: [B, M + 1] float32, see `belief.PauseDistribution`.
    """

    log_hazard: jax.Array
    group: jax.Array
    pause: jax.Array


class SeatView(NamedTuple):
    """Holds V views at the start of a frame.

    Attributes:
      state: of the R V branches: pause and turn, pause and backchannel, end and turn, end and backchannel.
      odds: [2, V] log-odds that the other's last IPU is a backchannel, should the silence be a pause, or the end.
      silence: [V] int32, frames for which the other has been silent while that may be a pause; 0 otherwise.
      into: [V] int32, frames from the onset of the other's IPU to that silence.
    """

    state: FloorState
    odds: jax.Array
    silence: jax.Array
    into: jax.Array


class ViewFrame(NamedTuple):
    """Holds what a frame of V views holds for the own seat.

    Attributes:
      hazard: [V, 2] float32 per frame: to begin a turn or end the own IPU, and to begin a backchannel.
      at_risk: [V] bool, whether the own seat can begin or end an IPU.
      overdue: [V] bool, whether the own backchannel must end.
      on: [V] bool, whether the own IPU runs.
      other_on: [V] bool, whether the other is on, as it is seen.
      backchannel: [V] probability that the other's last IPU is a backchannel.
      pause: [V] probability that the other's silence is a pause within an IPU.
      expected: [V, K] events expected of the own seat by group.
      events: [V, K] events of the own seat by group.
    """

    hazard: jax.Array
    at_risk: jax.Array
    overdue: jax.Array
    on: jax.Array
    other_on: jax.Array
    backchannel: jax.Array
    pause: jax.Array
    expected: jax.Array
    events: jax.Array


def initial_view(views: int, limits: Limits) -> SeatView:
    """Begins views in mutual silence.

    Args:
      views: V, how many.
      limits: of the definitions.
    """
    zero = jnp.zeros(views, jnp.int32)
    return SeatView(
        initial_state(4 * views, 2, limits), jnp.full((2, views), -_ODDS, jnp.float32), zero, zero
    )


def branch_hazards(state: FloorState, effects: jax.Array, tables: ViewTables) -> tuple[jax.Array, jax.Array]:
    """Computes log-hazards per frame of both speakers in each branch, and their groups, both [R V, S, 2].

    Args:
      state: of R V branches.
      effects: [V, S, K] of the speakers.
      tables: of the hazards.
    """
    index = state_index(state)
    group = tables.group[index].astype(jnp.int32)
    branches = index.shape[0] // effects.shape[0]
    return tables.log_hazard[index] + jnp.take_along_axis(
        jnp.tile(effects, (branches, 1, 1)), group, axis=2
    ), group


def branch_weights(view: SeatView, tables: ViewTables) -> jax.Array:
    """Returns the probability of each branch, [R, V]."""
    bins = jnp.searchsorted(jnp.asarray(INTO), view.into, side="right") - 1
    pause = jnp.where(view.silence > 0, tables.pause[bins, view.silence], 0.0)
    short = jax.nn.sigmoid(view.odds)
    by_pause = jnp.stack([pause, 1 - pause])
    return jnp.stack([by_pause * (1 - short), by_pause * short], axis=1).reshape(4, -1)


def view_step(
    view: SeatView,
    own_code: jax.Array,
    detected: jax.Array,
    effects: jax.Array,
    tables: ViewTables,
    limits: Limits,
) -> tuple[SeatView, ViewFrame]:
    """Advances views by a frame.

    Args:
      view: at the start of the frame.
      own_code: [V] what the own seat does in the frame: 0 nothing, 1 begins or ends an IPU, 2 begins a backchannel.
      detected: [V] whether the other's speech begins or ends, as it is seen in the frame.
      effects: [V, S, K] of the speakers, the own one first.
      tables: of the hazards and pauses.
      limits: of the definitions.
    """
    views = len(own_code)
    log_hazard, group = branch_hazards(view.state, effects, tables)
    weight = branch_weights(view, tables)
    risk = at_risk(view.state, limits)
    late = overdue(view.state, limits)
    hazard = jnp.exp(log_hazard).reshape(4, views, 2, 2)
    other_risk = risk[:, 1].reshape(4, views)

    own_risk = risk[:views, 0]
    own_on = view.state.on[:views, 0]
    own = (weight[..., None] * hazard[:, :, 0]).sum(axis=0)
    own_group = group.reshape(4, views, 2, 2)[:, :, 0]
    chance = (own_risk & ~late[:views, 0]).astype(jnp.float32)
    share = weight[..., None] * hazard[:, :, 0] * chance[None, :, None]
    rows = jnp.arange(views)[:, None]
    expected, events = jnp.zeros_like(effects[:, 0]), jnp.zeros_like(effects[:, 0])
    happens = jnp.stack([own_code == 1, (own_code == 2) & ~own_on], axis=1) * chance[:, None]
    for branch in range(4):
        expected = expected.at[rows, own_group[branch]].add(share[branch])
        part = weight[branch][:, None] * hazard[branch, :, 0] / jnp.maximum(own, 1e-30)
        events = events.at[rows, own_group[branch]].add(part * happens)

    other_on = view.state.on[2 * views : 3 * views, 1]  # should the silence be the end
    pending = view.silence > 0
    ends = detected & other_on & ~pending
    begins = detected & ~other_on & ~pending
    resumes = detected & pending
    confirmed = pending & ~detected & (view.silence + 1 >= limits.merge)

    # each branch's toggles of the other: an end only where it is one, an onset in all
    other_toggle = jnp.stack([begins, begins, begins | ends, begins | ends]).astype(bool)
    toggle = jnp.stack([jnp.tile(own_code > 0, 4), other_toggle.reshape(-1)], axis=1)
    backchannel = jnp.stack(
        [jnp.tile(own_code == 2, 4), jnp.repeat(jnp.array([False, True, False, True]), views)], axis=1
    )
    state = advance(view.state, toggle, backchannel, limits)

    total = hazard[:, :, 1].sum(axis=-1)  # [R, V]
    log_event = jnp.log(-jnp.expm1(-jnp.maximum(total, 1e-12)))
    log_nothing = -total * other_risk
    log_part = jnp.where(other_toggle, log_event, log_nothing).reshape(2, 2, views)
    odds = view.odds + log_part[:, 1] - log_part[:, 0]
    must_end = late[:, 1].reshape(2, 2, views)[:, 1] & ~other_toggle.reshape(2, 2, views)[:, 1]
    odds = jnp.where(must_end, -_ODDS, odds)
    prior = jnp.log((weight * hazard[:, :, 1, 1]).sum(axis=0)) - jnp.log(
        (weight * hazard[:, :, 1, 0]).sum(axis=0)
    )
    odds = jnp.where(begins[None], prior[None], jnp.clip(odds, -_ODDS, _ODDS))

    # a silence that reaches `merge` was the end; speech that goes on before was never interrupted
    def select(first: jax.Array, second: jax.Array) -> tuple[jax.Array, jax.Array]:
        shape = (2 * views,) + (1,) * (first.ndim - 1)
        end = jnp.tile(confirmed, 2).reshape(shape)
        back = jnp.tile(resumes, 2).reshape(shape)
        return jnp.where(end, second, first), jnp.where(back, first, second)

    parts = [select(x[: 2 * views], x[2 * views :]) for x in state]
    # where nothing is pending both halves are the same
    state = FloorState(*(jnp.concatenate(part) for part in parts))
    odds = jnp.stack([jnp.where(confirmed, odds[1], odds[0]), jnp.where(resumes, odds[0], odds[1])])
    silence = jnp.where(ends, 1, jnp.where(resumes | confirmed | ~pending, 0, view.silence + 1))
    running = view.state.since[:views, 1]
    into = jnp.where(ends, running, view.into)
    frame = ViewFrame(
        hazard=own,
        at_risk=own_risk,
        overdue=late[:views, 0],
        on=own_on,
        other_on=other_on,
        backchannel=(weight[1] + weight[3]),
        pause=weight[0] + weight[1],
        expected=expected,
        events=events,
    )
    return SeatView(state, odds, silence, into), frame


def pack(view: SeatView) -> SeatView:
    """Makes views small, all arrays [V, ...]: integers of 16 bits, the branches on the second axis."""

    def small(x: jax.Array) -> jax.Array:
        return jnp.minimum(x, 30000).astype(jnp.int16) if x.dtype == jnp.int32 else x

    def rows(x: jax.Array) -> jax.Array:
        return jnp.moveaxis(small(x).reshape(4, -1, *x.shape[1:]), 0, 1)

    return SeatView(FloorState(*map(rows, view.state)), view.odds.T, small(view.silence), small(view.into))


def unpack(view: SeatView) -> SeatView:
    """Undoes `pack`."""

    def wide(x: jax.Array) -> jax.Array:
        return jnp.asarray(x, jnp.int32) if x.dtype == np.int16 else jnp.asarray(x)

    def flat(x: jax.Array) -> jax.Array:
        return jnp.moveaxis(wide(x), 1, 0).reshape(-1, *x.shape[2:])

    return SeatView(
        FloorState(*map(flat, view.state)), jnp.asarray(view.odds).T, wide(view.silence), wide(view.into)
    )


@functools.partial(jax.jit, static_argnames=("limits", "store"))
def follow_views(
    view: SeatView,
    own_code: jax.Array,
    detected: jax.Array,
    effects: jax.Array,
    tables: ViewTables,
    limits: Limits,
    store: bool = False,
) -> tuple[SeatView, ViewFrame, jax.Array, jax.Array, SeatView | None]:
    """Follows views through T frames.

    Args:
      view: before them.
      own_code: [T, V], see `view_step`.
      detected: [T, V] bool.
      effects: [V, S, K].
      tables: of the hazards and pauses.
      limits: of the definitions.
      store: return the packed view before each frame, too.

    Returns:
      The view after them; the frames, [T, ...], without `expected` and `events`; the sums of those, [V, K]; and
      the views before each frame, if they are asked for.
    """

    def step(carry, inputs):
        view, expected, events = carry
        after, frame = view_step(view, inputs[0], inputs[1], effects, tables, limits)
        carry = after, expected + frame.expected, events + frame.events
        empty = jnp.zeros((0,))
        out = frame._replace(expected=empty, events=empty)
        return carry, (out, pack(view) if store else None)

    zero = jnp.zeros_like(effects[:, 0])
    (view, expected, events), (frames, views) = jax.lax.scan(step, (view, zero, zero), (own_code, detected))
    return view, frames, expected, events, views
