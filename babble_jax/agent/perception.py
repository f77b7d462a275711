"""Perceives the user: 20 ms of microphone at a time, the probability that they spoke.

Axes: H = 320 samples, a hop of 20 ms at 16 kHz.
"""

from typing import NamedTuple

import numpy as np

from babble_jax.audio import silero

RATE = silero.RATE
HOP = 320
"""Samples of a hop."""
HOP_SECONDS = HOP / RATE
_CLIPPING = 0.999
_QUIET_DB = -90.0


class UserFrame(NamedTuple):
    """Describes a hop of the microphone.

    Attributes:
      speech: probability that the user spoke in the hop that lay `Perception.lag` seconds before this one.
      level_db: level of this hop in dB of full scale, at least -90.
      noise_db: level of the noise in dB of full scale.
      echo: probability that this hop is the agent's own voice.
      clipped: whether samples of this hop lie at full scale.
    """

    speech: float
    level_db: float
    noise_db: float
    echo: float
    clipped: bool


class PerceptionState(NamedTuple):
    """All that changes: a value, which nothing changes in place."""

    detector: silero.SileroState
    rest: np.ndarray
    probability: float
    noise_db: float


class Perception:
    """Hears the user.

    Attributes:
      state: all that changes; to go back, set it to an earlier one.
      lag: seconds from the hop that `UserFrame.speech` is about to the hop that was given.
    """

    def __init__(self):
        self.lag = 0.04
        self.state = PerceptionState(silero.initial_state(), np.zeros(0, np.float32), 0.0, -60.0)

    def step(self, user: np.ndarray, agent: np.ndarray) -> UserFrame:
        """Takes a hop of both channels.

        Args:
          user: [H] float at 16 kHz, full scale 1: the microphone.
          agent: [H] likewise: what the agent played in this hop.
        """
        user = np.nan_to_num(np.asarray(user, np.float32), nan=0.0, posinf=1.0, neginf=-1.0).clip(-1.0, 1.0)
        detector, rest, probability, noise_db = self.state
        rest = np.concatenate([rest, user])
        while len(rest) >= silero.BLOCK:
            detector, probability = silero.step(detector, rest[: silero.BLOCK])
            rest = rest[silero.BLOCK :]
        level_db = float(
            10 * np.log10(max(np.mean(np.square(user, dtype=np.float64)), 10 ** (_QUIET_DB / 10)))
        )
        noise_db = min(noise_db + 0.02, level_db) if probability < 0.5 else noise_db
        self.state = PerceptionState(detector, rest, probability, noise_db)
        return UserFrame(probability, level_db, noise_db, 0.0, bool(np.max(np.abs(user)) >= _CLIPPING))
