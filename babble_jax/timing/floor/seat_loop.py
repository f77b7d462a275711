"""Closed loop: a seat that knows the other late beside the simulator's other seat, for many dialogues at once.

Axes: D dialogues, T frames, K groups of hazards, N IPUs. Seat 0 plays by a policy (`seat_native`), seat 1 knows the
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
from babble_jax.timing.floor.draw import BLOCK, draw_effects, frame_uniforms, intervals_of_codes
from babble_jax.timing.floor.effects import all_hazard_groups, assume_effects
from babble_jax.timing.floor.knobs import Knobs, knob_factors
from babble_jax.timing.floor.pair import PairState, initial_pair
from babble_jax.timing.floor.player import key_of
from babble_jax.timing.floor.policy import Policy
from babble_jax.timing.floor.simulator import BURN_IN, FloorSimulator
from babble_jax.timing.floor.state import FRAME, Limits


@functools.lru_cache(maxsize=4)
@fixed_numerics()
def seat_uniforms(seed: int, numbers: tuple[int, ...], frames: int) -> np.ndarray:
    """Draws the numbers that decide the frames of dialogues of two, [D, T, 2] float32.

    Args:
      seed: 64 bits.
      numbers: [D] of the dialogues.
      frames: of each, rounded up to blocks.
    """
    key = key_of(seed)
    blocks = jnp.arange(-(-frames // BLOCK), dtype=jnp.uint32)
    draw = jax.jit(jax.vmap(lambda n: jax.vmap(lambda block: frame_uniforms(key, n, block, 2))(blocks)))
    parts = [
        np.asarray(draw(jnp.array(numbers[i : i + _PART], jnp.uint32))) for i in range(0, len(numbers), _PART)
    ]
    return np.concatenate(parts).reshape(len(numbers), -1, 2)


_PART = 64


@fixed_numerics()
def play_codes(
    simulator: FloorSimulator,
    policy: Policy,
    delay: float,
    seed: int,
    numbers: Sequence[int] | np.ndarray,
    frames: int,
    *,
    knows_kinds: bool = False,
    knobs: Knobs = Knobs(),
) -> np.ndarray:
    """Plays dialogues from their silent beginning; returns codes [T, D, 2] uint16, see `draw.draw_block`.

    Args:
      simulator: whose hazards both seats have.
      policy: of seat 0.
      delay: seconds by which seat 0 knows the other late; rounded to frames.
      seed: 64 bits.
      numbers: [D] of the dialogues.
      frames: of each dialogue.
      knows_kinds: whether seat 0 knows the kinds of the other's IPUs.
      knobs: of seat 0, of which `shift` and `perturb` are not played here.
    """
    from babble_jax.timing.floor.seat_native import play_dialogue  # numba: half a second, which few need

    uniforms = seat_uniforms(seed, tuple(int(number) for number in numbers), frames)
    root = simulator.effect_root(2)
    effects = draw_effects(key_of(seed), jnp.asarray(numbers, jnp.uint32), root, 2)
    limits = Limits.of(simulator.definitions)
    values = policy.to_array()
    single = len(values) - len(policy.factors)
    factors, group = values[single:] + knob_factors(knobs), all_hazard_groups()
    both = np.asarray(effects, np.float64)
    assumed = assume_effects(both[:, 0], np.array(simulator.own), np.array(simulator.shared))
    codes = np.zeros((len(numbers), uniforms.shape[1], 2), np.uint16)
    free = np.full(uniforms.shape[1:], -1, np.int8)
    for d in range(len(codes)):
        play_dialogue(
            simulator.hazard,
            group,
            np.exp(both[d, 0] + factors),
            np.exp(both[d, 1]),
            np.exp(assumed[d]),
            uniforms[d],
            free,
            np.array(limits, np.int64),
            _row(initial_pair(limits)),
            round(delay / FRAME),
            values[:single],
            knows_kinds,
            codes[d],
            np.zeros((0, 4)),
            np.zeros((0, 0)),
        )
    return codes.swapaxes(0, 1)


def _drop_cancelled(codes: np.ndarray, min_ipu: int) -> None:
    """Removes, in place, the starts that were cancelled: too short to be IPUs under the definitions.

    Args:
      codes: [T, D] of one seat.
      min_ipu: frames.
    """
    d, frame = np.nonzero(codes.T)
    first = np.searchsorted(d, np.arange(codes.shape[1]))
    begins = (np.arange(len(d)) - first[d]) % 2 == 0
    at = np.flatnonzero(begins[:-1] & (d[1:] == d[:-1]) & (np.diff(frame) < min_ipu))
    codes[frame[at], d[at]] = codes[frame[at + 1], d[at]] = 0


def _row(pair: PairState) -> np.ndarray:
    """Returns the row of integers of a state of two, see `seat_native`."""
    return np.concatenate([np.ravel(field) for field in pair]).astype(np.int64)


def draw_seat(
    simulator: FloorSimulator,
    policy: Policy,
    delay: float,
    seed: int,
    numbers: Sequence[int] | np.ndarray,
    seconds: float,
    *,
    knows_kinds: bool = False,
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
      knows_kinds: whether seat 0 knows the kinds of the other's IPUs.
      knobs: of seat 0, of which `shift` and `perturb` are not played here.
    """
    frames = int(np.ceil((BURN_IN + seconds) / FRAME))
    codes = play_codes(simulator, policy, delay, seed, numbers, frames, knows_kinds=knows_kinds, knobs=knobs)
    _drop_cancelled(codes[:, :, 0], Limits.of(simulator.definitions).min_ipu)
    blocks = [codes[begin : begin + BLOCK] for begin in range(0, len(codes), BLOCK)]
    dialogues = intervals_of_codes(blocks, frames, Limits.of(simulator.definitions))
    return simulator.conversations_of(dialogues, [f"seat-{seed}-{number}" for number in numbers], seconds, 2)
