"""Moves the means of a simulator's effects until drawn dialogues have the events of the corpus.

`calibrate_means` makes the hazards of each group as high as in the corpus, but events need not follow. Two speakers who
begin in one frame, as annotators of CALLHOME often have it, count as one who goes on and another who takes the floor;
drawn dialogues have these two at times of their own, which makes a pause too many. And the small errors of several
groups add up. So the events themselves are compared here.

Axes: D dialogues, S speakers, P speakers of all dialogues, K groups of hazards, E kinds of events, C columns of counts,
R rows that are to agree, M offsets. Times are seconds, float64.

References: Glynn, Likelihood ratio gradient estimation for stochastic systems, Commun. ACM 33 (1990).
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.events import Definitions, floor_transfers, ipus
from babble_jax.timing.events.measures import EVENTS, event_durations
from babble_jax.timing.floor import calibrate, effects, hazards
from babble_jax.timing.floor.exposure import Exposure, count_exposure
from babble_jax.timing.floor.simulator import FloorSimulator, round_values
from babble_jax.timing.floor.state import NEVER

TRIALS = 6
"""Most trials."""
TOLERANCE = 0.04
"""Largest difference of a rate from that of the corpus, as a share of it."""
MEDIAN_TOLERANCE = 0.01
"""Largest difference of the median floor-transfer offset, seconds."""
FEWEST = 100
"""Events of a kind, or offsets, that a corpus needs: of fewer, chance alone moves the rate by more than a tenth."""
_FARTHEST = 0.3  # that a mean is moved after one trial
_RIDGE = 1e-3  # of the mean curvature: rows that move together need not agree to the last digit


class EventCounts(NamedTuple):
    """Holds what is compared.

    Attributes:
      counts: [D, C] of each dialogue: the number of each of `EVENTS`, the seconds of each, the number of floor-transfer
        offsets, and how many of them are below the median of the corpus (one that equals it is half below).
      ftos: [M] offsets of all dialogues, at level ipu.
      seconds: observed, of all dialogues.
    """

    counts: np.ndarray
    ftos: np.ndarray
    seconds: float


def match_events(
    simulator: FloorSimulator,
    conversations: Sequence[Conversation],
    rows: Exposure,
    on_trial: Callable[[], object] = lambda: None,
) -> FloorSimulator:
    """Moves the means until rates and seconds of events and the median offset are those of the corpus.

    Each of at most `TRIALS` draws dialogues in pairs with opposite effects. The means stay where no row is further off
    than its tolerance, or than twice the standard error of the draw. Otherwise they take a step of Newton's method: of
    all steps after which the rows agree the one that costs least likelihood, in which a group of many events moves
    little. Where no trial is within its tolerances, the means are those of the nearest one.

    Args:
      simulator: whose hazards are calibrated.
      conversations: [D] of the corpus, of as many speakers as it draws.
      rows: exposure of these.
      on_trial: called after each trial.
    """
    definitions, groups = simulator.definitions, len(effects.GROUPS)
    number = np.bincount(effects.hazard_groups(rows.state).ravel(), rows.hazard_events.ravel(), groups)
    corpus = count_columns(conversations, definitions)
    total = corpus.counts.sum(axis=0)
    if total[-2] < FEWEST:
        return simulator
    median, frequent = float(np.median(corpus.ftos)), np.tile(total[: len(EVENTS)] >= FEWEST, 2)
    best, nearest, gradients = simulator, np.inf, []
    for trial in range(TRIALS):
        sample, scores, effect_sums = _draw_pairs(simulator, calibrate.TRIALS + trial, median)
        rate = sample.counts.sum(axis=0) / sample.seconds
        compared = np.append(frequent, True) & (np.append(rate[:-2], rate[-1]) > 0)
        target = np.append(total[:-2] / corpus.seconds, rate[-2] / 2)
        difference = np.log(target[compared] / np.append(rate[:-2], rate[-1])[compared])
        tolerance = np.maximum(TOLERANCE, 2 * _standard_error(sample.counts[:, :-2]))
        on_trial()
        furthest = max(
            abs(np.median(sample.ftos) - median) / MEDIAN_TOLERANCE,
            *(np.abs(difference[:-1]) / tolerance[compared[:-1]]),
        )
        if furthest < nearest:
            best, nearest = simulator, furthest
        if nearest <= 1:
            break
        gradients.append(_gradient(sample.counts, scores, effect_sums))
        step = least_costly_step(np.mean(gradients, axis=0)[compared], difference, number)
        simulator = dataclasses.replace(
            simulator, mean=round_values(np.add(simulator.mean, np.clip(step, -_FARTHEST, _FARTHEST)))
        )
    return best


def least_costly_step(gradient: np.ndarray, difference: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Returns the step of the means, [K], that changes the rows as asked and costs least likelihood.

    To move the mean of a group from where it is most probable costs half its events times the square of the step. Each
    group counts as if it had some events more, their mean over groups, lest chance in the gradient move the rare ones.

    Args:
      gradient: [R, K] of the logarithms of the rows.
      difference: [R] by which these are to change.
      number: [K] events of each group in the corpus.
    """
    weight = 1 / (number + number.mean())
    curvature = gradient * weight @ gradient.T
    curvature += _RIDGE * np.trace(curvature) / len(curvature) * np.eye(len(curvature))
    return weight * (gradient.T @ np.linalg.solve(curvature, difference))


