"""Draws dialogues from hazards: a scan over frames, thousands of dialogues side by side.

Axes: D dialogues, S speakers, T frames, N IPUs, K groups of hazards; NUM_STATES discrete states.

Every draw is indexed by (key, dialogue, frame, speaker): a dialogue is the same whatever is drawn beside it, and a
longer one begins as a shorter one.
"""

import functools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.numerics import fixed_numerics
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

BLOCK = 1000
"""Frames that are drawn at once."""

FINE = 65534
"""Parts of a frame in which an event is placed."""


class HazardTables(NamedTuple):
    """Holds all tables that drawing a dialogue reads.

    Attributes:
      log_hazard: [NUM_STATES, 2] float32 per frame.
      group: [NUM_STATES, 2] int8, the group of effects of each hazard.
      root: [S K, S K] float32, a root of the effects' covariance: times standard normals it gives the effects of a
        dialogue.
    """

    log_hazard: jax.Array
    group: jax.Array
    root: jax.Array


def draw_effects(key: jax.Array, dialogue: jax.Array, root: jax.Array, speakers: int) -> jax.Array:
    """Draws the effects of the speakers of dialogues, [D, S, K].

    Args:
      key: PRNG key of all dialogues.
      dialogue: [D] numbers of the dialogues.
      root: of the effects' covariance, see `HazardTables`.
      speakers: S.
    """

    def one(number: jax.Array) -> jax.Array:
        own = jax.random.fold_in(jax.random.fold_in(key, number), 0)
        return root @ jax.random.normal(own, root.shape[:1], jnp.float32)

    return jax.vmap(one)(dialogue).reshape(len(dialogue), speakers, -1)


def frame_uniforms(key: jax.Array, number: jax.Array, block: jax.Array, speakers: int) -> jax.Array:
    """Draws the numbers that decide the frames of a block of one dialogue, [BLOCK, S] float32 in [0, 1).

    Args:
      key: PRNG key of all dialogues.
      number: uint32, of the dialogue.
      block: uint32, its number.
      speakers: S.
    """
    own = jax.random.fold_in(jax.random.fold_in(jax.random.fold_in(key, number), 1), block)
    return jax.random.uniform(own, (BLOCK, speakers), jnp.float32)


@functools.partial(jax.jit, static_argnames="limits")
def draw_block(
    key: jax.Array,
    dialogue: jax.Array,
    block: jax.Array,
    state: FloorState,
    effects: jax.Array,
    tables: HazardTables,
    limits: Limits,
) -> tuple[FloorState, jax.Array]:
    """Draws `BLOCK` frames of each dialogue.

    Args:
      key: PRNG key of all dialogues.
      dialogue: [D] uint32 numbers of the dialogues.
      block: uint32 number of the block, which with the number of the dialogue makes its key.
      state: before the block.
      effects: [D, S, K] of the speakers.
      tables: of the hazards.
      limits: of the definitions.

    Returns:
      The state after them, and codes [T, D, S] uint16: 0, or 1 + where in the frame the speaker began or ended an
      IPU, in 65,534ths.
    """
    speakers = state.on.shape[1]

    def step(state: FloorState, u: jax.Array) -> tuple[FloorState, jax.Array]:
        index = state_index(state)
        first, second = (
            jnp.exp(
                tables.log_hazard[index, i]
                + jnp.take_along_axis(effects, tables.group[index, i][..., None], axis=2)[..., 0]
            )
            for i in (0, 1)
        )
        p = jnp.where(at_risk(state, limits), -jnp.expm1(-(first + second)), 0.0)
        p = jnp.where(overdue(state, limits), 1.0, p)
        toggle, short, codes = toggle_codes(u, p, first, second)
        return advance(state, toggle, short & ~state.on, limits), codes

    noise = jax.vmap(lambda number: frame_uniforms(key, number, block, speakers))(dialogue)
    return jax.lax.scan(step, state, jnp.moveaxis(noise, 1, 0))


