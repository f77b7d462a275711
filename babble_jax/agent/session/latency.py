"""Latencies of a session: what its passport says, and how exact its floor-transfer offsets are.

A recording has the agent where the user heard it: later than it was made by the output delay, which the client measured
or estimated before the session. Where the delay was another one, as is found out afterwards, the agent is moved by the
difference.
"""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from babble_jax.agent.session.read import Session
from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.timing.floor.state import FRAME

MOST_DELAY = 10.0
"""Seconds."""
EARLIEST = 0.5
"""Seconds by which the user may have heard the agent earlier than the recording has it."""
_HOP_SD = 2 * FRAME / math.sqrt(12)  # of an edge that is known to a hop


@dataclasses.dataclass(frozen=True)
class Latency:
    """Delays of a session.

    Attributes:
      output_delay: seconds from the making of the agent's sound to the user's ear, by which the recording has it later.
      source: of it: measured by a chirp through the user's devices, estimated by the client, or unknown, and then 0.
      correction: seconds by which the user heard the agent still later than the recording has it.
      lag: seconds by which the user's edges were known late; they are taken back to where they were.
      lag_sd: seconds, standard deviation of the detector's error at a user's edge, from the agent's config; None where
        that has none.
      edge_sd: seconds, standard deviation of a user's edge as perceived: of the hop that it lies in, and `lag_sd`.
      output_sd: seconds, standard deviation of the output delay over the session; None where nothing was reported.
      fto_sd: seconds, standard deviation of the error of one floor-transfer offset, of edge and output together.
      compute_ms: median, 99th percentile and maximum of the computing time of a hop; None where there was none.
    """

    output_delay: float
    source: Literal["chirp", "client", "unknown"]
    correction: float
    lag: float
    lag_sd: float | None
    edge_sd: float
    output_sd: float | None
    fto_sd: float
    compute_ms: tuple[float, float, float] | None


def measure_latency(session: Session, correction: float = 0.0) -> Latency:
    """Takes the delays from a session's passport and log.

    Args:
      session: the session.
      correction: seconds by which the user heard the agent still later than the recording has it.

    Raises:
      BabbleError: the correction is none.
    """
    check_correction(correction)
    output_delay = _number(session.passport, "output_delay")
    source: Literal["chirp", "client", "unknown"] = "unknown"
    if output_delay is not None:
        source = "client" if _number(session.passport, "loop_delay") is None else "chirp"
    lag_sd = _number(session.config, "lag_sd")
    edge = math.hypot(_HOP_SD, lag_sd or 0.0)
    spread = _output_spread(session)
    times = session.decisions["compute_ms"]
    compute = (
        (float(np.median(times)), float(np.quantile(times, 0.99)), float(times.max())) if len(times) else None
    )
    return Latency(
        output_delay=output_delay or 0.0,
        source=source,
        correction=correction,
        lag=session.lag,
        lag_sd=lag_sd,
        edge_sd=edge,
        output_sd=spread,
        fto_sd=math.hypot(edge, spread or 0.0),
        compute_ms=compute,
    )


def check_correction(seconds: float) -> None:
    """Raises `BabbleError` where a correction of the delay in seconds is none."""
    if not -EARLIEST <= seconds <= MOST_DELAY:
        raise BabbleError(f"The delay is {seconds:g} s; it must be from -{EARLIEST:g} to {MOST_DELAY:g}.")


def _number(values: Mapping[str, Any], name: str, most: float = MOST_DELAY) -> float | None:
    """Returns a number of seconds from values of anywhere; None where it is none."""
    value = values.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        return None
    return float(value)


def _output_spread(session: Session) -> float | None:
    """Returns the standard deviation of the latencies that the browser reported, seconds."""
    totals = []
    for event in session.events:
        base, output = _number(event, "base_latency"), _number(event, "output_latency")
        if base is not None and output is not None:
            totals.append(base + output)
    return float(np.std(totals)) if len(totals) > 1 else None


def delay_agent(conversation: Conversation, seconds: float, agent: str = "agent") -> Conversation:
    """Moves one speaker of a conversation to later, or to earlier, but not before the begin.

    Args:
      conversation: as it was recorded.
      seconds: by which it is moved.
      agent: name of the speaker.
    """
    if not seconds:
        return conversation
    moved = seconds * (conversation.speaker == conversation.speakers.index(agent))
    windows = conversation.windows.copy()
    windows[-1, 1] += max(seconds, 0.0)
    onset, end = (np.maximum(times + moved, 0.0) for times in (conversation.onset, conversation.end))
    return dataclasses.replace(conversation, onset=onset, end=end, windows=windows)
