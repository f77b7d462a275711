"""A session without an engine: frames of a player and of the user drawn at random, as an engine would log them."""

from typing import NamedTuple

import numpy as np

from tests.agent.players import Frame

RATE = 8000
HOP = 160  # samples


class User(NamedTuple):
    """Stands in for `UserFrame`."""

    speech: float
    level_db: float
    noise_db: float
    echo: float
    clipped: bool


class Hop(NamedTuple):
    """Stands in for `EngineHop`."""

    hop: int
    sample: int
    user: User
    frames: tuple[Frame, Frame]
    events: tuple[dict, ...]
    milliseconds: float


class StandIn:
    """Draws a conversation hop by hop: two on-off processes, with sound where they are on.

    Args:
      seed: of the draws.
    """

    def __init__(self, seed: int = 0):
        self._draws = np.random.default_rng(seed)
        self._hop, self._user, self._agent, self._since, self._shift = 0, False, False, 0, 0.0

    def next(self) -> tuple[np.ndarray, np.ndarray, Hop]:
        """Returns the sound of user and agent in a hop, [HOP] each, and the hop."""
        draws, events = self._draws, []
        user, agent = self._sound(self._user), np.zeros(HOP, np.float32)
        for half in (0, 1):
            agent[half * HOP // 2 : (half + 1) * HOP // 2] = 0.2 * self._agent
        self._hop += 1
        sample = self._hop * HOP
        if draws.random() < (0.02 if self._user else 0.04):
            self._user = not self._user
            events.append({"event": "user began" if self._user else "user ended", "sample": sample})
        frames = []
        for number in (2 * self._hop, 2 * self._hop + 1):
            hazard = 0.03 if self._agent else 0.001 if self._user else 0.05
            self._since += 1
            at_risk = self._since > 20
            uniform = float(draws.random())
            event = int(at_risk and uniform < 1 - np.exp(-1.1 * hazard))
            if event:
                self._agent, self._since = not self._agent, 0
                shift = {"shift": float(draws.uniform(0, 0.5))} if self._agent else {}
                name = "turn" if self._agent else "end"
                events.append({"event": name, "sample": number * HOP // 2, "frame": number, **shift})
            logs = float(np.log(hazard)), float(np.log(0.1 * hazard))
            frames.append(
                Frame(number - 2, float(self._user), 0.25, 0.5, logs, at_risk, uniform, event, self._agent, 0)
            )
        perceived = User(float(self._user), -30.0, -60.0, 0.0, False)
        hop = Hop(self._hop, sample, perceived, (frames[0], frames[1]), tuple(events), 1.25)
        return user, agent, hop

    def _sound(self, on: bool) -> np.ndarray:
        return (0.2 * on * self._draws.normal(size=HOP)).astype(np.float32)
