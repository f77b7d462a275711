"""The kind of experiment that measures what learning a partner's effects in the session gains."""

import dataclasses
import math
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax.timing.evaluation.turn_taking.frames import frame_calls
from babble_jax.timing.floor.belief import PartnerLearner
from babble_jax.timing.floor.effects import GROUPS, all_hazard_groups
from babble_jax.timing.floor.fit import fit_floor
from babble_jax.timing.floor.pair import (
    OTHER,
    advance_pair,
    initial_pair,
    pair_at_risk,
    pair_index,
    pair_overdue,
)
from babble_jax.timing.floor.simulator import FloorSimulator
from babble_jax.timing.floor.state import FRAME, Limits
from babble_jax.timing.splits import split
from experiments.pipelines.corpora import read_corpus

MODELS = ("mean", "population", "learned")
"""Effects of the partner: those of nobody in particular; the mean of the hazards over people; as learned so far."""


RESAMPLES = 2000
"""Draws of people for the interval of the gain."""


@dataclasses.dataclass(frozen=True)
class PartnerLearningExperiment:
    """Scores the events of held-out people, each second by what their own past tells of them.

    Attributes:
      corpus: folder in `BABBLE_CORPORA`; the floor is fitted on its training groups.
      minutes: up to which the gain is listed minute by minute.
    """

    corpus: str
    minutes: int = 8

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Fits the floor and scores.

        Args:
          work: not needed.
          results: not needed.
        """
        conversations = [c for c in read_corpus(self.corpus) if len(c.speakers) == 2]
        train = split([c.group for c in conversations])
        floor = fit_floor([c for c, t in zip(conversations, train, strict=True) if t])
        limits, scores = Limits.of(floor.definitions), []
        for conversation in (c for c, t in zip(conversations, train, strict=True) if not t):
            calls = frame_calls([conversation], floor.definitions)
            for w in range(len(calls)):
                codes = calls.codes[w, : calls.frames[w]]
                scores += [score_partner(floor, codes[:, [1 - s, s]], limits, self.minutes) for s in (0, 1)]
        nats = np.array([one[0] for one in scores])  # [people, models, minutes]
        frames = np.array([one[1] for one in scores])  # [people, minutes]
        gain, length = (nats[:, 2] - nats[:, 1]), frames * FRAME / 60
        rows = np.random.default_rng(0).integers(0, len(nats), (RESAMPLES, len(nats)))
        resampled = gain.sum(axis=1)[rows].sum(axis=1) / length.sum(axis=1)[rows].sum(axis=1)
        by_minute = gain.sum(axis=0) / np.maximum(length.sum(axis=0), 1e-9)
        return {
            "people": len(nats),
            "nats_per_minute": {
                model: float(nats[:, i].sum() / length.sum()) for i, model in enumerate(MODELS)
            },
            "gain_per_minute": float(gain.sum() / length.sum()),
            "gain_interval": [float(q) for q in np.quantile(resampled, (0.025, 0.975))],
            "gain_by_minute": [float(value) for value in by_minute],
        }


def score_partner(
    floor: FloorSimulator, codes: np.ndarray, limits: Limits, minutes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Scores the second speaker of a window under each of `MODELS`, frame by frame.

    Args:
      floor: whose hazards and covariances are read.
      codes: [T, 2] toggles, see `pair.advance_pair`.
      limits: of the definitions.
      minutes: number of columns; what is later goes into the last one.

    Returns:
      Nats [models, minutes] and frames [minutes].
    """
    table, group = floor.log_hazard, all_hazard_groups()
    learner = PartnerLearner(np.array(floor.own), np.array(floor.shared), np.zeros(len(GROUPS)))
    partner = learner.initial()
    effects = [np.zeros(len(GROUPS)), learner.assumed(partner), learner.assumed(partner)]
    nats, frames = np.zeros((len(MODELS), minutes)), np.zeros(minutes)
    state = initial_pair(limits)
    for frame, (own, code) in enumerate(codes.tolist()):
        minute = min(int(frame * FRAME / 60), minutes - 1)
        frames[minute] += 1
        if pair_at_risk(state, OTHER, limits) and not pair_overdue(state, OTHER, limits):
            index = pair_index(state, OTHER)
            groups, logs = group[index].tolist(), table[index].tolist()
            which = int(code == 2)
            for model, added in enumerate(effects):
                hazards = [math.exp(logs[i] + added[groups[i]]) for i in (0, 1)]
                total = sum(hazards)
                value = math.log(-math.expm1(-total)) + math.log(hazards[which] / total) if code else -total
                nats[model, minute] += value
            events = [(groups[which], 1.0)] if code else []
            before = partner
            expected = list(zip(groups, map(math.exp, logs), strict=True))
            partner = learner.count(partner, events, expected)
            if partner.mean is not before.mean:
                effects[2] = learner.assumed(partner)
        state = advance_pair(state, (own, code), limits)
    return nats, frames
