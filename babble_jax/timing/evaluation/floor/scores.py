"""Held-out nats per second: what the simulator and the baselines that have a likelihood give to real calls.

Axes: D conversations, E elapsed-time bins, R runs.

All are likelihoods of the same toggles in frames of `state.FRAME`. The simulator's are of the kinds of the IPUs,
too, which the baselines need not tell: that can only lower them, since P(times, kinds) <= P(times).
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.evaluation.floor.baselines import triples
from babble_jax.timing.events import Definitions, ipus
from babble_jax.timing.floor import hazards
from babble_jax.timing.floor.exposure import exposure
from babble_jax.timing.floor.fit import fit_hazards, fit_simulator
from babble_jax.timing.floor.simulator import FloorSimulator, fixed_likelihood, likelihood
from babble_jax.timing.floor.state import BINS, CELLS, EDGES, FRAME
from babble_jax.timing.splits import split

ALONE = (True, *(False,) * 7, True, False)
"""The parts of the state that independent speakers know: whether they are on, and since when."""


def fit_scored(conversations: Sequence[Conversation], definitions: Definitions) -> FloorSimulator:
    """The simulator fitted on all conversations, with the held-out score, on its card, of one that was fitted on the
    training groups only.

    Raises:
      BabbleError: all conversations are of groups on one side of the split.
    """
    train = split([conversation.group for conversation in conversations])
    parts = [[c for c, t in zip(conversations, train, strict=True) if t == side] for side in (True, False)]
    nats = fit_simulator(parts[0], definitions).log_likelihood(parts[1])
    seconds = exposure(parts[1], definitions).seconds
    simulator = fit_simulator(conversations, definitions)
    card = dataclasses.replace(simulator.card, heldout_nats=float(nats.sum() / seconds.sum()))
    return dataclasses.replace(simulator, card=card)


def scores(
    simulator: FloorSimulator,
    training: Sequence[Conversation],
    heldout: Sequence[Conversation],
    definitions: Definitions,
) -> dict[str, float]:
    """Nats per second of the held-out conversations; higher is better.

    `hazards`: the simulator; `hazards_without_effects`: had everybody the same; `independent`: hazards that know of
    the own side only; `semi_markov`: hazards of the four states given the state before (two speakers only).
    """
    rows = exposure(heldout, definitions)
    seconds = rows.seconds.sum()
    own, shared = np.array(simulator.own), np.array(simulator.shared)
    found = {
        "hazards": likelihood(rows, simulator.log_hazard, own, shared).sum() / seconds,
        "hazards_without_effects": fixed_likelihood(rows, simulator.log_hazard).sum() / seconds,
    }
    params = fit_hazards(exposure(training, definitions), rounds=0, used=ALONE)[0]
    table, seen = np.zeros((CELLS, 2), np.float32), np.unique(rows.cell)
    table[seen] = hazards.log_hazards(params, seen, ALONE)
    table[:, 0] = np.logaddexp(table[:, 0], table[:, 1])  # it tells no kinds
    table[:, 1] = hazards.IMPOSSIBLE
    untold = rows.untold()
    found["independent"] = fixed_likelihood(untold, table).sum() / seconds
    if all(len(c.speakers) == 2 for c in (*training, *heldout)):
        found["semi_markov"] = semi_markov(training, heldout, definitions)
    return {name: float(value) for name, value in found.items()}


def semi_markov(
    training: Sequence[Conversation], heldout: Sequence[Conversation], definitions: Definitions
) -> float:
    """Nats per second of the runs with a run on both sides, under hazards of each next state that depend on the
    state, the one before it and the elapsed time, in the simulator's bins; the sides are exchangeable.
    """
    events, frames = _run_counts(training, definitions)
    hazard = (events + 0.1) / (frames[..., None] - events.sum(axis=-1, keepdims=True) / 2 + 10)
    happened, exposed = _run_counts(heldout, definitions)
    total, number = hazard.sum(axis=-1), happened.sum(axis=-1)
    nats = np.sum(happened * np.log(hazard / total[..., None]))
    nats += np.sum(number * np.log(-np.expm1(-total)) - (exposed - number) * total)
    return float(nats / (exposed.sum() * FRAME))


def _run_counts(
    conversations: Sequence[Conversation], definitions: Definitions
) -> tuple[np.ndarray, np.ndarray]:
    """Events [4, 4, E, 4] by the state before, the state, the elapsed time and the next state; and frames."""
    events, frames = np.zeros((4, 4, BINS, 4)), np.zeros((4, 4, BINS))
    width = np.append(np.diff(EDGES), 10**6)
    for conversation in conversations:
        before, now, after, length = triples(ipus(conversation, definitions))
        lasted = np.maximum(np.round(length / FRAME), 1).astype(int)
        place = np.searchsorted(EDGES, lasted - 1, side="right") - 1
        np.add.at(events, (before, now, place, after), 1)
        spent = np.clip(lasted[:, None] - EDGES, 0, width)
        np.add.at(frames, (before, now), spent)
    swap = np.array([0, 2, 1, 3])
    swapped = events[swap][:, swap][..., swap]
    return events + swapped, frames + frames[swap][:, swap]
