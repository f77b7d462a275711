"""Computes who speaks next after a silence has begun: the race of both people's hazards, all of it, not of one frame.

Axes: N views, R = 4 branches, F frames of the silence.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.numerics import fixed_numerics
from babble_jax.timing.evaluation.turn_taking.floor_seat import FloorSeat
from babble_jax.timing.evaluation.turn_taking.seat_view import (
    ViewTables,
    branch_hazards,
    unpack,
)
from babble_jax.timing.evaluation.turn_taking.traces import Snapshots
from babble_jax.timing.floor.state import FloorState, Limits, advance, at_risk

REACH = 400
"""Frames after which the race is decided by the last hazards."""


@functools.partial(jax.jit, static_argnames=("limits", "frames"))
def _race(
    state: FloorState, effects: jax.Array, stop: jax.Array, tables: ViewTables, limits: Limits, frames: int
) -> tuple[jax.Array, jax.Array]:
    """Returns both speakers' hazards to begin anything in each frame of the silence, [F, R N, S], and nothing else."""
    still = jnp.zeros_like(state.on)
    state = advance(state, state.on & stop[:, None], still, limits)

    def step(state: FloorState, none: None) -> tuple[FloorState, tuple[jax.Array, jax.Array]]:
        log_hazard = branch_hazards(state, effects, tables)[0]
        hazard = jnp.exp(log_hazard).sum(axis=-1) * at_risk(state, limits)
        return advance(state, still, still, limits), (hazard[:, 0], hazard[:, 1])

    _, (own, other) = jax.lax.scan(step, state, None, length=frames)
    return own, other


@fixed_numerics()
def next_speaker(snapshots: Snapshots, people: np.ndarray, model: FloorSeat, frames: int = 1) -> np.ndarray:
    """Returns the probability that the own seat speaks next, after each frame of a silence, [F, N].

    Who is on in the views stops at once; a silence that may be a pause within an IPU counts as its end.

    Args:
      snapshots: of N moments.
      people: [N, S, K] effects.
      model: of the seat.
      frames: F, of the silence.
    """
    full = unpack(snapshots[0])
    n = full.silence.shape[0]
    ended = FloorState(*(x[2 * n :] for x in full.state))  # both kinds of the other's last IPU
    own, other = (
        np.asarray(x, np.float64).reshape(-1, 2, n)
        for x in _race(
            ended, jnp.asarray(people), jnp.ones(2 * n, bool), model.tables, model.limits, frames + REACH
        )
    )
    total = own + other
    share = own / np.maximum(total, 1e-30)
    before = np.exp(-np.cumsum(total, axis=0) + total)  # survival to the start of each frame
    wins = before * -np.expm1(-total) * share
    tail = before[-1] * np.exp(-total[-1]) * share[-1]
    ahead = np.cumsum(wins[::-1], axis=0)[::-1] + tail
    short = 1 / (1 + np.exp(-np.asarray(full.odds[1], np.float64)))
    weight = np.stack([1 - short, short])
    numerator = (weight * ahead[:frames]).sum(axis=1)
    return numerator / np.maximum((weight * before[:frames]).sum(axis=1), 1e-300)
