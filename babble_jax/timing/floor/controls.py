"""Players to put beside that of the floor: fixed and adapted time-outs, a recorded side, and silence.

They are the controls of experiments and the baselines of the benchmark; all act as `player.Player` says. A time-out is
how most voice agents take turns: they speak when the other has been silent for so long, for as long as they have
something to say, and stop when the other speaks up.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from babble_jax.errors import BabbleError
from babble_jax.timing.floor.player import PlayerFrame
from babble_jax.timing.floor.state import BACKCHANNEL, FRAME, TURN

_IMPOSSIBLE, _CERTAIN = -99.0, 0.0  # log-hazards
_SHORTEST = 0.3  # seconds of a turn


class SilentPlayer:
    """Never speaks; its state is the number of frames."""

    def __init__(self):
        self.state = 0

    def step(self, other_on: float, turn_over: float = 0.0, event: int | None = None) -> PlayerFrame:
        """Decides a frame: nothing; see `player.Player.step`.

        Args:
          other_on: see `player.Player.step`.
          turn_over: see `player.Player.step`.
          event: not taken.
        """
        self.state += 1
        return _frame(self.state - 1, other_on, False, False, TURN)


class ReplayPlayer:
    """Speaks when a recorded side spoke, whatever the other does; its state is the number of frames.

    Args:
      onset: [N] seconds of its IPUs, in order.
      end: [N] seconds.
      backchannel: [N] whether each is one; none is where it is absent.
    """

    def __init__(
        self, onset: Sequence[float], end: Sequence[float], backchannel: Sequence[bool] | None = None
    ):
        edges = np.rint(np.stack([np.asarray(onset, float), np.asarray(end, float)], axis=1) / FRAME)
        if not (np.isfinite(edges).all() and (np.diff(edges.ravel()) >= 0).all()):
            raise BabbleError("The IPUs to replay overlap or are not in order; give those of one speaker.")
        self._edges = edges.astype(int)
        self._kinds = (
            [TURN] * len(edges) if backchannel is None else [BACKCHANNEL * bool(b) for b in backchannel]
        )
        self.state = 0

    def step(self, other_on: float, turn_over: float = 0.0, event: int | None = None) -> PlayerFrame:
        """Decides a frame as it was recorded; see `player.Player.step`.

        Args:
          other_on: see `player.Player.step`.
          turn_over: see `player.Player.step`.
          event: not taken.
        """
        frame = self.state
        was, now = self._at(frame - 1), self._at(frame)
        self.state = frame + 1
        on = now is not None
        kind = now if now is not None else was if was is not None else TURN
        return _frame(frame, other_on, on, was is not None, kind)

    def _at(self, frame: int) -> int | None:
        """Returns the kind of the IPU that runs in a frame; None for silence."""
        i = int(np.searchsorted(self._edges[:, 0], frame, side="right")) - 1
        return self._kinds[i] if i >= 0 and frame < self._edges[i, 1] else None


class TimeoutState(NamedTuple):
    """All that changes in a `TimeoutPlayer`: a value.

    Attributes:
      frame: number of the next frame.
      on: whether the own turn runs.
      left: frames that are left of it.
      turns: number of own turns so far.
      owed: whether the other has spoken since the last own turn.
      other_on: whether the other is known to speak.
      other_since: frames since they were known to begin or to end.
      timeout: seconds.
    """

    frame: int = 0
    on: bool = False
    left: int = 0
    turns: int = 0
    owed: bool = False
    other_on: bool = False
    other_since: int = 0
    timeout: float = 0.0


class TimeoutPlayer:
    """Begins a turn when the other is known to have been silent for so long; stops when they are known to speak up.

    Args:
      timeout: seconds of silence; with an adapted one, at the beginning.
      seed: of the lengths of its turns.
      turn_seconds: mean length of its turns, which have a gamma distribution of shape 2.
      interruption: seconds for which the other must be known to speak before it stops; infinite for never.
      adapt: weight of the past in a moving average of the other's pauses, which is the time-out then; None for a
        fixed one. LiveKit's `DynamicEndpointing` does so with 0.9.
      bounds: seconds, the smallest and the largest adapted time-out.

    Attributes:
      state: all that changes, a value.
    """

    def __init__(
        self,
        timeout: float,
        *,
        seed: int = 0,
        turn_seconds: float = 2.0,
        interruption: float = 0.5,
        adapt: float | None = None,
        bounds: tuple[float, float] = (0.3, 3.0),
    ):
        if not 0 <= timeout <= 60 or not 0.1 <= turn_seconds <= 600 or not interruption >= 0:
            raise BabbleError(
                f"A time-out of {timeout:g} s with turns of {turn_seconds:g} s is impossible; "
                "give 0 to 60 s, and turns of 0.1 to 600 s."
            )
        self._seed, self._turn_seconds, self._interruption = seed, turn_seconds, interruption
        self._adapt, self._bounds = adapt, bounds
        self.state = TimeoutState(timeout=timeout)

    def step(self, other_on: float, turn_over: float = 0.0, event: int | None = None) -> PlayerFrame:
        """Decides a frame; see `player.Player.step`.

        Args:
          other_on: see `player.Player.step`; known from one half on.
          turn_over: not regarded.
          event: see `player.Player.step`.
        """
        state = self._know(other_on >= 0.5)
        if event is None:
            silent = state.other_since * FRAME >= state.timeout - 1e-9 and not state.other_on
            broken = state.other_on and state.other_since * FRAME >= self._interruption - 1e-9
            toggles = (state.left <= 0 or broken) if state.on else state.owed and silent
        else:
            toggles = event > 0
        on = state.on ^ toggles
        if toggles and on:
            gamma = np.random.default_rng([self._seed, state.turns]).gamma(2.0, self._turn_seconds / 2)
            left = round(max(gamma, _SHORTEST) / FRAME)
            state = state._replace(left=left, turns=state.turns + 1, owed=False)
        frame = _frame(state.frame, other_on, on, state.on, TURN)
        self.state = state._replace(frame=state.frame + 1, on=on, left=state.left - 1)
        return frame

    def _know(self, other_on: bool) -> TimeoutState:
        """Returns the state with what is known of the other in this frame."""
        state = self.state
        if other_on == state.other_on:
            return state._replace(other_since=state.other_since + 1)
        pause = state.other_since * FRAME
        if other_on and self._adapt is not None and state.owed:  # they went on before it spoke
            timeout = self._adapt * state.timeout + (1 - self._adapt) * pause
            state = state._replace(timeout=min(max(timeout, self._bounds[0]), self._bounds[1]))
        return state._replace(other_on=other_on, other_since=0, owed=state.owed or other_on)


def _frame(number: int, other_on: float, on: bool, was: bool, kind: int) -> PlayerFrame:
    """Makes the frame of a decision that nothing random made.

    Args:
      number: of the frame.
      other_on: as it was given.
      on: whether the own IPU runs after the frame.
      was: whether it ran before.
      kind: of the IPU.
    """
    event = 0 if on == was else 2 if on and kind == BACKCHANNEL else 1
    hazards = tuple(_CERTAIN if event == one else _IMPOSSIBLE for one in (1, 2))
    return PlayerFrame(
        frame=number,
        other_on=other_on,
        p_backchannel=0.0,
        p_pause=0.0,
        log_hazard=(hazards[0], hazards[1]),
        at_risk=event != 0,
        uniform=0.0,
        event=event,
        on=on,
        kind=kind,
    )
