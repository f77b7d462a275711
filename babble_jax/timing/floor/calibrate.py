"""Moves the means of a simulator's effects until dialogues drawn by it have the hazards of the corpus.

Axes: K groups of hazards. Times are seconds, float64.
"""

import dataclasses
from collections.abc import Callable

import numpy as np

from babble_jax.timing.floor import effects, hazards
from babble_jax.timing.floor.exposure import Exposure, count_exposure
from babble_jax.timing.floor.simulator import FloorSimulator, round_values
from babble_jax.timing.floor.state import NEVER

TRIALS = 5
LENGTH = 300.0
"""Seconds of a dialogue that is drawn."""
HOURS = (40.0, 120.0)
"""Lower and upper bound of a trial, which otherwise is as long as the corpus."""


def calibrate_means(
    simulator: FloorSimulator, rows: Exposure, on_trial: Callable[[], object] = lambda: None
) -> FloorSimulator:
    """Moves the means of the effects until each group of hazards is as high as in the corpus, on average.

    The likelihood conditions on the kinds of IPUs, which are judged in hindsight, and assumes that a person's effects
    do not change; where they do, dialogues drawn by it differ from the corpus by some percent. The steps are those of
    Robbins & Monro (Ann. Math. Stat. 22, 1951), so that the chance in the draws averages out; dialogues are drawn in
    pairs with opposite effects, so that there is less of it.

    Args:
      simulator: fitted by likelihood.
      rows: of conversations of as many speakers as it draws.
      on_trial: called after each of `TRIALS`.
    """
    targets = group_rates(rows)
    numbers = range(int(np.ceil(np.clip(simulator.card.hours, *HOURS) * 3600 / LENGTH / 2)))
    for trial in range(TRIALS):
        halves = [
            simulator.draw(trial, numbers, LENGTH, simulator.card.speakers, half) for half in (False, True)
        ]
        rates = group_rates(count_exposure([*halves[0], *halves[1]], simulator.definitions))
        positive = (targets > 0) & (rates > 0)
        step = np.log(np.where(positive, targets, 1) / np.where(positive, rates, 1)) / (1 + trial)
        simulator = dataclasses.replace(simulator, mean=round_values(np.add(simulator.mean, step)))
        on_trial()
    return simulator


def group_rates(rows: Exposure) -> np.ndarray:
    """Returns the events of each group of hazards per frame in which they can take place, [K].

    The rates of events that end a silence are times the share of such frames among those of both speakers, so that the
    one who goes on and the one who takes the floor keep their shares. Frames before the first solo do not count: a
    recorded call begins where its window does, a simulated one does not.
    """
    after_solo = (hazards.state_parts(rows.state)[5] != NEVER)[:, None]
    group = effects.hazard_groups(rows.state)
    frames = rows.frames[:, None] * hazards.possible_events(rows.state)
    events, exposed = (
        np.bincount(group.ravel(), (counts * after_solo).ravel(), len(effects.GROUPS))
        for counts in (rows.hazard_events, frames)
    )
    own, other = (
        np.array([name.startswith(prefix) for name in effects.GROUPS])
        for prefix in ("resume_", ("take_", "return_"))
    )
    share = np.ones(len(effects.GROUPS))
    for speaker in (own, other):
        share[speaker] = exposed[speaker].sum() / max(exposed[own | other].sum(), 1)
    return share * events / np.maximum(exposed, 1)
