"""The rules by which a seat that knows the other late computes its hazards, a frame at a time in plain numbers.

See `policy` for what they are about. All that changes is in `SeatState`, a value; `SeatRules` holds what does not.
"""

import math

import numpy as np

from babble_jax.timing.floor.belief import Partner, PartnerLearner, PauseDistribution
from babble_jax.timing.floor.effects import all_hazard_groups
from babble_jax.timing.floor.knobs import Knobs, knob_factors
from babble_jax.timing.floor.pair import (
    OTHER,
    OWN,
    PairState,
    advance_pair,
    pair_at_risk,
    pair_index,
    replay,
)
from babble_jax.timing.floor.policy import Policy
from babble_jax.timing.floor.seat_state import Hazard, SeatState
from babble_jax.timing.floor.state import BACKCHANNEL, FRAME, LONE, STATE_SHAPE, Limits

KIND_STRIDE = int(np.prod(STATE_SHAPE[3:]))
"""Distance of the indices of two states that differ by one in the own kind."""
OTHER_KIND_STRIDE = int(np.prod(STATE_SHAPE[4:]))
"""The same for the kind of the others."""

LEAST_SHARE = 0.1
"""Share of the hazard that a negative debt leaves."""
SAMPLES_EVERY = 8
"""Frames of the delay for each sample by which the missed hazard is summed."""
SURE, RARE = 0.999, 1e-12  # largest probability of cancelling a start; hazard of what cannot be
LIKELY_ENOUGH = 0.02
"""Probability above which a second hypothesis about the other is computed at all."""


