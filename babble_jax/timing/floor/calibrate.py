"""Moves the means of a simulator's effects until dialogues drawn by it have the hazards of the corpus.

Axes: K groups of hazards. Times are seconds, float64.
"""

import dataclasses

import numpy as np

from babble_jax.timing.floor import effects, hazards
from babble_jax.timing.floor.exposure import Exposure, exposure
from babble_jax.timing.floor.simulator import FloorSimulator, short
from babble_jax.timing.floor.state import NEVER

TRIALS = 5
LENGTH = 300.0
"""Of a dialogue drawn."""
HOURS = (40.0, 120.0)
"""Least and most of a trial, which otherwise is as long as the corpus."""


def calibrated(simulator: FloorSimulator, rows: Exposure) -> FloorSimulator:
    """The simulator with such means of the effects that each group of hazards is as high as in the corpus, on average.

    The likelihood knows the kinds of IPUs, which are told in hindsight, and takes a person's effects as the same all
    along; where they are not, dialogues drawn by it differ from the corpus by some percent. The steps are those of
    Robbins & Monro (Ann. Math. Stat. 22, 1951), so that the chance in what is drawn averages out; dialogues are drawn
    in pairs with opposite effects, so that there is less of it.

    Args:
      simulator: as the likelihood has it.
      rows: of conversations of as many speakers as it draws.
    """
    wanted = rates(rows)
    numbers = range(int(np.ceil(np.clip(simulator.card.hours, *HOURS) * 3600 / LENGTH / 2)))
    for trial in range(TRIALS):
        halves = [
            simulator.draw(trial, numbers, LENGTH, simulator.card.speakers, half) for half in (False, True)
        ]
        found = rates(exposure([*halves[0], *halves[1]], simulator.definitions))
        known = (wanted > 0) & (found > 0)
        step = np.log(np.where(known, wanted, 1) / np.where(known, found, 1)) / (1 + trial)
        simulator = dataclasses.replace(simulator, mean=short(np.add(simulator.mean, step)))
    return simulator


def rates(rows: Exposure) -> np.ndarray:
    """[K] events of each group of hazards, per frame in which they can take place; those that end a silence times the
    share of such frames among those of both sides, so that the one who goes on and the one who takes the floor keep
    their shares. What precedes the first solo does not count: calls begin as their window does, drawn ones do not.
    """
    begun = (hazards.coordinates(rows.cell)[5] != NEVER)[:, None]
    group, frames = effects.groups(rows.cell), rows.frames[:, None] * hazards.possible(rows.cell)
    happened, exposed = (
        np.bincount(group.ravel(), (of * begun).ravel(), len(effects.GROUPS))
        for of in (rows.happened, frames)
    )
    own, other = (
        np.array([name.startswith(begins) for name in effects.GROUPS])
        for begins in ("resume_", ("take_", "return_"))
    )
    share = np.ones(len(effects.GROUPS))
    for side in (own, other):
        share[side] = exposed[side].sum() / max(exposed[own | other].sum(), 1)
    return share * happened / np.maximum(exposed, 1)
