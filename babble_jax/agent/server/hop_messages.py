"""Tells a page what an engine does: who speaks, hop by hop, and each floor-transfer offset (FTO).

Axes: N hops.
"""

from collections.abc import Callable, Sequence
from typing import Any

from babble_jax.agent.server.running_offsets import RunningOffsets
from babble_jax.timing.events.fto_picture import BIN_WIDTH, bin_edges
from babble_jax.timing.floor.state import BACKCHANNEL
from babble_jax.timing.preset import TimingPreset


class HopMessages:
    """Makes the messages of one session.

    Args:
      sample_rate: Hz.
      hop_samples: of a hop.
      lag: seconds by which perception is late.
      timing: preset whose definitions hold.
      note: says what perception cannot do; None while all is well.
    """

    def __init__(
        self,
        sample_rate: int,
        hop_samples: int,
        lag: float,
        timing: TimingPreset,
        note: Callable[[], str | None] = lambda: None,
    ):
        self._note = note
        self._rate, self._hop = sample_rate, hop_samples
        self._late = hop_samples + round(lag * sample_rate)
        self._offsets = RunningOffsets(sample_rate, hop_samples, lag, timing.definitions)

    def describe(self, hops: Sequence[Any], delay: int) -> list[dict[str, Any]]:
        """Describes hops.

        Args:
          hops: `EngineHop`s, N of them in order, on the timeline of what is heard.
          delay: samples by which the agent is heard late.

        Returns:
          A message `hops`: seconds at which the user's and the agent's hops begin, N probabilities that the user spoke,
          2 N kinds of the agent's frames (0 silent, 1 a turn, 2 a backchannel), and a note or None; and `offsets`, if
          there are new ones.
        """
        for hop in hops:
            for event in hop.events:
                self._offsets.add({"sample": hop.sample, **event})
        first = hops[0].sample - delay
        frames = [frame for hop in hops for frame in hop.frames]
        message = {
            "type": "hops",
            "hop": self._hop / self._rate,
            "user_from": round((first - self._late) / self._rate, 5),
            "agent_from": round(hops[0].sample / self._rate, 5),
            "user": [round(float(hop.user.speech), 3) for hop in hops],
            "note": self._note(),
            "agent": [0 if not one.on else 2 if one.kind == BACKCHANNEL else 1 for one in frames],
        }
        offsets = self._offsets.settled(hops[-1].sample - delay)
        if not offsets:
            return [message]
        rows = [{"who": one.who, "at": round(one.at, 4), "seconds": round(one.seconds, 4)} for one in offsets]
        return [message, {"type": "offsets", "offsets": rows}]


def describe_people(timing: TimingPreset) -> dict[str, Any]:
    """Describes the offsets of the people of a preset: edges of bins in seconds, density, median, share below 0."""
    edges = bin_edges()
    model = timing.models.get("ipu") or next(iter(timing.models.values()))
    density = [float(value) / BIN_WIDTH for value in (model.cdf(edges[1:]) - model.cdf(edges[:-1]))]
    reference = timing.reference["fto"]
    return {
        "name": timing.name,
        "edges": [float(edge) for edge in edges],
        "density": [round(value, 4) for value in density],
        "median": reference.get("median"),
        "below_zero": reference.get("below_zero"),
    }
