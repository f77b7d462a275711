"""Fits the floor simulator: hazards and effects by likelihood, then the means of the effects by what is drawn."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.events import Definitions
from babble_jax.timing.floor import effects, hazards
from babble_jax.timing.floor.calibrate import calibrated
from babble_jax.timing.floor.exposure import Exposure, exposure
from babble_jax.timing.floor.simulator import FloorSimulator, Layer, SimulatorCard, short


def fit_hazards(
    rows: Exposure, *, steps: int = 1500, rounds: int = 6, used: tuple[bool, ...] = hazards.ALL, seed: int = 0
) -> tuple[hazards.Params, np.ndarray, np.ndarray]:
    """The network and the covariances `own` and `shared`, each fitted given the other in turn.

    Args:
      rows: of the conversations to fit.
      steps: of the network's first fit, for which everybody is the same.
      rounds: of covariances and network. Half-way all of the network is fitted again, with a third of the
        steps; in the other rounds its last layer is. 0 for no effects.
      used: see `hazards.features`.
      seed: of the network's initial weights.
    """
    k = len(effects.GROUPS)
    own, shared = 0.1 * np.eye(k), np.zeros((k, k))
    events = rows.happened
    half = rows.frames - events.sum(axis=1) / 2
    cells, at = np.unique(rows.cell, return_inverse=True)
    happened = np.stack([np.bincount(at, events[:, i], len(cells)) for i in (0, 1)], axis=1)
    exposed = np.repeat(np.bincount(at, half, len(cells))[:, None], 2, axis=1)
    group = effects.groups(rows.cell)
    params = hazards.fit_network(cells, happened, exposed, hazards.initial(seed), steps=steps, used=used)
    known = None
    for turn in range(rounds):
        found = effects.counts(rows, hazards.log_hazards(params, cells, used)[at])
        known, own, shared = effects.fit_covariances(found, own, shared, known)
        # The mean effect belongs to the hazards; left to EM, it would get there in a hundred rounds.
        centred = known.mean - known.mean.mean(axis=0)
        known = dataclasses.replace(known, mean=centred)
        weight = np.exp(centred + known.variance / 2)[rows.person[:, None], group]
        exposed = np.stack([np.bincount(at, half * weight[:, i], len(cells)) for i in (0, 1)], axis=1)
        if turn == rounds // 2 - 1:
            params = hazards.fit_network(
                cells, happened, exposed, params, steps=steps // 3, rate=1e-3, used=used
            )
        else:
            params = hazards.polish(cells, happened, exposed, params, used=used)
    return params, own, shared


def fit_simulator(
    conversations: Sequence[Conversation], definitions: Definitions | None = None, *, steps: int = 1500
) -> FloorSimulator:
    """Fits the floor of conversations of any numbers of speakers; it is calibrated on those of the usual number."""
    definitions = definitions or Definitions()
    rows = exposure(conversations, definitions)
    params, own, shared = fit_hazards(rows, steps=steps)
    numbers = np.array([len(c.speakers) for c in conversations])
    card = SimulatorCard(
        corpus=" + ".join(dict.fromkeys(c.corpus for c in conversations)),
        conversations=len(conversations),
        hours=float(rows.seconds.sum() / 3600),
        speakers=int(np.bincount(numbers).argmax()),
    )
    layers = [Layer(short(layer["kernel"]), short(layer["bias"])) for _, layer in sorted(params.items())]
    mean = [0.0] * len(effects.GROUPS)
    simulator = FloorSimulator(card, definitions, layers, mean, short(own), short(shared))
    return calibrated(simulator, rows.take(numbers == card.speakers))
