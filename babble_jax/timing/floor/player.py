"""One seat of the floor, a frame at a time: it knows its own acts at once and the other's a delay late.

The delay is that of detection and output together: on the timeline of what can be heard, the own toggles are known to
the present and the other's up to the delay ago. Two states follow from that: `lagged`, the true one a delay ago, and
`present`, in which the other has done nothing since. Where what the other did comes in late, `present` is computed
again from `lagged`. The hazards of the floor at `present`, changed by the policy (`policy`) and the knobs (`knobs`),
decide.

At no delay, with the neutral policy and the kinds of the other's IPUs told, a player acts as the simulator's own seat
does, number by number (`draw`), unless it learns what person the other is. `seat_loop` is the same for many dialogues
at once.
"""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.numerics import fixed_numerics
from babble_jax.timing.floor.belief import PartnerLearner, PauseDistribution
from babble_jax.timing.floor.draw import BLOCK, draw_effects, frame_uniforms
from babble_jax.timing.floor.effects import assume_effects
from babble_jax.timing.floor.knobs import Knobs
from babble_jax.timing.floor.pair import OTHER, initial_pair, pair_at_risk, pair_overdue
from babble_jax.timing.floor.policy import DEFAULT_CURVE, Policy
from babble_jax.timing.floor.seat import SeatRules
from babble_jax.timing.floor.seat_state import SeatState
from babble_jax.timing.floor.simulator import FloorSimulator
from babble_jax.timing.floor.state import FRAME, Limits


class PlayerFrame(NamedTuple):
    """Holds what a player knew, believed and did in one frame.

    Attributes:
      frame: its number on the timeline of what can be heard.
      other_on: probability that the other was on, a delay ago, as it was given.
      p_backchannel: probability that the other's running or last IPU is a backchannel.
      p_pause: probability that the other's silence is a pause within an IPU.
      log_hazard: per frame, of beginning a turn or ending the own IPU, and of beginning a backchannel.
      at_risk: whether anything could happen.
      uniform: the number that decided.
      event: 0 none, 1 a turn begun or the own IPU ended, 2 a backchannel begun.
      on: whether the own IPU runs after the frame.
      kind: of the own running IPU or else the last one, see `state`.
      shift: seconds by which the knobs move the next turn's begin.
    """

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
    shift: float = 0.0


class Player(Protocol):
    """Decides frame by frame when one seat speaks."""

    state: Any
    """All that changes; a value, which can be kept and put back."""

    def step(self, other_on: float, turn_over: float = 0.0, event: int | None = None) -> PlayerFrame:
        """Decides a frame.

        Args:
          other_on: probability that the other was on at the start of the frame that lies a delay back.
          turn_over: log-odds by which a cue says that the other's turn is over; 0 for none.
          event: forces the decision, see `PlayerFrame`; None draws it.
        """
        ...


