"""Closed loop: a seat that knows the other late beside the simulator's other seat, for many dialogues at once.

Axes: D dialogues, T frames, K groups of hazards, N IPUs. Seat 0 plays by a policy (`seat_arrays`), seat 1 knows the
truth at once, as both do in `draw`. Every number is indexed by (key, dialogue, frame, seat) as there, so that different
policies, and the simulator itself, have their chance in common.
"""

import functools
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.numerics import fixed_numerics
from babble_jax.timing.floor.draw import (
    BLOCK,
    draw_effects,
    frame_uniforms,
    intervals_of_codes,
    toggle_codes,
)
from babble_jax.timing.floor.knobs import Knobs
from babble_jax.timing.floor.pair_arrays import (
    PairArrays,
    advance_pairs,
    initial_pairs,
    pairs_at_risk,
    pairs_overdue,
)
from babble_jax.timing.floor.player import key_of
from babble_jax.timing.floor.policy import Policy
from babble_jax.timing.floor.seat import knob_factors
from babble_jax.timing.floor.seat_arrays import (
    ArrayRules,
    PolicyArrays,
    Rings,
    SeatArrays,
    SeatTables,
    initial_seats,
    pair_hazards,
)
from babble_jax.timing.floor.simulator import BURN_IN, FloorSimulator
from babble_jax.timing.floor.state import FRAME, Limits

Carry = tuple[jax.Array, PairArrays, SeatArrays, Rings]


@functools.partial(jax.jit, static_argnames=("limits", "delay", "kinds_told"))
def loop_block(
    key: jax.Array,
    dialogue: jax.Array,
    block: jax.Array,
    carry: Carry,
    effects: jax.Array,
    tables: SeatTables,
    policy: PolicyArrays,
    *,
    limits: Limits,
    delay: int,
    kinds_told: bool,
) -> tuple[Carry, jax.Array]:
    """Plays `BLOCK` frames of each dialogue.

    Args:
      key: PRNG key of all dialogues.
      dialogue: [D] uint32 numbers of the dialogues.
      block: uint32, its number.
      carry: frame, true state, seats and rings before the block.
      effects: [D, 2, K] of both people.
      tables: of the floor.
      policy: of seat 0.
      limits: of the definitions.
      delay: frames by which seat 0 knows the other late.
      kinds_told: whether seat 0 knows the kinds of the other's IPUs.

    Returns:
      The carry after them, and codes [T, D, 2] as `draw.draw_block` returns them.
    """
    rules = ArrayRules(tables, effects[:, 0], limits, delay, policy)

    def step(carry: Carry, u: jax.Array) -> tuple[Carry, jax.Array]:
        frame, truth, seats, rings = carry
        late = rings.codes[frame % (delay + 1), 1]  # of the frame before the one that lies a delay back
        later = rules.know(seats, rings, frame, late > 0, late == 2 if kinds_told else None)
        seats = jax.tree.map(lambda a, b: jnp.where(frame > 0, a, b), later, seats)
        hazards, events, codes = [], [], []
        for seat in (0, 1):
            state = truth if seat else seats.present
            risk = pairs_at_risk(state, seat, limits)
            if seat:
                hazard = pair_hazards(tables, truth, 1, effects[:, 1])
            else:
                seats, rings, hazard = rules.hazards(seats, rings, frame, risk)
            p = jnp.where(risk, -jnp.expm1(-(hazard[0] + hazard[1])), 0.0)
            p = jnp.where(pairs_overdue(state, seat, limits), 1.0, p)
            toggle, short, code = toggle_codes(u[:, seat], p, *hazard)
            events.append(jnp.where(toggle, 1 + (short & ~state.on[seat]), 0))
            hazards.append(hazard)
            codes.append(code)
        seats, rings = rules.act(seats, rings, frame, (events[0], events[1]), hazards[0])
        truth = advance_pairs(truth, (events[0], events[1]), limits)
        return (frame + 1, truth, seats, rings), jnp.stack(codes, axis=1)

    noise = jax.vmap(lambda number: frame_uniforms(key, number, block, 2))(dialogue)
    return jax.lax.scan(step, carry, jnp.moveaxis(noise, 1, 0))


@fixed_numerics()
def play_codes(
    simulator: FloorSimulator,
    policy: Policy,
    delay: float,
    seed: int,
    numbers: Sequence[int] | np.ndarray,
    frames: int,
    *,
    kinds_told: bool = False,
    knobs: Knobs = Knobs(),
) -> list[np.ndarray]:
    """Plays dialogues from their silent beginning; returns codes by blocks, each [BLOCK, D, 2] uint16.

    Args:
      simulator: whose hazards both seats have.
      policy: of seat 0.
      delay: seconds by which seat 0 knows the other late; rounded to frames.
      seed: 64 bits.
      numbers: [D] of the dialogues.
      frames: of each dialogue.
      kinds_told: whether seat 0 knows the kinds of the other's IPUs.
      knobs: of seat 0, of which `shift` and `perturb` are not played here.
    """
    limits, late = Limits.of(simulator.definitions), round(delay / FRAME)
    tables, key = simulator.tables(2), key_of(seed)
    dialogue = jnp.asarray(numbers, jnp.uint32)
    effects = draw_effects(key, dialogue, tables, 2)
    seats, rings = initial_seats(len(dialogue), late, limits)
    carry: Carry = (jnp.int32(0), initial_pairs(len(dialogue), limits), seats, rings)
    blocks = []
    for block in range(-(-frames // BLOCK)):
        carry, codes = loop_block(
            key,
            dialogue,
            jnp.uint32(block),
            carry,
            effects,
            SeatTables(tables.log_hazard, tables.group),
            PolicyArrays.of(policy, knob_factors(knobs)),
            limits=limits,
            delay=late,
            kinds_told=kinds_told,
        )
        blocks.append(np.asarray(codes))
    return blocks


def draw_seat(
    simulator: FloorSimulator,
    policy: Policy,
    delay: float,
    seed: int,
    numbers: Sequence[int] | np.ndarray,
    seconds: float,
    *,
    kinds_told: bool = False,
    knobs: Knobs = Knobs(),
) -> list[Conversation]:
    """Draws dialogues of a seat that knows the other late ("A") and the simulator's other seat ("B").

    At no delay, with the neutral policy and the kinds told, they are those that `FloorSimulator.draw` draws.

    Args:
      simulator: whose hazards both seats have.
      policy: of seat 0, at this delay.
      delay: seconds by which seat 0 knows the other late; rounded to frames.
      seed: 64 bits.
      numbers: [D] of the dialogues.
      seconds: for which each is observed, after the burn-in.
      kinds_told: whether seat 0 knows the kinds of the other's IPUs.
      knobs: of seat 0, of which `shift` and `perturb` are not played here.
    """
    frames = int(np.ceil((BURN_IN + seconds) / FRAME))
    blocks = play_codes(simulator, policy, delay, seed, numbers, frames, kinds_told=kinds_told, knobs=knobs)
    dialogues = intervals_of_codes(blocks, frames, Limits.of(simulator.definitions))
    return simulator.conversations_of(dialogues, [f"seat-{seed}-{number}" for number in numbers], seconds, 2)
