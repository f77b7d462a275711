"""Latencies of a session: what its passport says, and how exact its floor-transfer offsets are.

On the clock of the sound, sample n of the agent stands beside sample n of the user. The user hears it later, by the
delay of the client (`output_delay`). So the user's own offsets are shorter by it than the sound says, and the agent's,
as the user hears them, longer.
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
_HOP_SD = 2 * FRAME / math.sqrt(12)  # of an edge that is known to a hop


@dataclasses.dataclass(frozen=True)
class Latency:
    """Delays of a session.

    Attributes:
      output_delay: seconds by which the user hears the agent later than the sound says.
      source: of it: measured by a chirp through the user's devices, estimated by the browser, said by an option, or
        unknown, and then 0.
      lag: seconds by which the user's edges were known late; they are taken back to where they were.
      edge_sd: seconds, standard deviation of a user's edge as perceived: half a hop in both directions, and the spread
        of the lag where the agent's config has it.
      output_sd: seconds, standard deviation of the output delay over the session; None where nothing was reported.
      fto_sd: seconds, standard deviation of the error of one floor-transfer offset, of edge and output together.
      compute_ms: median, 99th percentile and maximum of the computing time of a hop; None where there was none.
    """

    output_delay: float
    source: Literal["chirp", "browser", "option", "unknown"]
    lag: float
    edge_sd: float
    output_sd: float | None
    fto_sd: float
    compute_ms: tuple[float, float, float] | None


def measure_latency(session: Session, output_delay: float | None = None) -> Latency:
    """Takes the delays from a session's passport and log.

    Args:
      session: the session.
      output_delay: seconds, in place of that of the passport.

    Raises:
      BabbleError: the delay is none.
    """
    passport = session.passport
    source: Literal["chirp", "browser", "option", "unknown"] = "unknown"
    if output_delay is not None:
        check_delay(output_delay)
        source = "option"
    elif (announced := _number(passport, "output_delay")) is not None:
        output_delay, source = announced, "browser" if _number(passport, "loop_delay") is None else "chirp"
    lag_sd = _number(session.config, "lag_sd") or 0.0
    edge = math.hypot(_HOP_SD, lag_sd)
    spread = _output_spread(session)
    times = session.decisions["compute_ms"]
    compute = (
        (float(np.median(times)), float(np.quantile(times, 0.99)), float(times.max())) if len(times) else None
    )
    return Latency(
        output_delay=output_delay or 0.0,
        source=source,
        lag=session.lag,
        edge_sd=edge,
        output_sd=spread,
        fto_sd=math.hypot(edge, spread or 0.0),
        compute_ms=compute,
    )


def check_delay(output_delay: float) -> None:
    """Raises `BabbleError` where a delay in seconds is none."""
    if not 0 <= output_delay <= MOST_DELAY:
        raise BabbleError(f"The delay is {output_delay:g} s; it must be from 0 to {MOST_DELAY:g}.")


def _number(values: Mapping[str, Any], name: str, most: float = MOST_DELAY) -> float | None:
    """Returns a number of seconds from values of anywhere; None where it is none."""
    value = values.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        return None
    return float(value)


def _output_spread(session: Session) -> float | None:
    """Returns the standard deviation of the latencies that the browser reported, seconds."""
    totals = [
        sum(parts)
        for event in session.events
        if None not in (parts := [_number(event, name) for name in ("base_latency", "output_latency")])
    ]
    return float(np.std(totals)) if len(totals) > 1 else None


def delay_agent(conversation: Conversation, seconds: float, agent: str = "agent") -> Conversation:
    """Moves one side of a conversation to later, to where the other one hears it.

    Args:
      conversation: on the clock of the sound.
      seconds: by which it is moved.
      agent: name of the side.
    """
    if not seconds:
        return conversation
    moved = seconds * (conversation.speaker == conversation.speakers.index(agent))
    windows = conversation.windows.copy()
    windows[-1, 1] += seconds
    return dataclasses.replace(
        conversation, onset=conversation.onset + moved, end=conversation.end + moved, windows=windows
    )
