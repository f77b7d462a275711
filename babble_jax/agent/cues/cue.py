"""The contract of a cue, and the calibration of its score on conversations.

A cue is one more likelihood. The floor knows from times alone how likely it is that a speaker who has fallen silent
has given up the turn; a cue says how much more often people sound like this where the turn is over than where it goes
on. So its value is added to log-odds, and 0 says nothing.

Axes: N silences, K bins of the time since a silence began.
"""

import dataclasses
from typing import Any, Protocol

import numpy as np

from babble_jax.errors import BabbleError

RATE = 16_000
"""Hz of the sound that cues are given."""
MOST_LOG_ODDS = 3.0
"""Largest size of a cue's value: no cue is trusted beyond a ratio of 20."""
_RIDGE = 1.0  # precision of the normal prior of the slope, whose mean is 0: few conversations give a weak cue
_STEPS = 50  # of Newton's method, which takes about 6


class Cue(Protocol):
    """Hears the user, and says what their sound tells about the end of their turn.

    Attributes:
      name: of the kind of cue.
      state: all that changes; a value, to which the cue can be set back.
    """

    name: str
    state: Any

    def push(self, user: np.ndarray) -> None:
        """Takes the next sound of the user: [T] float at 16 kHz, full scale 1."""
        ...

    def log_odds(self, silence: float) -> float | None:
        """Returns the log of how many times likelier this sound is where the turn is over; None for no answer (yet).

        It is asked once after each `push`. An answer belongs to the silence in which it was asked for.

        Args:
          silence: seconds since the user fell silent, 0 while they speak, infinite before they have spoken.
        """
        ...


@dataclasses.dataclass(frozen=True)
class Calibration:
    """Turns a score into the log of a likelihood ratio: slope x score + the offset of the silence's length.

    Attributes:
      slope: nats per unit of the score.
      silences: [K] seconds, where each bin begins; rising, the first one 0.
      offsets: [K] nats.
    """

    slope: float
    silences: tuple[float, ...] = (0.0,)
    offsets: tuple[float, ...] = (0.0,)

    def __post_init__(self):
        """Refuses bins that are none.

        Raises:
          BabbleError: numbers are not finite, or silences do not rise from 0.
        """
        numbers = np.array([self.slope, *self.silences, *self.offsets], np.float64)
        rising = bool(np.all(np.diff(self.silences) > 0))
        if not (np.all(np.isfinite(numbers)) and len(self.silences) == len(self.offsets) > 0 and rising):
            raise BabbleError("A cue's calibration needs finite numbers and silences that rise from 0.")
        if self.silences[0] != 0:
            raise BabbleError("A cue's calibration needs finite numbers and silences that rise from 0.")

    def log_odds(self, score: float, silence: float) -> float:
        """Computes the log of the likelihood ratio, at most `MOST_LOG_ODDS` in size.

        Args:
          score: of the cue.
          silence: seconds since the silence began.
        """
        place = int(np.searchsorted(self.silences, silence, side="right")) - 1
        value = self.slope * score + self.offsets[max(place, 0)]
        return float(np.clip(value, -MOST_LOG_ODDS, MOST_LOG_ODDS))


def fit_calibration(
    score: np.ndarray, over: np.ndarray, silence: np.ndarray, silences: tuple[float, ...] = (0.0,)
) -> Calibration:
    """Fits a calibration by logistic regression with an intercept for each bin (Platt's scaling).

    The log-odds of the shares of the bins are taken off again, so that what is left is what the score says beyond the
    time. The slope has a normal prior of mean 0 and variance 1 per standard deviation of the score; where it comes out
    below 0, the calibration is 0 throughout.

    Args:
      score: [N] of the cue, larger where the turn is over.
      over: [N] bool, whether the turn was over.
      silence: [N] seconds since the silence began, when the score was computed.
      silences: [K] seconds, where each bin begins.

    Raises:
      BabbleError: no turn was over, or all were.
    """
    score, over = np.asarray(score, np.float64), np.asarray(over, bool)
    if over.all() or not over.any():
        raise BabbleError(
            "A cue is calibrated on silences after which the turn was over and others after which it went on; "
            "give more conversations."
        )
    place = np.clip(np.searchsorted(silences, silence, side="right") - 1, 0, None)
    bins = (place[:, None] == np.arange(len(silences))).astype(np.float64)
    scale, mean = max(float(np.std(score)), 1e-9), float(np.mean(score))
    inputs = np.column_stack([(score - mean) / scale, bins])
    # A bin without either outcome keeps finite odds.
    precision = np.array([_RIDGE, *[1e-3] * len(silences)])
    weights = np.zeros(inputs.shape[1])
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-inputs @ weights))
        gradient = inputs.T @ (over - p) - precision * weights
        curvature = (inputs * (p * (1 - p))[:, None]).T @ inputs + np.diag(precision)
        change = np.linalg.solve(curvature, gradient)
        weights += change
        if np.max(np.abs(change)) < 1e-10:
            break
    counts = bins.sum(axis=0)
    shares = (bins.T @ over + 0.5) / (counts + 1)
    prior = np.where(counts > 0, np.log(shares / (1 - shares)), weights[1:])
    slope = weights[0] / scale
    if slope <= 0:  # it points the wrong way: it says nothing
        return Calibration(0.0, tuple(map(float, silences)), (0.0,) * len(silences))
    offsets = weights[1:] - prior - slope * mean
    return Calibration(float(slope), tuple(map(float, silences)), tuple(map(float, offsets)))
