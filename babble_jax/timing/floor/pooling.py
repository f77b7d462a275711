"""Shrinks the floor of a small corpus towards the floor of a preset: partial pooling of hazards.

The log-hazards of the small corpus are those of the preset plus one effect of the corpus per group of hazards, plus the
effects of its people as the preset has them. The corpus effects are normal around 0; their covariance is the spread
between the floors that ship. So a group of many events follows the corpus, and one of few events stays with the preset.

Axes: C discrete states, K groups of hazards, P speakers of all dialogues, D dialogues, S speakers of one, F floors.

References: Efron & Morris, J. Am. Stat. Assoc. 70 (1975), shrinkage by empirical Bayes; Gelman & Hill, Data Analysis
Using Regression and Multilevel/Hierarchical Models (2007), chapter 12, partial pooling.
"""

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.floor import effects, hazards
from babble_jax.timing.floor.exposure import Exposure, count_exposure
from babble_jax.timing.floor.simulator import (
    FloorSimulator,
    SimulatorCard,
    layers_of,
    log_likelihood_with_effects,
    network_params,
    round_values,
)
from babble_jax.timing.floor.state import NUM_STATES

LEAST_SPREAD = 0.1
"""Least standard deviation of a corpus effect, of log-hazards: two corpora never agree to ten percent."""
WEIGHT_PRECISION = 20.0
"""Precision of the normal prior of each weight of the output layer around that of the preset."""
_STEPS = 12  # of Newton's method for the corpus effects
_ROUNDS = 2  # of corpus effects and output layer