class FloorPlayer:
    """Plays one seat by the hazards of a floor, a policy and knobs.

    Attributes:
      state: all that changes; a value.
      delay: seconds, a whole number of frames.
      rules: what does not change.
    """

    def __init__(
        self,
        timing: Any,
        *,
        delay: float,
        seed: int,
        knobs: Knobs = Knobs(),
        other_kind: Callable[[int], int] | None = None,
        policy: Policy | None = None,
        dialogue: int = 0,
        seat: int = 0,
        effects: np.ndarray | None = None,
        pauses: PauseDistribution | None = None,
        learn: bool = True,
    ):
        """Sits down at the beginning of a dialogue, in silence.

        Args:
          timing: a timing preset, or the simulator of a floor.
          delay: seconds, of detection and output together; rounded to frames.
          seed: 64 bits.
          knobs: see `knobs.Knobs`.
          other_kind: tells the kind (`state.BACKCHANNEL` or another) of the IPU of the other that begins in a frame;
            None where nobody knows, and it is inferred.
          policy: instead of that of the timing; a bare simulator has one by hand.
          dialogue: its number within the seed.
          seat: 0 or 1, whose numbers decide.
          effects: [K] of the person whom the player is, in place of those that are drawn.
          pauses: how often a silence of the other is a pause within an IPU; that of the timing where absent.
          learn: whether to learn what person the other is, and to move with them as pairs of people do.
        """
        floor = timing if isinstance(timing, FloorSimulator) else timing.require_floor()
        curve = DEFAULT_CURVE if isinstance(timing, FloorSimulator) else timing.policy_curve()[0]
        self.delay = round(delay / FRAME) * FRAME
        self._key = key_of(seed)
        self._number, self._seat = dialogue, seat
        self._blocks: dict[int, np.ndarray] = {}
        person = seat_effects(self._key, dialogue, floor)[seat] if effects is None else np.asarray(effects)
        own, shared = np.array(floor.own), np.array(floor.shared)
        learner = PartnerLearner(own, shared, person) if learn else None
        self._make_rules = functools.partial(
            SeatRules,
            floor.log_hazard,
            person,
            assume_effects(person, own, shared),
            Limits.of(floor.definitions),
            round(delay / FRAME),
            policy or curve.at(self.delay),
            seed=seed,
            pauses=pauses or getattr(timing, "pauses", None),
            learner=learner,
        )
        self.rules = self._make_rules(knobs=knobs)
        partner = learner.initial() if learner else None
        self.state = SeatState.initial(initial_pair(self.rules.limits), partner)
        self._other_kind = other_kind

    def step(self, other_on: float, turn_over: float = 0.0, event: int | None = None) -> PlayerFrame:
        """Decides a frame; see `Player.step`.

        Args:
          other_on: probability that the other was on at the start of the frame that lies a delay back.
          turn_over: log-odds by which a cue says that the other's turn is over; 0 for none.
          event: forces the decision, see `PlayerFrame`; None draws it.
        """
        rules, before = self.rules, self.state
        toggled = before.frame > rules.delay and (other_on >= 0.5) != before.lagged.on[OTHER]
        kind = None
        if toggled and not before.lagged.on[OTHER] and self._other_kind is not None:
            kind = self._other_kind(before.frame - rules.delay - 1)
        state = rules.know(before, toggled, kind)
        risk = pair_at_risk(state.present, 0, rules.limits) and (event is not None or not state.waiting)
        overdue = pair_overdue(state.present, 0, rules.limits)
        cancels = state.excess > 0 and state.present.on[0] and not risk
        state, hazard = rules.hazards(state, other_on, turn_over, risk)
        risk = risk or cancels
        u = self._uniform(state.frame)
        decision = rules.decide(state, hazard, u, risk, overdue) if event is None else event
        decided = state
        state, decision = rules.act(state, decision, hazard, event is not None)
        self.state = state
        return PlayerFrame(
            frame=before.frame,
            other_on=other_on,
            p_backchannel=state.p_backchannel,
            p_pause=state.p_pause,
            log_hazard=(float(np.log(hazard[0])), float(np.log(hazard[1]))),
            at_risk=risk,
            uniform=u,
            event=decision,
            on=decided.own_after(decision),
            kind=decided.kind_after(decision, rules.limits),
            shift=state.shift,
        )

    def set_knobs(self, knobs: Knobs) -> None:
        """Takes other knobs from the next frame on."""
        self.rules = self._make_rules(knobs=knobs)

    def _uniform(self, frame: int) -> float:
        block = frame // BLOCK
        if block not in self._blocks:  # the one before is kept, since a player may be set back by some frames
            before = {number: one for number, one in self._blocks.items() if abs(number - block) == 1}
            self._blocks = before | {block: _uniforms(self._key, self._number, block)}
        return float(self._blocks[block][frame % BLOCK, self._seat])


@fixed_numerics()
def key_of(seed: int) -> jax.Array:
    """Makes the PRNG key of all dialogues of a seed of 64 bits, as `FloorSimulator.draw` does."""
    return jax.random.wrap_key_data(jnp.array([seed >> 32, seed & 0xFFFFFFFF], jnp.uint32))


@functools.partial(jax.jit, static_argnames="speakers")
def _frame_uniforms(key: jax.Array, number: jax.Array, block: jax.Array, speakers: int) -> jax.Array:
    return frame_uniforms(key, number, block, speakers)


@fixed_numerics()
def _uniforms(key: jax.Array, number: int, block: int) -> np.ndarray:
    return np.asarray(_frame_uniforms(key, jnp.uint32(number), jnp.uint32(block), 2))


@fixed_numerics()
def seat_effects(key: jax.Array, dialogue: int, floor: FloorSimulator) -> np.ndarray:
    """Draws the effects of both people of a dialogue, [2, K] float32.

    Args:
      key: PRNG key of all dialogues.
      dialogue: its number.
      floor: whose covariances are read.
    """
    return np.asarray(draw_effects(key, jnp.array([dialogue], jnp.uint32), floor.effect_root(2), 2))[0]
