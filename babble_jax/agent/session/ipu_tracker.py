"""Makes IPUs of what a session logs: the user's as they were perceived, the agent's as they were decided.

Times are samples of the session's sound. The user's IPUs follow the definitions of dialogue events: shorter silences
are merged, what is too short is dropped. The agent's are the decisions themselves, exact to the sample.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple

from babble_jax.timing.events import Definitions

USER, AGENT = 0, 1
SPEAKERS = ("user", "agent")
"""Names of the two sides; their channels are left and right."""


class Ipu(NamedTuple):
    """An IPU of one side: first sample, and the sample after its last."""

    onset: int
    end: int


@dataclasses.dataclass
class _OwnIpus:
    final: list[Ipu] = dataclasses.field(default_factory=list)
    last: Ipu | None = None  # has ended, may still be merged with the next
    begin: int | None = None  # of the one that runs


class IpuTracker:
    """Collects the IPUs of both sides from events, in the order in which they are logged.

    Args:
      sample_rate: Hz.
      hop_samples: of the hops in which the user is perceived.
      lag: seconds by which perception is late.
      definitions: whose least silence and least IPU are kept for the user.
    """

    def __init__(
        self, sample_rate: int, hop_samples: int, lag: float, definitions: Definitions | None = None
    ):
        definitions = definitions or Definitions()
        self._late = hop_samples + round(lag * sample_rate)
        self._merge = (round(definitions.merge * sample_rate), 0)
        self._least = (round(definitions.min_ipu * sample_rate), 1)
        self._own = (_OwnIpus(), _OwnIpus())

    def add(self, event: Mapping[str, Any]) -> None:
        """Takes an event of the engine; those that begin or end no IPU are passed over.

        Args:
          event: with the name `event` and the sample at which it was known or decided.
        """
        name, sample = event.get("event"), event.get("sample")
        if not isinstance(sample, int):
            return
        if name in ("user began", "user ended"):
            self._toggle(USER, name == "user began", max(sample - self._late, 0))
        elif name in ("turn", "backchannel", "end") and "frame" in event:
            self._toggle(AGENT, name != "end", sample)

    def _toggle(self, who: int, begins: bool, sample: int) -> None:
        own = self._own[who]
        if begins and own.begin is None:
            if own.last is not None:
                sample = max(sample, own.last.end)
                if sample - own.last.end < self._merge[who]:
                    sample = own.last.onset
                else:
                    self._finish(who, own.last)
            own.last, own.begin = None, sample
        elif not begins and own.begin is not None:
            own.last, own.begin = Ipu(own.begin, max(sample, own.begin)), None

    def _finish(self, who: int, ipu: Ipu) -> None:
        if ipu.end - ipu.onset >= self._least[who]:
            self._own[who].final.append(ipu)

    def final(self, who: int) -> list[Ipu]:
        """Returns the IPUs of a side that will not change any more; the list grows."""
        return self._own[who].final

    def open(self, who: int, now: int) -> list[Ipu]:
        """Returns the IPU of a side that runs or has just ended, if there is one.

        Args:
          who: `USER` or `AGENT`.
          now: the sample at which a running IPU is cut.
        """
        own = self._own[who]
        last = own.last if own.begin is None else Ipu(min(own.begin, now), now)
        return [last] if last is not None and last.end - last.onset >= self._least[who] else []

    def ipus(self, who: int, now: int) -> list[Ipu]:
        """Returns all IPUs of a side up to a sample.

        Args:
          who: `USER` or `AGENT`.
          now: the sample at which what runs is cut.
        """
        own = [*self.final(who), *self.open(who, now)]
        return [Ipu(one.onset, min(one.end, now)) for one in own if one.onset < now]