class SeatRules:
    """Computes what a seat knows and its hazards.

    Args:
      log_hazard: [NUM_STATES, 2] of the floor.
      effects: [K] of the person in the seat.
      assumed: [K] effects that the person in the other seat is taken to have.
      limits: of the definitions.
      delay: frames.
      policy: at this delay.
      knobs: of the player.
      seed: of the shifts that are drawn.
      pauses: how often a silence of the other is a pause within an IPU; None where none is.
      learner: of the other person; None where `effects` and `assumed` hold throughout.
    """

    def __init__(
        self,
        log_hazard: np.ndarray,
        effects: np.ndarray,
        assumed: np.ndarray,
        limits: Limits,
        delay: int,
        policy: Policy,
        knobs: Knobs,
        seed: int,
        pauses: PauseDistribution | None = None,
        learner: PartnerLearner | None = None,
    ):
        self.limits, self.delay, self.policy, self.knobs, self._seed = limits, delay, policy, knobs, seed
        self._table = np.ascontiguousarray(log_hazard, np.float32).ravel().data
        self._group = np.ascontiguousarray(all_hazard_groups()).ravel().data
        self._factors = np.array(policy.factors) + knob_factors(knobs)
        self._pauses, self._learner = pauses, learner
        self._odds = (math.exp(-policy.doubt_starts), math.exp(-policy.doubt_ends))
        self._set_effects(np.asarray(effects, np.float64), assumed)
        self._partner: Partner | None = None
        self._samples = max(1, -(-delay // SAMPLES_EVERY))
        self._rates = tuple(1 - math.exp(-1 / pace) for pace in (policy.pace_starts, policy.pace_ends))

    def _set_effects(self, own: np.ndarray, assumed: np.ndarray) -> None:
        self._own = [float(x) for x in own + self._factors]
        self._other = [float(x) for x in assumed]

    def know(self, state: SeatState, toggled: bool, kind: int | None) -> SeatState:
        """Returns the state with what has come to be known since the frame before.

        Args:
          state: after the frame before; its `present` and `lagged` are those of that frame.
          toggled: whether the other began or ended an IPU in the frame before the one that lies a delay back.
          kind: of the IPU that began there, where it was told.
        """
        frame, limits, delay = state.frame, self.limits, self.delay
        if frame == 0:
            return self._next_shift(state) if self.knobs.shift or self.knobs.perturb else state
        lagged, p, codes = state.lagged, state.p_backchannel, state.codes
        if frame > delay:
            state = self._learn(state, toggled)
            state, resumed = self._doubt_end(state, toggled)
            p = self._believe(lagged, p, toggled, kind)
            lagged = advance_pair(lagged, (codes[0], int(toggled)), limits)
            if resumed is not None:
                lagged, p = resumed
            if lagged.kind[OTHER] != LONE:
                p = 0.0
            codes = codes[1:]
        if not toggled:
            present = advance_pair(state.present, (state.codes[-1], 0), limits)
            state = state._replace(lagged=lagged, present=present, codes=codes, p_backchannel=p)
            return self._give_back(state)
        present, before = replay(lagged, codes, limits)
        state = state._replace(lagged=lagged, present=present, codes=codes, p_backchannel=p)
        return self._catch_up(state, before)

    def _doubt_end(self, state: SeatState, toggled: bool) -> tuple[SeatState, tuple[PairState, float] | None]:
        """Follows a silence that may be a pause; returns `lagged` and `p_backchannel` where it turns out to be one."""
        if self._pauses is None:
            return state, None
        lagged, codes, limits = state.lagged, state.codes, self.limits
        if toggled and lagged.on[OTHER]:
            on = advance_pair(lagged, (codes[0], 0), limits)
            going_on = (on, replay(on, codes[1:], limits)[0], state.p_backchannel)
            into = lagged.since[OTHER]
            return state._replace(
                going_on=going_on, into=into, p_pause=self._pauses.at(into, 1), doubt=(0.0, 0.0)
            ), None
        going_on = state.going_on
        if going_on is None:
            return state, None
        on = advance_pair(going_on[0], (codes[0], 0), limits)
        if toggled:
            return state._replace(going_on=None, p_pause=0.0), (on, going_on[2])
        silence = lagged.since[OTHER] + 1
        now = self._pauses.at(state.into, silence) if silence < limits.merge else 0.0
        share = self.policy.catch_up_starts * max(state.p_pause - now, 0.0)
        debt, doubt = state.debt, state.doubt
        state = state._replace(p_pause=now, debt=(debt[0] + share * doubt[0], debt[1] + share * doubt[1]))
        if silence >= limits.merge:
            return state._replace(going_on=None), None
        present = advance_pair(going_on[1], (codes[-1], 0), limits)
        return state._replace(going_on=(on, present, going_on[2])), None

    def _learn(self, state: SeatState, toggled: bool) -> SeatState:
        """Counts a frame of the other, whose state was `lagged`."""
        if self._learner is None or state.partner is None:
            return state
        if state.partner is not self._partner:  # put back, or looked at anew
            self._partner = state.partner
            self._set_effects(self._learner.effects(state.partner), self._learner.assumed(state.partner))
        lagged = state.lagged
        if not pair_at_risk(lagged, OTHER, self.limits):
            return state
        index = pair_index(lagged, OTHER)
        if lagged.kind[OTHER] == LONE and state.p_backchannel > 0.5:
            index += KIND_STRIDE
        rows = [(self._group[2 * index + i], math.exp(self._table[2 * index + i])) for i in (0, 1)]
        events = []
        if toggled:
            one, two = self._at(index, self._other)
            events = [(rows[0][0], one / (one + two)), (rows[1][0], two / (one + two))]
        partner = self._learner.count(state.partner, events, rows)
        if partner.frames:
            self._partner = partner
        return state._replace(partner=partner)

    def _give_back(self, state: SeatState) -> SeatState:
        since, delay = state.present.since, self.delay
        if not delay or len(state.withheld) < delay or since[OWN] <= delay or since[OTHER] <= 2 * delay:
            return state
        share, (a, b) = self.policy.give_back, state.withheld[-delay]
        return state._replace(debt=(state.debt[0] + share * a, state.debt[1] + share * b))

    def _catch_up(self, state: SeatState, before: PairState) -> SeatState:
        present, delay, policy = state.present, self.delay, self.policy
        began = present.on[OTHER]
        if began:
            state = state._replace(waiting=0)
        elif self.knobs.shift or self.knobs.perturb:
            state = self._next_shift(state)
        since = present.since[OWN]
        frames = min(delay, since - 1)
        ahead = self._ahead(state)
        share = policy.catch_up_ends if present.on[OWN] else policy.catch_up_starts
        share = 1.0 if ahead else share
        debt = (0.0, 0.0)
        if (frames or ahead) and share:
            missed = self._missed(present, state.p_backchannel, frames, ahead)
            at = state.sums[-delay] if since > delay > 0 else (0.0, 0.0)
            owed = tuple(missed[i] - (state.spent[i] - at[i] if frames else 0.0) for i in (0, 1))
            state = state._replace(doubt=owed)
            debt = tuple(share * (1 - state.p_pause) * x for x in owed)
        excess = state.excess
        if began and present.on[OWN] and since <= delay:
            start = self._mixed(before, state.p_backchannel)[present.kind[OWN] == BACKCHANNEL]
            weight = policy.withdraw if since >= self.limits.min_ipu else policy.cancel
            excess = weight * max(0.0, 1 - start / max(state.start_hazard, 1e-12))
            excess = min(excess / self._firm, 1.0)
        return state._replace(debt=debt, excess=excess)

    def _missed(self, present: PairState, p: float, frames: int, ahead: int) -> Hazard:
        """Sums the hazards of the last frames along which only the elapsed times grew."""
        span, total = frames + ahead, [0.0, 0.0]
        for j in range(self._samples):
            back = frames - int((j + 0.5) * span / self._samples)
            since = (max(present.since[OWN] - back, 1), max(present.since[OTHER] - back, 1))
            at = present._replace(since=since)
            if pair_at_risk(at, OWN, self.limits):
                hazard = self._mixed(at, p)
                total = [total[i] + hazard[i] for i in (0, 1)]
        return (total[0] * span / self._samples, total[1] * span / self._samples)

    def hazards(
        self, state: SeatState, other_on: float, turn_over: float, risk: bool
    ) -> tuple[SeatState, Hazard]:
        """Returns the state after the debts of the frame are paid, and both hazards of the frame.

        Args:
          state: that `know` returned.
          other_on: probability that the other was on.
          turn_over: log-odds that the other's turn is over.
          risk: whether anything can happen in the frame.
        """
        present, p, policy = state.present, state.p_backchannel, self.policy
        seen, ahead = present, self._ahead(state)
        if ahead:
            seen = present._replace(since=(present.since[OWN] + ahead, present.since[OTHER] + ahead))
        base = list(self._mixed(seen, p))
        if state.going_on is not None and state.p_pause:
            end, pause = base, self._mixed(state.going_on[1], state.going_on[2])
            base = [(1 - state.p_pause) * end[i] + state.p_pause * pause[i] for i in (0, 1)]
            if risk:
                more = tuple(state.doubt[i] + end[i] - pause[i] for i in (0, 1))
                state = state._replace(doubt=more)
        doubt = 1 - other_on if present.on[OTHER] else other_on
        if LIKELY_ENOUGH < doubt < 1 - LIKELY_ENOUGH:
            second = self._mixed(advance_pair(present, (0, 1), self.limits), p)
            base = [(1 - doubt) * base[i] + doubt * second[i] for i in (0, 1)]
        withheld = (0.0, 0.0)
        silent = not (present.on[OWN] or present.on[OTHER])
        if silent and turn_over:
            base[0] *= self._turn_over(present, base[0], turn_over)
        hold = policy.hold_back + (policy.hold_back_resumes if present.floor == OWN else 0.0)
        if silent and self.delay and (hold or policy.hold_back_backchannels):
            unseen = min(max(present.since[OTHER] - self.limits.merge, 0), self.delay)
            begun = -math.expm1(-sum(self._others(present)) * unseen)
            full = base
            base = [
                full[0] * math.exp(-hold * begun),
                full[1] * math.exp(-policy.hold_back_backchannels * begun),
            ]
            withheld = (full[0] - base[0], full[1] - base[1])
        rate = self._rates[present.on[OWN]]
        used, debt = [0.0, 0.0], list(state.debt)
        for i in (0, 1):
            used[i] = base[i]
            if debt[i] and risk:
                used[i] = max(base[i] + debt[i] * rate, LEAST_SHARE * base[i])
                debt[i] -= used[i] - base[i]
        excess = state.excess
        if excess and present.on[OWN] and not risk:
            used, excess = [-math.log1p(-min(excess, SURE)), RARE], 0.0
        elif excess and present.on[OWN]:
            goes = 1 / policy.withdraw_pace
            mixed = excess * goes + (1 - excess) * used[0]
            stays = (excess * math.exp(-goes), (1 - excess) * math.exp(-used[0]))
            excess = stays[0] / sum(stays)
            used[0] = mixed
        spent = state.spent
        if not risk:
            withheld, base = (0.0, 0.0), [0.0, 0.0]
        if self.delay:
            state = state._replace(
                sums=(*state.sums, spent)[-self.delay :],
                withheld=(*state.withheld, withheld)[-self.delay :],
                spent=(spent[0] + base[0], spent[1] + base[1]),
            )
        return state._replace(debt=(debt[0], debt[1]), excess=excess), (used[0], used[1])

    def decide(self, state: SeatState, hazard: Hazard, uniform: float, risk: bool, overdue: bool) -> int:
        """Returns the event that a uniform number draws, see `player.PlayerFrame`.

        Args:
          state: that `hazards` returned.
          hazard: both of them.
          uniform: in [0, 1).
          risk: whether anything can happen in the frame.
          overdue: whether the own IPU ends in any case.
        """
        total = hazard[0] + hazard[1]
        p = -math.expm1(-total) if risk else 0.0
        p = 1.0 if overdue else p
        if uniform >= p:
            return 0
        return 2 if uniform / max(p, 1e-12) < hazard[1] / total else 1

    def act(
        self, state: SeatState, event: int, hazard: Hazard, forced: bool = False
    ) -> tuple[SeatState, int]:
        """Returns the state at the start of the next frame, but for what `know` adds, and the event that takes place.

        Args:
          state: that `hazards` returned.
          event: that was drawn; a knob may put it off.
          hazard: both of them.
          forced: the event takes place now, whatever the knobs say.
        """
        on = state.present.on[OWN]
        if forced:
            state = state._replace(waiting=0)
        elif state.waiting:
            state = state._replace(waiting=state.waiting - 1)
            event = int(state.waiting == 0)
        elif event == 1 and not on and state.shift > 0 and round(state.shift / FRAME):
            return self._carry(state._replace(waiting=round(state.shift / FRAME)), 0), 0
        if event:
            zero = (0.0, 0.0)
            state = state._replace(
                spent=zero, debt=zero, excess=0.0, start_hazard=hazard[event - 1] if not on else 1.0
            )
        return self._carry(state, event), event

    def _carry(self, state: SeatState, event: int) -> SeatState:
        codes = (*state.codes, event)[-self.delay - 1 :]
        return state._replace(frame=state.frame + 1, codes=codes)

    def _mixed(self, pair: PairState, p: float) -> Hazard:
        """Returns the own hazards, averaged over the kind of the other's IPU."""
        index = pair_index(pair, OWN)
        first, second = self._at(index, self._own)
        if p and pair.kind[OTHER] == LONE:
            if pair.on[OTHER]:
                odds = self._odds[pair.on[OWN]]
                p = p * odds / (p * odds + 1 - p)
            a, b = self._at(index + OTHER_KIND_STRIDE, self._own)
            return (1 - p) * first + p * a, (1 - p) * second + p * b
        return first, second

    def _at(self, index: int, effects: list[float]) -> Hazard:
        table, group = self._table, self._group
        i = 2 * index
        return math.exp(table[i] + effects[group[i]]), math.exp(table[i + 1] + effects[group[i + 1]])

    def _others(self, pair: PairState, backchannel: bool = False) -> Hazard:
        """Returns the other's hazards, if their last IPU was a backchannel or was not."""
        index = pair_index(pair, OTHER) + (KIND_STRIDE if backchannel else 0)
        return self._at(index, self._other)

    def _believe(self, lagged: PairState, p: float, toggled: bool, kind: int | None) -> float:
        """Returns the probability that the other's IPU is a backchannel, after one more frame of theirs."""
        on, lone = lagged.on[OTHER], lagged.kind[OTHER] == LONE
        since = lagged.since[OTHER]
        if toggled and not on:
            if kind is not None:
                return float(kind == BACKCHANNEL)
            if since < self.limits.isolation:
                return 0.0
            turn, short = self._others(lagged)
            return short / (turn + short)
        if not lone or not 0 < p < 1:
            return p
        if on:
            if since < self.limits.min_ipu:
                return p
            plain, short = self._others(lagged)[0], self._others(lagged, True)[0]
            if since >= self.limits.longest_backchannel:
                return p if toggled else 0.0
        else:
            plain = sum(self._others(lagged)) if since >= self.limits.merge else 0.0
            after = max(self.limits.isolation, self.limits.merge)
            short = sum(self._others(lagged, True)) if since >= after else 0.0
        weights = (
            (p * -math.expm1(-short), (1 - p) * -math.expm1(-plain))
            if toggled
            else (p * math.exp(-short), (1 - p) * math.exp(-plain))
        )
        return weights[0] / max(sum(weights), 1e-30)

    def _turn_over(self, present: PairState, own: float, log_odds: float) -> float:
        """Returns the factor of taking the floor that a cue makes."""
        other = self._others(present)[0]
        prior = min(max(own / max(own + other, 1e-30), 1e-6), 1 - 1e-6)
        shifted = math.log(prior / (1 - prior)) + log_odds
        return 1 / (1 + math.exp(-shifted)) / prior

    @property
    def _firm(self) -> float:
        return max(self.knobs.firmness, 1.0)

    def _ahead(self, state: SeatState) -> int:
        """Returns the frames by which a knob makes the silence longer than it is."""
        present = state.present
        if state.shift >= 0 or present.on[OWN] or present.on[OTHER] or present.floor == OWN:
            return 0
        return round(-state.shift / FRAME)

    def _next_shift(self, state: SeatState) -> SeatState:
        shift = self.knobs.shift
        if self.knobs.perturb is not None:
            shift += float(np.random.default_rng([self._seed, state.frame]).uniform(*self.knobs.perturb))
        return state._replace(shift=shift)
