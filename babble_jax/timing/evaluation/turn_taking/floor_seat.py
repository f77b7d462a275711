"""The floor's own hazards from a seat, with the belief of `seat_view`: what a seat could know, without any policy.

Axes: V seats, T frames, S = 2 speakers, K groups of hazards.
"""

import dataclasses
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.numerics import fixed_numerics
from babble_jax.timing.evaluation.turn_taking.seat_view import (
    SeatView,
    ViewTables,
    follow_views,
    initial_view,
    unpack,
)
from babble_jax.timing.evaluation.turn_taking.traces import SeatFrames
from babble_jax.timing.floor import effects
from babble_jax.timing.floor.belief import PauseDistribution
from babble_jax.timing.floor.simulator import FloorSimulator
from babble_jax.timing.floor.state import FRAME, Limits


class FloorCarry(NamedTuple):
    """Holds what V seats know.

    Attributes:
      view: of the floor.
      unheard: [D, V] bool, edges of the other's speech in the last D frames, the delay, oldest first.
    """

    view: SeatView
    unheard: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class FloorSeat:
    """Sees the floor from a seat.

    Attributes:
      floor: the hazards.
      pauses: the pauses within IPUs.
      delay: seconds after which the other's speech is known.
      adapt: learn the effects of both people from what the call has shown so far.
    """

    floor: FloorSimulator
    pauses: PauseDistribution
    delay: float = 0.0
    adapt: bool = True

    @property
    def delay_frames(self) -> int:
        """The delay in frames."""
        return round(self.delay / FRAME)

    @property
    def limits(self) -> Limits:
        """Limits of the definitions, in frames."""
        return Limits.of(self.floor.definitions)

    @property
    def tables(self) -> ViewTables:
        """The tables of the hazards and pauses."""
        return ViewTables(
            jnp.asarray(self.floor.log_hazard),
            jnp.asarray(effects.all_hazard_groups()),
            jnp.asarray(self.pauses.probability, jnp.float32),
        )

    @fixed_numerics()
    def begin(self, lines: int) -> FloorCarry:
        """Returns what V seats know before the first frame."""
        return FloorCarry(initial_view(lines, self.limits), np.zeros((self.delay_frames, lines), bool))

    @fixed_numerics()
    def follow(
        self, carry: FloorCarry, own_code: np.ndarray, detected: np.ndarray, people: np.ndarray, store: bool
    ) -> tuple[FloorCarry, SeatFrames]:
        """Follows V seats through T frames; see `traces.SeatModel`.

        Args:
          carry: what they know before.
          own_code: [T, V].
          detected: [T, V] bool.
          people: [V, S, K] effects, the own ones first.
          store: return what is known before each frame, too.
        """
        frames, late = len(detected), self.delay_frames
        edges = np.concatenate([carry.unheard, detected])
        view, frame, expected, events, views = follow_views(
            carry.view,
            jnp.asarray(own_code),
            jnp.asarray(edges[:frames]),
            jnp.asarray(people, jnp.float32),
            self.tables,
            self.limits,
            store,
        )
        snapshots = None
        if store:
            unheard = (
                np.stack([edges[j : j + frames] for j in range(late)], axis=-1)
                if late
                else np.zeros((*detected.shape, 0), bool)
            )
            snapshots = (jax.tree.map(np.asarray, views), unheard)
        return FloorCarry(view, edges[frames:]), SeatFrames(
            np.asarray(frame.hazard),
            np.asarray(frame.at_risk & ~frame.overdue),
            np.asarray(frame.on),
            np.asarray(frame.other_on),
            np.asarray(frame.backchannel),
            np.asarray(expected),
            np.asarray(events),
            snapshots,
        )

    @fixed_numerics()
    def resume(self, snapshots: Any) -> FloorCarry:
        """Returns what is known at N moments as `follow` takes it."""
        view, unheard = snapshots
        return FloorCarry(unpack(view), unheard.T)
