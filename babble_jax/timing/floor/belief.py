"""Beliefs of a live seat about the other: is their silence a pause within an IPU, and what person are they?

IPUs of the floor hold no pauses, since silences shorter than `merge` are merged; people's do. While such a silence
lasts it may be a pause or the end of the IPU (`PauseDistribution`). The effects of the other person are learned from
what they do (`PartnerLearner`): given their events, the posterior of the fitted effects is close to normal.

Axes: B bins of the time into the IPU, M frames of `merge`, K groups of hazards.
"""

import bisect
import dataclasses
from typing import NamedTuple

import numpy as np

from babble_jax.timing.floor.effects import GROUPS, joint_covariance

INTO = (0, 20, 50, 100, 200, 400)
"""[B] frames since the IPU began at which the bin changes."""
LEARN_EVERY = 100
"""Frames between two looks at what the other has done."""


@dataclasses.dataclass(frozen=True)
class PauseDistribution:
    """Holds how often the silences of a corpus are pauses within an IPU.

    Attributes:
      probability: [B, M + 1] that a silence which has lasted so many frames is one, by the bin of the time from the
        IPU's beginning to the silence.
    """

    probability: tuple[tuple[float, ...], ...]

    def __post_init__(self):
        if len(self.probability) != len(INTO) or len({len(row) for row in self.probability}) != 1:
            raise ValueError(f"probability must be {len(INTO)} rows of one length")
        if not all(0 <= p <= 1 for row in self.probability for p in row) or not self.probability[0]:
            raise ValueError("probability must hold numbers from 0 to 1, one in each row at least")

    def at(self, into: int, silence: int) -> float:
        """Returns the probability that a silence is a pause.

        Args:
          into: frames from the beginning of the IPU to it.
          silence: frames that it has lasted.
        """
        row = self.probability[bisect.bisect_right(INTO, into) - 1]
        return row[min(silence, len(row) - 1)]


class Partner(NamedTuple):
    """Holds what has been learned of the other person; a value.

    Attributes:
      events: [K] counts of their events, by group; shares where the group is uncertain.
      expected: [K] events expected of somebody whose effects are the mean.
      frames: since the last look.
      mean: [K] of the posterior.
      variance: [K, K] of the posterior.
    """

    events: np.ndarray
    expected: np.ndarray
    frames: int
    mean: np.ndarray
    variance: np.ndarray


class PartnerLearner:
    """Infers the effects of the other person, and moves one's own with them as pairs of people do.

    Args:
      own: [K, K] covariance of a person's effects.
      shared: [K, K] cross-covariance of two people's effects.
      effects: [K] that one has with somebody of whom nothing is known.
    """

    def __init__(self, own: np.ndarray, shared: np.ndarray, effects: np.ndarray):
        joint, k = joint_covariance(own, shared, 2), len(GROUPS)
        self._own, cross = joint[:k, :k], joint[:k, k:]
        self._precision = np.linalg.inv(self._own)
        self._gain = cross @ self._precision
        self._rest = self._own - self._gain @ cross.T
        self._normals = np.linalg.solve(self._root(self._own), np.asarray(effects, np.float64))

    def _root(self, variance: np.ndarray) -> np.ndarray:
        return np.linalg.cholesky(
            self._rest + self._gain @ variance @ self._gain.T + 1e-6 * np.eye(len(variance))
        )

    def initial(self) -> Partner:
        """Knows nothing of the other."""
        zero = np.zeros(len(GROUPS))
        return Partner(zero, zero, 0, zero, self._own)

    def count(
        self, partner: Partner, events: list[tuple[int, float]], expected: list[tuple[int, float]]
    ) -> Partner:
        """Adds a frame of the other; every `LEARN_EVERY` frames the posterior is computed.

        Args:
          partner: what is known.
          events: groups of the events in the frame, with shares that sum to 1; none where nothing happened.
          expected: groups and hazards.
        """
        counts, sums = partner.events, partner.expected.copy()
        for group, hazard in expected:
            sums[group] += hazard
        if events:
            counts = counts.copy()
            for group, share in events:
                counts[group] += share
        partner = partner._replace(events=counts, expected=sums, frames=partner.frames + 1)
        return self._look(partner) if partner.frames >= LEARN_EVERY else partner

    def _look(self, partner: Partner) -> Partner:
        """Takes Newton steps from the last posterior, see `effects.infer_effects`."""
        mean, variance = partner.mean, partner.variance
        for _ in range(3):
            rate = partner.expected * np.exp(mean + np.diagonal(variance) / 2)
            variance = np.linalg.inv(self._precision + np.diag(rate))
            step = variance @ (partner.events - rate - self._precision @ mean)
            mean = mean + np.clip(step, -1, 1)
            if np.max(np.abs(step)) < 1e-2:
                break
        return partner._replace(frames=0, mean=mean, variance=variance)

    def assumed(self, partner: Partner) -> np.ndarray:
        """Returns the logarithm of the mean factors of the other's hazards, [K]."""
        return partner.mean + np.diagonal(partner.variance) / 2

    def effects(self, partner: Partner) -> np.ndarray:
        """Returns one's own effects beside such a person, [K]."""
        return self._gain @ partner.mean + self._root(partner.variance) @ self._normals
