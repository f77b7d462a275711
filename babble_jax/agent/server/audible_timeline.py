"""Puts both sides on the timeline of what is heard where the user is.

The engine counts the agent's samples beside the user's. What it makes is heard later: after the way to the user, the
buffer there and the devices. So beside the user's sample n stands the agent's sample n - delay. Offsets that are
measured on this timeline are those that the user hears.

Axes: T samples of a block.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

AGENT_EVENTS = ("turn", "backchannel", "end", "sound began", "sound ended")
"""Events of `EngineHop` that are the agent's."""


class AudibleTimeline:
    """Delays the agent's side.

    Args:
      sample_rate: Hz.
      delay: seconds from the user's sound at the microphone to the agent's sound of the same number at the ear.

    Attributes:
      delay: samples.
      position: samples that were heard.
    """

    def __init__(self, sample_rate: int, delay: float):
        self._rate = sample_rate
        self.delay = round(delay * sample_rate)
        self.position = 0
        self._waiting = np.zeros(self.delay, np.float32)
        self._hops: list[Any] = []

    def set_delay(self, delay: float) -> None:
        """Changes the delay, in seconds, from the next block on: the agent is silent meanwhile, or skips sound."""
        samples = round(delay * self._rate)
        change = samples - self.delay
        silence = np.zeros(max(change, 0), np.float32)
        self._waiting = np.concatenate([silence, self._waiting[max(-change, 0) :]])
        self.delay = samples

    def push(self, agent: np.ndarray) -> np.ndarray:
        """Takes [T] samples of the agent and returns the [T] that are heard meanwhile."""
        line = np.concatenate([self._waiting, agent])
        self._waiting = line[len(agent) :]
        self.position += len(agent)
        return line[: len(agent)]

    def take_due(self, hops: Sequence[Any]) -> list[Any]:
        """Takes hops as they are decided, and returns those that are heard by now, moved to where they are heard."""
        self._hops += hops
        count = sum(hop.sample + self.delay <= self.position for hop in self._hops)
        result = self.shift_hops(self._hops[:count])
        del self._hops[:count]
        return result

    def take_rest(self) -> list[Any]:
        """Returns the hops that were decided and not heard, moved to where they would have been heard."""
        result, self._hops = self.shift_hops(self._hops), []
        return result

    def shift_hops(self, hops: Sequence[Any]) -> list[Any]:
        """Moves the hops' samples, and the samples of the agent's events, to where they are heard."""
        result = []
        for hop in hops:
            events = tuple(
                {**event, "sample": event["sample"] + self.delay}
                if event.get("event") in AGENT_EVENTS and "sample" in event
                else event
                for event in hop.events
            )
            result.append(hop._replace(sample=hop.sample + self.delay, events=events))
        return result
