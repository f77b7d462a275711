"""Scores the floor and the baselines that have a likelihood: nats per second of held-out calls.

Axes: D conversations, E elapsed-time bins, R runs.

All are likelihoods of the same toggles in frames of `state.FRAME`. The floor's are of the kinds of the IPUs, too,
which those of the baselines are not: that can only lower them, since P(times, kinds) <= P(times).
"""

from collections.abc import Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.evaluation.floor.baselines import triples
from babble_jax.timing.events import Definitions, ipus
from babble_jax.timing.floor import hazards
from babble_jax.timing.floor.exposure import count_exposure
from babble_jax.timing.floor.fit import fit_hazards
from babble_jax.timing.floor.simulator import (
    FloorSimulator,
    log_likelihood_with_effects,
    log_likelihood_without_effects,
)
from babble_jax.timing.floor.state import BINS, EDGES, FRAME, NUM_STATES

INDEPENDENT = (True, *(False,) * 7, True, False)
"""The parts of the state on which independent speakers depend: whether they are on, and since when."""


def score_floor(
    floor: FloorSimulator,
    training: Sequence[Conversation],
    heldout: Sequence[Conversation],
    definitions: Definitions,
) -> dict[str, float]:
    """Scores held-out conversations, in nats per second; higher is better.

    Args:
      floor: fitted on the training conversations.
      training: conversations on which the baselines are fitted.
      heldout: conversations that are scored.
      definitions: of the events.

    Returns:
      `hazards`: of the floor; `hazards_without_effects`: of the floor if people did not differ; `independent`: of
      hazards that depend on the own speaker only; `semi_markov`: of hazards of the four states given the state before
      (two speakers only).
    """
    rows = count_exposure(heldout, definitions)
    seconds = rows.seconds.sum()
    own, shared = np.array(floor.own), np.array(floor.shared)
    nats = {
        "hazards": log_likelihood_with_effects(rows, floor.log_hazard, own, shared).sum() / seconds,
        "hazards_without_effects": log_likelihood_without_effects(rows, floor.log_hazard).sum() / seconds,
    }
    params = fit_hazards(count_exposure(training, definitions), rounds=0, part_mask=INDEPENDENT)[0]
    table, states = np.zeros((NUM_STATES, 2), np.float32), np.unique(rows.state)
    table[states] = hazards.log_hazards(params, states, INDEPENDENT)
    table[:, 0] = np.logaddexp(table[:, 0], table[:, 1])  # without kinds
    table[:, 1] = hazards.IMPOSSIBLE
    nats["independent"] = log_likelihood_without_effects(rows.merge_kinds(), table).sum() / seconds
    if all(len(c.speakers) == 2 for c in (*training, *heldout)):
        nats["semi_markov"] = score_semi_markov(training, heldout, definitions)
    return {name: float(value) for name, value in nats.items()}


def score_semi_markov(
    training: Sequence[Conversation], heldout: Sequence[Conversation], definitions: Definitions
) -> float:
    """Scores a semi-Markov process of the four states, in nats per second of the runs that are between two others.

    The hazards of each next state depend on the state, the one before it and the elapsed time, in the bins of the
    floor; the speakers are exchangeable.

    Args:
      training: conversations of two on which it is fitted.
      heldout: conversations of two that are scored.
      definitions: of the events.
    """
    events, frames = _run_counts(training, definitions)
    hazard = (events + 0.1) / (frames[..., None] - events.sum(axis=-1, keepdims=True) / 2 + 10)
    heldout_events, exposed = _run_counts(heldout, definitions)
    total, number = hazard.sum(axis=-1), heldout_events.sum(axis=-1)
    nats = np.sum(heldout_events * np.log(hazard / total[..., None]))
    nats += np.sum(number * np.log(-np.expm1(-total)) - (exposed - number) * total)
    return float(nats / (exposed.sum() * FRAME))


def _run_counts(
    conversations: Sequence[Conversation], definitions: Definitions
) -> tuple[np.ndarray, np.ndarray]:
    """Counts events [4, 4, E, 4] by the state before, the state, the elapsed time and the next state; and frames."""
    events, frames = np.zeros((4, 4, BINS, 4)), np.zeros((4, 4, BINS))
    width = np.append(np.diff(EDGES), 10**6)
    for conversation in conversations:
        before, now, after, length = triples(ipus(conversation, definitions))
        lasted = np.maximum(np.round(length / FRAME), 1).astype(int)
        bins = np.searchsorted(EDGES, lasted - 1, side="right") - 1
        np.add.at(events, (before, now, bins, after), 1)
        spent = np.clip(lasted[:, None] - EDGES, 0, width)
        np.add.at(frames, (before, now), spent)
    swap = np.array([0, 2, 1, 3])
    swapped = events[swap][:, swap][..., swap]
    return events + swapped, frames + frames[swap][:, swap]
