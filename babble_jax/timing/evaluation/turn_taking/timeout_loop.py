"""Closed loop of a time-out: a seat that speaks after so much silence, beside the simulator's other seat.

Axes: D dialogues, T frames. Seat 0 waits, seat 1 is the simulator's and knows the truth at once. The waiting seat
begins a turn when it knows that the other, who has spoken since its own last IPU, has been silent for the time-out;
it stops by the floor's own hazards, or when it knows that the other has spoken up. It gives no backchannels.
"""

import functools
from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.numerics import fixed_numerics
from babble_jax.timing.floor.draw import (
    BLOCK,
    HazardTables,
    draw_effects,
    frame_uniforms,
    intervals_of_codes,
    toggle_codes,
)
from babble_jax.timing.floor.player import key_of
from babble_jax.timing.floor.simulator import BURN_IN, FloorSimulator
from babble_jax.timing.floor.state import (
    FRAME,
    FloorState,
    Limits,
    advance,
    at_risk,
    initial_state,
    overdue,
    state_index,
)

_CERTAIN = 60.0
"""Hazard of what happens in this frame."""


class TimeoutState(NamedTuple):
    """Holds D waiting seats.

    Attributes:
      truth: state of the floor.
      past: [delay + 1, D] whether the other was on in each of the last frames, at the frame's number modulo its
        length.
      frame: its number.
      silence: [D] frames for which the other has been silent, as it is known.
      due: [D] whether the other has spoken since the own last IPU, as it is known.
    """

    truth: FloorState
    past: jax.Array
    frame: jax.Array
    silence: jax.Array
    due: jax.Array


@functools.partial(jax.jit, static_argnames=("limits", "delay"))
def _timeout_block(
    key: jax.Array,
    dialogue: jax.Array,
    block: jax.Array,
    state: TimeoutState,
    effects: jax.Array,
    tables: HazardTables,
    timeout: jax.Array,
    *,
    limits: Limits,
    delay: int,
) -> tuple[TimeoutState, jax.Array]:
    """Plays `BLOCK` frames; arguments as of `seat_loop.loop_block`, `timeout` being frames."""

    def step(state: TimeoutState, u: jax.Array) -> tuple[TimeoutState, jax.Array]:
        truth, slot = state.truth, state.frame % (delay + 1)
        past = state.past.at[slot].set(truth.on[:, 1])
        other_on = past[(state.frame + 1) % (delay + 1)]
        silence = jnp.where(other_on, 0, state.silence + 1)
        due = state.due | other_on
        index, own = state_index(truth), truth.on[:, 0]
        hazard = [
            jnp.exp(
                tables.log_hazard[index, i]
                + jnp.take_along_axis(effects, tables.group[index, i][..., None].astype(jnp.int32), axis=2)[
                    ..., 0
                ]
            )
            for i in (0, 1)
        ]
        # the waiting seat ends as people do or when the other has spoken up, and begins at the time-out only
        spoken_up = other_on & (truth.since[:, 0] > delay)
        waits = ~own & due & (silence >= timeout)
        waiting = jnp.where(
            own, jnp.where(spoken_up, _CERTAIN, hazard[0][:, 0]), jnp.where(waits, _CERTAIN, 0.0)
        )
        first = hazard[0].at[:, 0].set(jnp.maximum(waiting, 1e-12))
        second = hazard[1].at[:, 0].set(0.0)
        p = jnp.where(at_risk(truth, limits), -jnp.expm1(-(first + second)), 0.0)
        p = jnp.where(overdue(truth, limits), 1.0, p)
        toggle, short, codes = toggle_codes(u, p, first, second)
        due = jnp.where(toggle[:, 0], False, due)
        truth = advance(truth, toggle, short & ~truth.on, limits)
        return TimeoutState(truth, past, state.frame + 1, silence, due), codes

    noise = jax.vmap(lambda number: frame_uniforms(key, number, block, 2))(dialogue)
    return jax.lax.scan(step, state, jnp.moveaxis(noise, 1, 0))


@fixed_numerics()
def draw_timeout(
    simulator: FloorSimulator,
    timeout: float,
    delay: float,
    seed: int,
    numbers: Sequence[int] | np.ndarray,
    seconds: float,
) -> list[Conversation]:
    """Draws dialogues of a seat that waits for a time-out ("A") and the simulator's other seat ("B").

    Args:
      simulator: whose hazards the other seat has.
      timeout: seconds of silence after which the waiting seat begins.
      delay: seconds by which it knows the other late.
      seed: 64 bits.
      numbers: [D] of the dialogues.
      seconds: for which each is observed, after the burn-in.
    """
    limits, late = Limits.of(simulator.definitions), round(delay / FRAME)
    tables, key = simulator.tables(2), key_of(seed)
    dialogue = jnp.asarray(numbers, jnp.uint32)
    count = len(dialogue)
    state = TimeoutState(
        initial_state(count, 2, limits),
        jnp.zeros((late + 1, count), bool),
        jnp.int32(0),
        jnp.zeros(count, jnp.int32),
        jnp.zeros(count, bool),
    )
    effects, frames, blocks = (
        draw_effects(key, dialogue, tables.root, 2),
        int(np.ceil((BURN_IN + seconds) / FRAME)),
        [],
    )
    for block in range(-(-frames // BLOCK)):
        state, codes = _timeout_block(
            key,
            dialogue,
            jnp.uint32(block),
            state,
            effects,
            tables,
            jnp.int32(round(timeout / FRAME)),
            limits=limits,
            delay=late,
        )
        blocks.append(np.asarray(codes))
    dialogues = intervals_of_codes(blocks, frames, limits)
    return simulator.conversations_of(dialogues, [f"timeout-{seed}-{n}" for n in numbers], seconds, 2)
