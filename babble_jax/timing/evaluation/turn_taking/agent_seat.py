"""The agent's hazards from a seat along recorded calls: the floor's under a policy at a delay.

The agent is played by the code that plays its closed loop (`floor.seat_native`), with every act of both seats forced.
Axes: T frames of a window, S = 2 seats, K groups of hazards, N moments, F frames from a moment on.
"""

import dataclasses
import functools

import numpy as np

from babble_jax.timing.evaluation.turn_taking.frames import FramedCalls
from babble_jax.timing.floor.belief import PauseDistribution
from babble_jax.timing.floor.effects import all_hazard_groups, assume_effects
from babble_jax.timing.floor.knobs import Knobs, knob_factors
from babble_jax.timing.floor.pair import initial_pair
from babble_jax.timing.floor.policy import Policy
from babble_jax.timing.floor.simulator import FloorSimulator
from babble_jax.timing.floor.state import FRAME, Limits

PAST = 3000
"""Frames of the past that are played before a moment; what lies further back changes next to nothing."""


@dataclasses.dataclass(frozen=True, eq=False)
class AgentSeat:
    """Has the hazards of an agent.

    Attributes:
      floor: on which they rest.
      policy: at this delay.
      delay: seconds after which the other's speech is known.
      knobs: of the agent, of which `shift` and `perturb` are not played here.
      pauses: how often a silence is a pause within an IPU; None where none is.
    """

    floor: FloorSimulator
    policy: Policy
    delay: float
    knobs: Knobs = Knobs()
    pauses: PauseDistribution | None = None

    @property
    def delay_frames(self) -> int:
        """The delay in frames."""
        return round(self.delay / FRAME)

    def play(self, own_code: np.ndarray, detected: np.ndarray, own_effects: np.ndarray) -> np.ndarray:
        """Plays a seat through T frames from a silent beginning; returns [T, 4], see `seat_native.play_dialogue`.

        Args:
          own_code: [T] what the seat does: 0 nothing, 1 begins or ends an IPU, 2 begins a backchannel.
          detected: [T] bool, whether the other's speech begins or ends in the frame, delay or not.
          own_effects: [K] of the person in the seat.
        """
        from babble_jax.timing.floor.seat_native import play_dialogue  # numba: half a second

        limits = Limits.of(self.floor.definitions)
        values = self.policy.to_array()
        single = len(values) - len(self.policy.factors)
        factors = values[single:] + knob_factors(self.knobs)
        assumed = self._assumed(tuple(np.asarray(own_effects, float).tolist()))
        forced = np.stack([own_code, detected], axis=1).astype(np.int8)
        record = np.zeros((len(forced), 4))
        play_dialogue(
            self.floor.hazard,
            all_hazard_groups(),
            np.exp(np.asarray(own_effects, np.float64) + factors),
            np.exp(assumed),
            np.exp(assumed),
            np.zeros(forced.shape, np.float32),
            forced,
            np.array(limits, np.int64),
            np.concatenate([np.ravel(field) for field in initial_pair(limits)]).astype(np.int64),
            self.delay_frames,
            values[:single],
            False,
            np.zeros(forced.shape, np.uint16),
            record,
            np.zeros((0, 0)) if self.pauses is None else np.array(self.pauses.probability),
        )
        return record

    @functools.lru_cache(maxsize=64)  # noqa: B019 (an agent lives as long as the benchmark)
    def _assumed(self, own_effects: tuple[float, ...]) -> np.ndarray:
        """Returns the effects that the other is taken to have, [K]."""
        return assume_effects(np.array(own_effects), np.array(self.floor.own), np.array(self.floor.shared))

    def follow(self, calls: FramedCalls, window: int, seat: int, own_effects: np.ndarray) -> np.ndarray:
        """Returns hazards [T, 2] along a window, 0 where nothing can happen.

        Args:
          calls: in frames.
          window: its number.
          seat: of the agent, whose acts are those of the recorded person.
          own_effects: [K] of that person.
        """
        length = calls.frames[window]
        record = self.play(
            calls.codes[window, :length, seat], calls.detected[window, :length, 1 - seat] > 0, own_effects
        )
        return record[:, :2] * record[:, 2:3]

    def roll_out(
        self,
        calls: FramedCalls,
        window: int,
        seat: int,
        moment: int,
        edges: np.ndarray,
        own_effects: np.ndarray,
    ) -> np.ndarray:
        """Returns hazards [F, 2] from a moment on, from which the seat does nothing.

        Args:
          calls: in frames.
          window: its number.
          seat: of the agent.
          moment: the first frame.
          edges: [F] bool, whether the other's speech begins or ends in each frame from there on.
          own_effects: [K] of the recorded person.
        """
        on = np.cumsum(calls.codes[window, :moment] > 0, axis=0) % 2 == 1
        begin = max(0, moment - PAST)
        silent = np.flatnonzero(~on[:begin].any(axis=1))
        begin = (
            int(silent[-1]) + 1 if begin and len(silent) else 0
        )  # a past that begins in silence, as play does
        own = np.concatenate([calls.codes[window, begin:moment, seat], np.zeros(len(edges), np.int8)])
        other = np.concatenate([calls.detected[window, begin:moment, 1 - seat] > 0, edges])
        record = self.play(own, other, own_effects)[moment - begin :]
        return record[:, :2] * record[:, 2:3]