@fixed_numerics()
def draw_dialogues(
    key: jax.Array, dialogue: np.ndarray, frames: int, speakers: int, tables: HazardTables, limits: Limits
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Draws dialogues from their silent beginning.

    Args:
      key: PRNG key, consumed.
      dialogue: [D] numbers of the dialogues.
      frames: of each dialogue.
      speakers: S, of each dialogue.
      tables: of the hazards.
      limits: of the definitions.

    Returns:
      For each dialogue onset, end ([N] seconds) and speaker ([N] int32), by speaker and time. An IPU that is
      still running at the end of the dialogue ends there.
    """
    numbers = jnp.asarray(dialogue, jnp.uint32)
    state, effects = (
        initial_state(len(dialogue), speakers, limits),
        draw_effects(key, numbers, tables.root, speakers),
    )

    def draw_blocks() -> Iterator[np.ndarray]:
        current = state
        for block in range(-(-frames // BLOCK)):
            current, codes = draw_block(key, numbers, jnp.uint32(block), current, effects, tables, limits)
            yield np.asarray(codes)

    return intervals_of_codes(draw_blocks(), frames, limits)


def toggle_codes(
    uniform: jax.Array, p: jax.Array, first: jax.Array, second: jax.Array
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Decides what happens in a frame, arrays of any one shape.

    Args:
      uniform: float32 in [0, 1).
      p: probability that anything happens.
      first: hazard of beginning a turn or ending the IPU.
      second: hazard of beginning a backchannel.

    Returns:
      Whether anything happens, whether it is the second event (to be read where something does), and codes as
      `draw_block` returns them.
    """
    toggle = uniform < p
    # given that something happens u / p is uniform again: it says what, and what is left says when
    v, share = uniform / jnp.maximum(p, 1e-12), second / (first + second)
    short = v < share
    v = jnp.where(short, v / jnp.maximum(share, 1e-12), (v - share) / jnp.maximum(1 - share, 1e-12))
    code = 1 + jnp.floor(jnp.clip(v, 0, 1) * FINE)
    return toggle, short, jnp.where(toggle, code, 0).astype(jnp.uint16)


def intervals_of_codes(
    blocks: Iterable[np.ndarray], frames: int, limits: Limits
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Makes IPUs of the codes of consecutive blocks, as `draw_dialogues` returns them; holds one block at a time.

    Args:
      blocks: each [BLOCK, D, S] uint16, see `draw_block`.
      frames: of a dialogue; what is later does not count.
      limits: of the definitions.
    """
    parts, dialogues, speakers = [], 0, 0
    for block, codes in enumerate(blocks):
        _, dialogues, speakers = codes.shape
        frame, d, s = np.nonzero(codes)
        within = (codes[frame, d, s] - 0.5) / FINE
        parts.append((d, s, block * BLOCK + frame, within))
    d, s, frame, within = (np.concatenate(part) for part in zip(*parts, strict=True))
    inside = frame < frames
    line = (d * speakers + s)[inside]
    order = np.lexsort((frame[inside], line))
    line, time = line[order], ((frame + within)[inside] * FRAME)[order]
    return _intervals(line, time, dialogues, speakers, frames * FRAME, limits)


def _intervals(
    line: np.ndarray, time: np.ndarray, dialogues: int, speakers: int, end: float, limits: Limits
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Pairs toggles, sorted by line (dialogue and speaker) and time, to IPUs."""
    first = np.searchsorted(line, np.arange(dialogues * speakers + 1))
    closes = (np.arange(len(line)) - first[line]) % 2 == 1
    lower_bound = np.where(closes, limits.min_ipu, limits.merge) * FRAME
    follows = np.append(False, line[1:] == line[:-1])
    while True:  # a draw within the frame may fall short of the least time by less than a frame
        early = follows[1:] & (time[1:] < time[:-1] + lower_bound[1:] - 1e-9)
        if not early.any():
            break
        time[1:] = np.where(early, time[:-1] + lower_bound[1:], time[1:])
    result = []
    for d in range(dialogues):
        on, off, who = [], [], []
        for s in range(speakers):
            own = time[first[d * speakers + s] : first[d * speakers + s + 1]]
            own = np.append(own, end) if len(own) % 2 else own
            on.append(own[::2])
            off.append(own[1::2])
            who.append(np.full(len(own) // 2, s, np.int32))
        result.append(
            (np.round(np.concatenate(on), 9), np.round(np.concatenate(off), 9), np.concatenate(who))
        )
    return result
