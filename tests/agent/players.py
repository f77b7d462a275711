"""Players of tests: one whose decisions are written down, and one that draws them and yields."""

from typing import NamedTuple

import numpy as np

from babble_jax.timing.floor.state import BACKCHANNEL, TURN


class Frame(NamedTuple):
    """As `timing.floor.player.PlayerFrame`."""

    frame: int
    other_on: float
    p_backchannel: float
    p_pause: float
    log_hazard: tuple[float, float]
    at_risk: bool
    uniform: float
    event: int
    on: bool
    kind: int


class ScriptedPlayer:
    """Is on in some intervals of frames, whatever the other does.

    Args:
      intervals: (first frame, frame of the end, kind).
    """

    def __init__(self, intervals):
        self.intervals, self.state = intervals, (0, False, TURN)

    def step(self, other_on, turn_over=0.0, event=None):
        frame, was, kind = self.state
        wanted = next((k for first, end, k in self.intervals if first <= frame < end), None)
        on = wanted is not None if event is None else was ^ bool(event)
        if on and not was:
            kind = TURN if wanted is None else wanted
        event = 0 if on == was else 2 if on and kind == BACKCHANNEL else 1
        self.state = (frame + 1, on, kind)
        return Frame(frame, other_on, 0.0, 0.0, (0.0, 0.0), True, 0.5, event, on, kind)


class RandomPlayer:
    """Begins and ends at random; ends soon where the other is on.

    Args:
      seed: of its draws.
    """

    def __init__(self, seed):
        self.seed, self.state = seed, (0, False, TURN)

    def step(self, other_on, turn_over=0.0, event=None):
        frame, was, kind = self.state
        uniform = float(np.random.default_rng([self.seed, frame]).random())
        hazard = (0.02 + 0.2 * other_on) if was else 0.05 * (1 - other_on) + 0.01
        if event is None:
            event = (2 if uniform < hazard / 3 and not was else 1) if uniform < hazard else 0
        on = was ^ bool(event)
        kind = (BACKCHANNEL if event == 2 else TURN) if on and not was else kind
        self.state = (frame + 1, on, kind)
        return Frame(frame, other_on, 0.0, 0.0, (float(np.log(hazard)), -9.0), True, uniform, event, on, kind)