def corpus_spread(floors: Sequence[FloorSimulator], states: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """Estimates the covariance of the difference between two corpora in the log-hazards of each group, [K, K].

    Half of each covariance off the diagonal is taken: pairs of a few floors say little about it.

    Args:
      floors: [F] of several corpora.
      states: [C] int32 over which the hazards are averaged.
      frames: [C] weight of each state.
    """
    k, group = len(effects.GROUPS), effects.hazard_groups(states)
    possible = hazards.possible_events(states)
    levels = []
    for floor in floors:
        hazard = np.exp(_log_hazards(floor, states).astype(np.float64)) * possible
        expected = np.bincount(group.ravel(), (frames[:, None] * hazard).ravel(), k)
        levels.append(np.log(np.maximum(expected, 1e-12)))
    differences = np.array([a - b for a, b in itertools.combinations(levels, 2)]).reshape(-1, k)
    visited = np.bincount(group.ravel(), (frames[:, None] * possible).ravel(), k) > 0
    differences = differences * visited
    covariance = differences.T @ differences / max(len(differences), 1)
    variance = np.diag(covariance).copy()
    usual = variance[visited].mean() if visited.any() else 0.0
    variance = np.maximum(np.where(visited, variance, usual), LEAST_SPREAD**2)
    covariance = covariance / 2
    np.fill_diagonal(covariance, variance)
    return covariance


def corpus_effects(
    counts: effects.EffectCounts, own: np.ndarray, shared: np.ndarray, spread: np.ndarray
) -> tuple[np.ndarray, effects.EffectPosterior]:
    """Finds the most probable effects of the corpus, [K], the people's effects integrated out, and the people's.

    By Newton's method: the gradient of the marginal likelihood of a dialogue is that of its events less those expected,
    its curvature R - R (Sigma^-1 + R)^-1 R, with R the expected events and Sigma the covariance of its people.

    Args:
      counts: of the speakers, expected under the preset.
      own: [K, K] covariance of a speaker's effects.
      shared: [K, K] cross-covariance of two speakers' effects.
      spread: [K, K] covariance of the corpus effects, whose mean is 0.
    """
    k = len(effects.GROUPS)
    corpus, mean, precision = np.zeros(k), None, np.linalg.inv(spread)
    sizes = np.bincount(counts.dialogue)
    inverse = {
        int(s): np.linalg.inv(effects.joint_covariance(own, shared, int(s)))
        for s in np.unique(sizes[sizes > 0])
    }
    for _ in range(_STEPS):
        moved = dataclasses.replace(counts, expected=counts.expected * np.exp(corpus))
        posterior = effects.infer_effects(moved, own, shared, mean)[0]
        mean = posterior.mean
        rate = moved.expected * np.exp(mean + posterior.variance / 2)
        gradient = (counts.events - rate).sum(axis=0) - precision @ corpus
        information = precision.copy()
        for dialogue in np.flatnonzero(sizes):
            r = rate[counts.dialogue == dialogue].ravel()
            middle = np.linalg.inv(inverse[int(sizes[dialogue])] + np.diag(r))
            joint = np.diag(r) - r[:, None] * middle * r
            information += joint.reshape(sizes[dialogue], k, sizes[dialogue], k).sum(axis=(0, 2))
        step = np.clip(np.linalg.solve(information, gradient), -1, 1)
        corpus = corpus + step
        if np.max(np.abs(step)) < 1e-3:
            break
    moved = dataclasses.replace(counts, expected=counts.expected * np.exp(corpus))
    return corpus, effects.infer_effects(moved, own, shared, mean)[0]


def shrink_floor(
    conversations: Sequence[Conversation],
    prior: FloorSimulator,
    floors: Sequence[FloorSimulator],
    *,
    name: str = "",
    scale: float = 1.0,
) -> FloorSimulator:
    """Fits the floor of a small corpus with the floor of a preset as the prior mean.

    The covariances of the people's effects and the correction by simulation (`calibrate_means`, `match_events`) are
    the prior's.

    Args:
      conversations: of the small corpus.
      prior: the floor to shrink towards; its definitions hold.
      floors: of several corpora, whose spread says how far a corpus may be from another.
      name: of the preset of `prior`, for the card.
      scale: factor of the standard deviations of the prior; near 0 the result is the preset, at a large one only the
        corpus counts, in the groups of hazards and in the weights of the output layer.
    """
    return shrink_exposure(
        count_exposure(conversations, prior.definitions), conversations, prior, floors, name, scale
    )


def shrink_exposure(
    rows: Exposure,
    conversations: Sequence[Conversation],
    prior: FloorSimulator,
    floors: Sequence[FloorSimulator],
    name: str = "",
    scale: float = 1.0,
) -> FloorSimulator:
    """Does as `shrink_floor`, of counts that were made before.

    Args:
      rows: exposure of the conversations.
      conversations: of the small corpus.
      prior: see `shrink_floor`.
      floors: see `shrink_floor`.
      name: see `shrink_floor`.
      scale: see `shrink_floor`.
    """
    own, shared = np.array(prior.own), np.array(prior.shared)
    states, index = np.unique(rows.state, return_inverse=True)
    events = rows.hazard_events
    half = rows.frames - events.sum(axis=1) / 2  # see hazards.fit_network
    group = effects.hazard_groups(rows.state)
    spread = corpus_spread(floors, states, np.bincount(index, half, len(states))) * scale**2
    totals = np.stack([np.bincount(index, events[:, i], len(states)) for i in (0, 1)], axis=1)
    center = network_params(prior.layers, prior.crossing)
    params = center
    corpus = np.zeros(len(effects.GROUPS))
    for turn in range(_ROUNDS):
        counts = effects.count_by_group(rows, hazards.log_hazards(params, states)[index])
        corpus, people = corpus_effects(counts, own, shared, spread)
        if turn == _ROUNDS - 1:
            break
        weight = np.exp(corpus + people.mean + people.variance / 2)[rows.person[:, None], group]
        exposed = np.stack([np.bincount(index, half * weight[:, i], len(states)) for i in (0, 1)], axis=1)
        params = hazards.fit_output_layer(
            states, totals, exposed, params, ridge=WEIGHT_PRECISION / scale**2, center=center
        )
    layers, crossing = layers_of(params)
    card = SimulatorCard(
        corpus=" + ".join(dict.fromkeys(c.corpus for c in conversations)),
        conversations=len(conversations),
        hours=float(rows.seconds.sum() / 3600),
        speakers=prior.card.speakers,
        prior=name or prior.card.corpus,
    )
    return dataclasses.replace(
        prior, card=card, layers=layers, crossing=crossing, mean=round_values(np.add(prior.mean, corpus))
    )


def exposure_log_likelihood(floor: FloorSimulator, rows: Exposure) -> np.ndarray:
    """Returns what `FloorSimulator.log_likelihood` does, [D] nats, of counts that were made before.

    Only the hazards of the states that were visited are computed: a fraction of the table that drawing needs.

    Args:
      floor: the model.
      rows: exposure of D conversations.
    """
    states = np.unique(rows.state)
    table = np.zeros((NUM_STATES, 2), np.float32)
    table[states] = _log_hazards(floor, states)
    table[states] += np.array(floor.mean, np.float32)[effects.hazard_groups(states)]
    return log_likelihood_with_effects(rows, table, np.array(floor.own), np.array(floor.shared))


def _log_hazards(floor: FloorSimulator, states: np.ndarray) -> np.ndarray:
    """Returns the log-hazards, [C, 2], for somebody whose effects are 0, without the correction by simulation."""
    return hazards.log_hazards(network_params(floor.layers, floor.crossing), states)
