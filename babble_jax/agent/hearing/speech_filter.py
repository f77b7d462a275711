"""Filters evidence of speech: the probability that somebody spoke some hops ago, from all that was heard since.

A semi-Markov chain of two states, speech and silence, each with its age: in an age of a hop or two the detector does
not know yet, and the evidence expected there is that of the other state, half of the way. So the lags of the detector
are no constant that is taken off but a part of the likelihood, and since the age tells what was a few hops ago, the
filter answers for a hop in the past as well. How likely a state ends at an age comes from durations of speech and
silence in conversations; what evidence to expect is fitted so that the answers are calibrated
(`experiments/release/speech_filter.py`).

Axes: A ages (the last one holds all higher ones), S = 2 A states, speech above silence, D features.
"""

import functools
from typing import Any, NamedTuple

import numpy as np

from babble_jax import input_files
from babble_jax.agent.hearing.speech_evidence import FEATURES
from babble_jax.errors import BabbleError
from babble_jax.presets import registry

SHIPPED = registry.path("perception", "speech_filter")


class SpeechFilter(NamedTuple):
    """What is fitted.

    Attributes:
      weights: [S, D] log-evidence for each state by feature.
      hazards: [S] probability that the state ends after the hop.
    """

    weights: np.ndarray
    hazards: np.ndarray

    @property
    def ages(self) -> int:
        """A, in hops; the largest lag is one less."""
        return len(self.hazards) // 2

    def initial_belief(self) -> np.ndarray:
        """Makes the belief before the first hop, [S]: it has been silent for long."""
        belief = np.zeros(2 * self.ages)
        belief[-1] = 1.0
        return belief

    def step(self, belief: np.ndarray, features: np.ndarray, trust: float = 1.0) -> np.ndarray:
        """Takes the evidence of a hop.

        Args:
          belief: [S] probabilities of the states after the hop before.
          features: [D] of the hop.
          trust: share of the evidence that counts; 0 where the hop says nothing.

        Returns:
          [S].
        """
        ages = self.ages
        stay, leave = belief * (1 - self.hazards), belief * self.hazards
        after = np.concatenate([[leave[ages:].sum()], stay[: ages - 1], [leave[:ages].sum()], stay[ages:-1]])
        after[ages - 1] += stay[ages - 1]
        after[-1] += stay[-1]
        score = trust * (self.weights @ features)
        after = after * np.exp(score - score.max()) + 1e-300
        return after / after.sum()

    def probability(self, belief: np.ndarray, lag: int) -> float:
        """Computes the probability that there was speech `lag` hops before the last one: 0 to A - 1.

        Args:
          belief: [S] after the last hop.
          lag: hops.
        """
        ages = self.ages
        return float(min(belief[lag:ages].sum() + belief[ages : ages + lag].sum(), 1.0))

    def to_json(self) -> dict[str, Any]:
        """Gives the numbers as JSON values."""
        return {"weights": self.weights.tolist(), "hazards": self.hazards.tolist()}


def from_json(values: Any) -> SpeechFilter:
    """Makes a filter of JSON values.

    Raises:
      BabbleError: they are no filter's.
    """
    try:
        weights = np.array(values["weights"], np.float64)
        hazards = np.array(values["hazards"], np.float64)
    except (KeyError, TypeError, ValueError):
        raise BabbleError("A speech filter needs `weights` and `hazards`, tables of numbers.") from None
    shaped = hazards.ndim == 1 and len(hazards) >= 4 and weights.shape == (len(hazards), FEATURES)
    if not (shaped and len(hazards) % 2 == 0 and np.all(np.isfinite(weights))):
        raise BabbleError(
            f"A speech filter needs `weights` of an even number of states by {FEATURES} features."
        )
    if not np.all((hazards > 0) & (hazards < 1)):
        raise BabbleError("A speech filter needs `hazards` between 0 and 1.")
    return SpeechFilter(weights, hazards)


@functools.cache
def load_speech_filter() -> SpeechFilter:
    """Loads the filter that ships."""
    return from_json(input_files.read_json(SHIPPED))