def count_columns(
    conversations: Sequence[Conversation], definitions: Definitions, median: float | None = None
) -> EventCounts:
    """Counts the events of dialogues.

    Args:
      conversations: [D] the dialogues.
      definitions: of the events.
      median: offset in seconds; below it are those of the last column. The median of these dialogues where absent.
    """
    units = [ipus(conversation, definitions) for conversation in conversations]
    durations = [event_durations(unit, definitions) for unit in units]
    transfers = [floor_transfers(unit, "ipu", definitions) for unit in units]
    ftos = [transfer.fto[transfer.defined] for transfer in transfers]
    pooled = np.concatenate([np.zeros(0), *ftos])
    if median is None:
        median = float(np.median(pooled)) if len(pooled) else 0.0
    counts = [
        [
            *(len(one[event]) for event in EVENTS),
            *(one[event].sum() for event in EVENTS),
            len(fto),
            (fto < median).sum() + (fto == median).sum() / 2,
        ]
        for one, fto in zip(durations, ftos, strict=True)
    ]
    seconds = sum(conversation.seconds for conversation in conversations)
    return EventCounts(np.array(counts, np.float64), pooled, seconds)


def _draw_pairs(
    simulator: FloorSimulator, seed: int, median: float
) -> tuple[EventCounts, np.ndarray, np.ndarray]:
    """Draws dialogues, then those with the opposite effects; returns their counts, the derivatives [D, K] of the
    log-likelihood of each with respect to the means, given the effects, and the sums [D, K] of its speakers' effects.
    """
    speakers, definitions = simulator.card.speakers, simulator.definitions
    numbers = range(int(np.ceil(calibrate.HOURS[1] * 3600 / calibrate.LENGTH / 2)))
    speaker_effects = simulator.draw_effects(seed, numbers, speakers)
    counts, scores = [], []
    for sign in (1, -1):
        dialogues = simulator.draw(seed, numbers, calibrate.LENGTH, speakers, sign < 0)
        counts.append(count_columns(dialogues, definitions, median))
        rows = count_exposure(dialogues, definitions)
        # A dialogue is drawn from its middle; the state before its first solo is not the one it was drawn in.
        rows = rows.select_rows(hazards.state_parts(rows.state)[5] != NEVER)
        groups = effects.count_by_group(rows, simulator.log_hazard[rows.state])
        unexplained = groups.events - groups.expected * np.exp(
            sign * speaker_effects.reshape(groups.events.shape)
        )
        scores.append(unexplained.reshape(speaker_effects.shape).sum(axis=1))
    both = EventCounts(
        np.concatenate([one.counts for one in counts]),
        np.concatenate([one.ftos for one in counts]),
        sum(one.seconds for one in counts),
    )
    sums = speaker_effects.sum(axis=1)
    return both, np.concatenate(scores), np.concatenate([sums, -sums])


def _standard_error(counts: np.ndarray) -> np.ndarray:
    """Returns the standard error of the mean of each column of [D, C], as a share of the mean; the second half of the
    dialogues has the opposite effects of the first.
    """
    pairs = counts.reshape(2, -1, counts.shape[1]).mean(axis=0)
    return pairs.std(axis=0) / np.sqrt(len(pairs)) / np.maximum(pairs.mean(axis=0), 1e-9)


def _gradient(counts: np.ndarray, scores: np.ndarray, effect_sums: np.ndarray) -> np.ndarray:
    """Returns the gradient [R, K] of the logarithms of the rows: of the mean of each column but the last two, and of
    the share of offsets below the median.

    The derivative of the mean of a column is the covariance of the column and the score, given the effects: what is
    linear in these is taken out of both, and most of the chance with it.

    Args:
      counts: [D, C] of the dialogues.
      scores: [D, K] derivatives of their log-likelihoods.
      effect_sums: [D, K] sums of their speakers' effects.
    """
    mean = np.maximum(counts.mean(axis=0), 1e-9)
    columns = np.concatenate([counts / mean, scores], axis=1)
    regressors = np.concatenate([np.ones((len(columns), 1)), effect_sums], axis=1)
    rest = columns - regressors @ np.linalg.lstsq(regressors, columns, rcond=1e-6)[0]
    gradient = rest[:, : len(mean)].T @ rest[:, len(mean) :] / len(rest)
    return np.vstack([gradient[:-2], gradient[-1] - gradient[-2]])
