"""Says what speaks for an agent, and gives two voices without a model: clicks for measuring, and sound files.

Axes: T samples.
"""

from typing import Any, NamedTuple, Protocol

import numpy as np

from babble_jax.timing.floor.state import BACKCHANNEL

CLICKS = "clicks"
"""Name of the voice that sounds in every sample of an IPU and in no other."""


class AgentVoice(Protocol):
    """A voice that is told, step by step, whether it speaks.

    Attributes:
      state: all that changes, a value: who sets it to an earlier one goes back.
      sample_rate: Hz.
      release: seconds from the step in which it is told to stop to the end of what is heard of it. It is told so
        much before its IPU is to end.
      endless: whether it goes on for as long as it is told.
    """

    state: Any
    sample_rate: int
    release: float
    endless: bool

    def step(self, active: bool, kind: int, samples: int) -> np.ndarray:
        """Makes the next samples.

        Args:
          active: whether it speaks; sound begins with the first sample of the step in which it becomes true.
          kind: of the running IPU, `TURN`, `LONE` or `BACKCHANNEL` of `timing.floor.state`.
          samples: T.

        Returns:
          [T] float32 in [-1, 1], exact zeros 0.1 s after it was told to stop and until it is told to speak.
        """
        ...

    def remaining(self) -> float | None:
        """Returns the seconds that are left of what it says; None in silence, or if it is endless."""
        ...

    def can_begin(self, kind: int) -> bool:
        """Returns whether it has something to say for an IPU of a kind."""
        ...


class ClickState(NamedTuple):
    """State of a click voice: samples since its IPU began, -1 in silence."""

    since: int = -1


class ClickVoice:
    """Sounds in every sample of an IPU and in no other, so that its edges are measured to the sample.

    A turn is a square wave of a quarter of the sample rate, a backchannel one of an eighth at half the amplitude.

    Args:
      sample_rate: Hz.
      amplitude: of a turn.
    """

    release = 0.0
    endless = True

    def __init__(self, sample_rate: int = 16_000, amplitude: float = 0.25):
        self.sample_rate, self._amplitude = sample_rate, amplitude
        self.state = ClickState()

    def step(self, active: bool, kind: int, samples: int) -> np.ndarray:
        """Makes the next samples; see `AgentVoice.step`.

        Args:
          active: see `AgentVoice.step`.
          kind: see `AgentVoice.step`.
          samples: see `AgentVoice.step`.
        """
        if not active:
            self.state = ClickState()
            return np.zeros(samples, np.float32)
        first = max(self.state.since, 0)
        self.state = ClickState(first + samples)
        period, amplitude = (8, self._amplitude / 2) if kind == BACKCHANNEL else (4, self._amplitude)
        phase = np.arange(first, first + samples) % period
        return np.where(phase < period // 2, amplitude, -amplitude).astype(np.float32)

    def remaining(self) -> None:
        """Returns None: it is endless."""

    def can_begin(self, kind: int) -> bool:
        """Returns true: it always can."""
        return True
