"""Time rescaling of simulated calls, whose hazards are known: what remains is the error of the method and of the code.

Axes: D dialogues, T frames. Seat 0 knows the truth at once.
"""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from babble_jax.numerics import fixed_numerics
from babble_jax.timing.evaluation.turn_taking.calibration import (
    KINDS,
    event_probabilities,
    join_compensators,
    open_ended,
    summarize_rescaling,
)
from babble_jax.timing.floor.draw import draw_effects
from babble_jax.timing.floor.effects import all_hazard_groups
from babble_jax.timing.floor.pair import initial_pair
from babble_jax.timing.floor.player import key_of
from babble_jax.timing.floor.policy import NEUTRAL
from babble_jax.timing.floor.seat_loop import seat_uniforms
from babble_jax.timing.floor.simulator import FloorSimulator
from babble_jax.timing.floor.state import Limits

_CHUNK = 64


def rescale_simulated(
    floor: FloorSimulator, seed: int, numbers: Sequence[int], frames: int
) -> dict[str, Any]:
    """Draws dialogues and rescales the events of seat 0 by the hazards that drew them; returns JSON values by kind.

    Args:
      floor: the simulator.
      seed: 64 bits.
      numbers: [D] of the dialogues.
      frames: of each.
    """
    rng = np.random.default_rng(seed)
    pieces: dict[str, list[np.ndarray]] = {kind: [] for kind in KINDS}
    calls: dict[str, list[np.ndarray]] = {kind: [] for kind in KINDS}
    for first in range(0, len(numbers), _CHUNK):
        part = tuple(numbers[first : first + _CHUNK])
        uniforms = seat_uniforms(seed, part, frames)
        for d, (hazard, risk, on, codes) in enumerate(_play(floor, seed, part, uniforms)):
            probability = event_probabilities(hazard, risk, on)
            u = uniforms[d, :, 0].astype(np.float64)
            total = hazard.sum(axis=1)
            by_chance = (
                (codes > 0) & (u < -np.expm1(-total)) & risk
            )  # a backchannel that must end is no event
            short = u < -np.expm1(-total) * hazard[:, 1] / np.maximum(total, 1e-300)
            event = np.stack([by_chance & ~on & ~short, by_chance & ~on & short, by_chance & on], axis=1)
            for k, kind in enumerate(KINDS):
                pieces[kind].append(open_ended(probability[:, k], event[:, k], rng))
                calls[kind].append(np.full(len(pieces[kind][-1]), part[d]))
    return {kind: summarize_rescaling(*join_compensators(pieces[kind], calls[kind])) for kind in KINDS}


@fixed_numerics()
def _effects(floor: FloorSimulator, seed: int, numbers: tuple[int, ...]) -> np.ndarray:
    return np.asarray(
        draw_effects(key_of(seed), jnp.asarray(numbers, jnp.uint32), floor.effect_root(2), 2), np.float64
    )


def _play(floor: FloorSimulator, seed: int, numbers: tuple[int, ...], uniforms: np.ndarray):
    """Yields hazards [T, 2], whether anything can happen by chance [T], whether on [T], and codes [T] of seat 0."""
    from babble_jax.timing.floor.seat_native import play_dialogue  # numba: half a second

    limits = Limits.of(floor.definitions)
    initial = np.concatenate([np.ravel(field) for field in initial_pair(limits)]).astype(np.int64)
    values = NEUTRAL.to_array()
    single = len(values) - len(NEUTRAL.factors)
    for d, both in enumerate(_effects(floor, seed, numbers)):
        codes, record = np.zeros(uniforms.shape[1:], np.uint16), np.zeros((uniforms.shape[1], 4))
        play_dialogue(
            floor.hazard,
            all_hazard_groups(),
            np.exp(both[0]),
            np.exp(both[1]),
            np.ones(len(both[0])),
            uniforms[d],
            np.full(uniforms.shape[1:], -1, np.int8),
            np.array(limits, np.int64),
            initial,
            0,
            values[:single],
            True,
            codes,
            record,
            np.zeros((0, 0)),
        )
        toggles = codes[:, 0] > 0
        on = np.cumsum(toggles) - toggles
        yield record[:, :2], record[:, 2] > 0, on % 2 == 1, codes[:, 0]
