"""Says what an engine tells of each hop, what changes in it, and what it needs of a perception.

Axes: H samples of a hop.
"""

import math
from typing import Any, NamedTuple, Protocol

import numpy as np

from babble_jax.agent.hearing.perception import UserFrame
from babble_jax.timing.floor.player import PlayerFrame


class EngineHop(NamedTuple):
    """A hop as it was decided.

    Attributes:
      hop: number of the hop that the decisions are for; the user's hop before it is the last that was perceived.
      sample: first sample of that hop.
      user: the user as they were perceived; as silence for hop 0, before which there is nothing.
      frames: two frames of the player, numbers 2 x hop and 2 x hop + 1.
      events: what happened, each a dict of `event` and further JSON values. Of the agent: "turn", "backchannel" and
        "end", decisions, and "sound began" and "sound ended" with the `sample` from which and up to which it is heard.
        Of the user: "user began" and "user ended" as detected, with the `sample` at which it was known. "cue" with
        `log_odds`, where they change, and `silence`. "bad input" where samples were no numbers, or beyond `LOUDEST`.
      milliseconds: that the computation took; 0 for hop 0.
    """

    hop: int
    sample: int
    user: UserFrame
    frames: tuple[PlayerFrame, PlayerFrame]
    events: tuple[dict[str, Any], ...]
    milliseconds: float


class EngineState(NamedTuple):
    """What changes in an engine itself: a value.

    Attributes:
      hop: number of the hop that was decided last.
      pending: [n] samples of the user that fill no hop yet, n < H.
      ready: [m] samples of the agent that were not given yet, m = H - n.
      agent: [H] sound of the agent beside the user's hop that is not complete.
      resampling: states of the resamplers of user and agent.
      frame: the last frame of the player; None before the first.
      settled_end: number of the frame in which the running IPU will end; None where that is open.
      sounding: whether the agent's sound is heard.
      quiet: samples since it was last heard.
      user_on: whether the user speaks, as logged.
      user_silence: seconds since the user ended, as logged; infinite before they have spoken.
      turn_over: the cue's last answer; 0 for none.
      bad: whether the user's last hop was no sound.
    """

    hop: int
    pending: np.ndarray
    ready: np.ndarray
    agent: np.ndarray
    resampling: tuple[np.ndarray, np.ndarray]
    frame: PlayerFrame | None = None
    settled_end: int | None = None
    sounding: bool = False
    quiet: int = 0
    user_on: bool = False
    user_silence: float = math.inf
    turn_over: float = 0.0
    bad: bool = False


class Snapshot(NamedTuple):
    """All that changes in an engine and its parts: a value."""

    engine: EngineState
    player: Any
    voice: Any
    perception: Any
    cue: Any


class PerceptionLike(Protocol):
    """What hears the user; see `perception.Perception`.

    Attributes:
      state: all that changes, a value.
      lag: seconds by which it is late.
    """

    state: Any
    lag: float

    def step(self, user: np.ndarray, agent: np.ndarray) -> UserFrame:
        """Perceives a hop of the user at 16 kHz, beside that of the agent; both [320] float32."""
        ...
