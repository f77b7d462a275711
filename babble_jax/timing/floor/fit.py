"""Fits the floor: hazards and effects by likelihood, then the means of the effects by what is drawn.

Axes: K groups of hazards.
"""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.progress import Progress
from babble_jax.timing.events import Definitions, pool_ftos
from babble_jax.timing.floor import effects, hazards
from babble_jax.timing.floor.calibrate import TRIALS, calibrate_means
from babble_jax.timing.floor.exposure import Exposure, count_exposure
from babble_jax.timing.floor.match_events import match_events
from babble_jax.timing.floor.simulator import FloorSimulator, SimulatorCard, layers_of, round_values
from babble_jax.timing.splits import split

ROUNDS = 6
"""Rounds of covariances and network."""

FEWEST_TRANSFERS = 500
"""Floor transfers that a corpus needs. In nats per second of held-out conversations, floors of parts of Map Task and
CALLHOME English with 350 to 420 of them were 2 to 6 below independent speakers, those with 750 to 900 a quarter below,
and those with 2,000 and more above."""


def missing_events(conversations: Sequence[Conversation], definitions: Definitions) -> str:
    """Says in one sentence why the floor of a corpus of too few events cannot be fitted; an empty string if it can."""
    transfers = len(pool_ftos(conversations, "ipu", definitions))
    if transfers >= FEWEST_TRANSFERS:
        return ""
    return (
        f"{transfers} floor transfers are too few to fit a floor, which takes {FEWEST_TRANSFERS}; give more "
        "conversations."
    )


def fit_hazards(
    rows: Exposure,
    *,
    steps: int = 1500,
    rounds: int = ROUNDS,
    part_mask: tuple[bool, ...] = hazards.ALL_PARTS,
    seed: int = 0,
    on_round: Callable[[], object] = lambda: None,
) -> tuple[hazards.Params, np.ndarray, np.ndarray]:
    """Fits the network and the covariances `own` and `shared`, each given the other in turn.

    Args:
      rows: of the conversations to fit.
      steps: of the network's first fit, without effects of people.
      rounds: of covariances and network. Half-way all of the network is fitted again, with a third of the
        steps; in the other rounds its output layer is. 0 for no effects.
      part_mask: see `hazards.features`.
      seed: of the network's initial weights.
      on_round: called after each round.
    """
    k = len(effects.GROUPS)
    own, shared = 0.1 * np.eye(k), np.zeros((k, k))
    events = rows.hazard_events
    half = rows.frames - events.sum(axis=1) / 2
    states, index = np.unique(rows.state, return_inverse=True)
    totals = np.stack([np.bincount(index, events[:, i], len(states)) for i in (0, 1)], axis=1)
    exposed = np.repeat(np.bincount(index, half, len(states))[:, None], 2, axis=1)
    group = effects.hazard_groups(rows.state)
    params = hazards.initial_params(seed)
    params = hazards.fit_network(states, totals, exposed, params, steps=steps, part_mask=part_mask)
    mean = None
    for turn in range(rounds):
        counts = effects.count_by_group(rows, hazards.log_hazards(params, states, part_mask)[index])
        posterior, own, shared = effects.fit_covariances(counts, own, shared, mean)
        # The mean effect belongs to the hazards; left to EM, it would get there in a hundred rounds.
        mean = posterior.mean - posterior.mean.mean(axis=0)
        weight = np.exp(mean + posterior.variance / 2)[rows.person[:, None], group]
        exposed = np.stack([np.bincount(index, half * weight[:, i], len(states)) for i in (0, 1)], axis=1)
        if turn == rounds // 2 - 1:
            params = hazards.fit_network(
                states, totals, exposed, params, steps=steps // 3, rate=1e-3, part_mask=part_mask
            )
        else:
            params = hazards.fit_output_layer(states, totals, exposed, params, part_mask=part_mask)
        on_round()
    return params, own, shared


def fit_floor(
    conversations: Sequence[Conversation], definitions: Definitions | None = None, *, steps: int = 1500
) -> FloorSimulator:
    """Fits the floor of conversations of any numbers of speakers; it is calibrated on those of the usual number.

    On two cores it takes one or two minutes for up to twenty hours of two speakers, and five for 190.

    Args:
      conversations: the corpus.
      definitions: of the events; the standard ones where absent.
      steps: of the network's first fit.
    """
    definitions = definitions or Definitions()
    rows = count_exposure(conversations, definitions)
    numbers = np.array([len(c.speakers) for c in conversations])
    card = SimulatorCard(
        corpus=" + ".join(dict.fromkeys(c.corpus for c in conversations)),
        conversations=len(conversations),
        hours=float(rows.seconds.sum() / 3600),
        speakers=int(np.bincount(numbers).argmax()),
    )
    mean = [0.0] * len(effects.GROUPS)
    with Progress("fitting the floor", total=ROUNDS + TRIALS, unit="steps") as progress:
        params, own, shared = fit_hazards(rows, steps=steps, on_round=progress.update)
        layers, crossing = layers_of(params)
        simulator = FloorSimulator(
            card, definitions, layers, crossing, mean, round_values(own), round_values(shared)
        )
        rows = rows.select(numbers == card.speakers)
        simulator = calibrate_means(simulator, rows, progress.update)
    usual = [c for c, number in zip(conversations, numbers, strict=True) if number == card.speakers]
    with Progress("matching the events of drawn dialogues", total=None, unit="trials") as progress:
        return match_events(simulator, usual, rows, progress.update)


def fit_and_score_floor(conversations: Sequence[Conversation], definitions: Definitions) -> FloorSimulator:
    """Fits the floor of all conversations; its card holds the held-out score of one of the training groups only.

    Raises:
      BabbleError: all conversations are of groups on one side of the split.
    """
    train = split([conversation.group for conversation in conversations])
    training, heldout = (
        [c for c, t in zip(conversations, train, strict=True) if t == part] for part in (True, False)
    )
    nats = fit_floor(training, definitions).log_likelihood(heldout)
    floor = fit_floor(conversations, definitions)
    score = float(nats.sum() / count_exposure(heldout, definitions).seconds.sum())
    return dataclasses.replace(floor, card=dataclasses.replace(floor.card, heldout_nats=score))
