"""The rules of `seat` for many dialogues at once, in JAX.

Axes: D dialogues, K groups of hazards, Q toggles that fit into the delay. Everything that has no axis named is [D].
"""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.timing.floor.pair_arrays import (
    PairArrays,
    Two,
    advance_pairs,
    choose,
    initial_pairs,
    pair_indices,
    pairs_at_risk,
    skip_pairs,
)
from babble_jax.timing.floor.policy import EVENT_OF_GROUP, Policy
from babble_jax.timing.floor.seat import KIND_STRIDE, LEAST_SHARE, OTHER_KIND_STRIDE, SAMPLES_EVERY
from babble_jax.timing.floor.state import BACKCHANNEL, LONE, Limits

FAR = 1 << 20
"""Frames since a toggle that has not been."""


class PolicyArrays(NamedTuple):
    """Holds the numbers of a policy, each a scalar; `factors` are [K], by group of hazards."""

    catch_up_starts: jax.Array
    catch_up_ends: jax.Array
    pace_starts: jax.Array
    pace_ends: jax.Array
    hold_back: jax.Array
    hold_back_backchannels: jax.Array
    give_back: jax.Array
    withdraw: jax.Array
    withdraw_pace: jax.Array
    factors: jax.Array

    @classmethod
    def of(cls, policy: Policy, knob_factors: np.ndarray | float = 0.0) -> "PolicyArrays":
        """Converts a policy, with the logarithms of the knobs' factors added to its own."""
        single = len(cls._fields) - 1
        values = policy.to_array()
        factors = (values[single:] + knob_factors)[EVENT_OF_GROUP]
        return cls(*(jnp.float32(v) for v in values[:single]), jnp.asarray(factors, jnp.float32))


class SeatArrays(NamedTuple):
    """Holds all that changes in the seats of D dialogues; see `seat.SeatState`.

    Attributes:
      ages: [Q, D] frames since each of the last own toggles, latest first.
      age_codes: [Q, D] what they were.
    """

    lagged: PairArrays
    present: PairArrays
    ages: jax.Array
    age_codes: jax.Array
    spent: Two
    debt: Two
    excess: jax.Array
    start_hazard: jax.Array
    p_backchannel: jax.Array


class Rings(NamedTuple):
    """Holds what was in each of the last frames, at the frame's number modulo the length of the ring.

    Attributes:
      codes: [delay + 1, 2, D] toggles of both seats, see `pair.advance_pair`.
      sums: [delay, 2, D] hazards spent.
      withheld: [delay, 2, D].
    """

    codes: jax.Array
    sums: jax.Array
    withheld: jax.Array


class SeatTables(NamedTuple):
    """Holds the floor's tables: log-hazards [NUM_STATES, 2] and groups [NUM_STATES, 2]."""

    log_hazard: jax.Array
    group: jax.Array


def most_toggles(delay: int, limits: Limits) -> int:
    """Returns the toggles that fit into so many frames, one at least."""
    counts = []
    for spells in ((limits.min_ipu, limits.merge), (limits.merge, limits.min_ipu)):
        count, age = 0, 1
        while age <= delay:
            age += spells[count % 2]
            count += 1
        counts.append(count)
    return max(1, *counts)


def initial_seats(dialogues: int, delay: int, limits: Limits) -> tuple[SeatArrays, Rings]:
    """Begins D dialogues in silence.

    Args:
      dialogues: D.
      delay: frames.
      limits: of the definitions.
    """
    pairs, zero = initial_pairs(dialogues, limits), jnp.zeros(dialogues, jnp.float32)
    ages = jnp.full((most_toggles(delay, limits), dialogues), FAR, jnp.int32)
    two = (zero, zero)
    seats = SeatArrays(pairs, pairs, ages, ages * 0, two, two, zero, zero + 1, zero)
    ring = jnp.zeros((max(delay, 1), 2, dialogues), jnp.float32)
    return seats, Rings(jnp.zeros((delay + 1, 2, dialogues), jnp.int32), ring, ring)


def _at(tables: SeatTables, index: jax.Array, effects: jax.Array) -> Two:
    logs, groups = tables.log_hazard[index], tables.group[index]
    logs = logs + jnp.take_along_axis(effects, groups.astype(jnp.int32), axis=1)
    return jnp.exp(logs[:, 0]), jnp.exp(logs[:, 1])


def pair_hazards(tables: SeatTables, state: PairArrays, seat: int, effects: jax.Array) -> Two:
    """Returns both hazards of a seat that knows the state.

    Args:
      tables: of the floor.
      state: at the start of the frame.
      seat: 0 or 1.
      effects: [D, K] of the people in it.
    """
    return _at(tables, pair_indices(state, seat), effects)


class ArrayRules:
    """Computes what seats know and their hazards; made within a traced function.

    Args:
      tables: of the floor.
      effects: [D, K] of the people in the seats, the policy's factors not added.
      limits: of the definitions.
      delay: frames.
      policy: of all of them.
    """

    def __init__(
        self, tables: SeatTables, effects: jax.Array, limits: Limits, delay: int, policy: PolicyArrays
    ):
        self.tables, self.limits, self.delay, self.policy = tables, limits, delay, policy
        self.own = effects + policy.factors
        self.other = jnp.zeros_like(effects)
        self.samples = max(1, -(-delay // SAMPLES_EVERY))

    def mixed(self, pair: PairArrays, p: jax.Array) -> Two:
        """Returns the own hazards, averaged over the kind of the other's IPU."""
        index = pair_indices(pair, 0)
        p = jnp.where(pair.kind[1] == LONE, p, 0.0)
        first = _at(self.tables, index, self.own)
        second = _at(self.tables, jnp.where(p > 0, index + OTHER_KIND_STRIDE, index), self.own)
        return tuple((1 - p) * first[i] + p * second[i] for i in (0, 1))

    def others(self, pair: PairArrays, backchannel: bool = False) -> Two:
        """Returns the other's hazards, if their last IPU was a backchannel or was not."""
        index = pair_indices(pair, 1)
        if backchannel:
            index = jnp.where(pair.kind[1] == LONE, index + KIND_STRIDE, index)
        return _at(self.tables, index, self.other)

    def know(
        self, seats: SeatArrays, rings: Rings, frame: jax.Array, toggled: jax.Array, told: jax.Array | None
    ) -> SeatArrays:
        """Returns the seats with what has come to be known since the frame before, from the second frame on.

        Args:
          seats: after the frame before.
          rings: the same.
          frame: scalar, its number.
          toggled: [D] whether the other began or ended an IPU in the frame before the one that lies a delay back.
          told: [D] whether an IPU that began there is a backchannel; None where it is inferred.
        """
        limits, delay = self.limits, self.delay
        own = rings.codes[(frame - delay - 1) % (delay + 1), 0]
        p = self._believe(seats.lagged, seats.p_backchannel, toggled, told)
        lagged = advance_pairs(seats.lagged, (own, toggled.astype(jnp.int32)), limits)
        p = jnp.where(lagged.kind[1] == LONE, p, 0.0)
        begun = frame > delay
        lagged = choose(begun, lagged, seats.lagged)
        p = jnp.where(begun, p, seats.p_backchannel)
        last = rings.codes[(frame - 1) % (delay + 1), 0]
        present = advance_pairs(seats.present, (last, jnp.zeros_like(last)), limits)
        again, before = self._replay(lagged, seats)
        present = choose(toggled, again, present)
        seats = seats._replace(lagged=lagged, present=present, p_backchannel=p)
        if not delay:
            return seats
        return self._settle(seats, rings, frame, toggled, before)

    def _replay(self, lagged: PairArrays, seats: SeatArrays) -> tuple[PairArrays, PairArrays]:
        state, before, position = lagged, lagged, jnp.zeros_like(lagged.floor)
        none = jnp.zeros_like(position)
        for k in reversed(range(len(seats.ages))):
            inside = seats.ages[k] <= self.delay
            at = jnp.where(inside, self.delay - seats.ages[k], position)
            state = skip_pairs(state, at - position, self.limits)
            before = choose(inside, state, before)
            state = choose(inside, advance_pairs(state, (seats.age_codes[k], none), self.limits), state)
            position = jnp.where(inside, at + 1, at)
        return skip_pairs(state, self.delay - position, self.limits), before

    def _settle(
        self, seats: SeatArrays, rings: Rings, frame: jax.Array, toggled: jax.Array, before: PairArrays
    ) -> SeatArrays:
        """Gives back what was withheld, and makes debts and the probability of an excess where the other toggled."""
        policy, delay, present = self.policy, self.delay, seats.present
        own, other = present.since
        slot = frame % delay
        confirmed = ~toggled & (own > delay) & (other > 2 * delay)
        back = jnp.where(confirmed, policy.give_back, 0.0)
        share = jnp.where(present.on[0], policy.catch_up_ends, policy.catch_up_starts)
        frames = jnp.minimum(delay, own - 1)
        missed = self._missed(present, seats.p_backchannel, frames)
        debt = []
        for i in (0, 1):
            spent = seats.spent[i] - jnp.where(own > delay, rings.sums[slot, i], 0.0)
            owed = jnp.where(frames > 0, share * (missed[i] - spent), 0.0)
            debt.append(jnp.where(toggled, owed, seats.debt[i] + back * rings.withheld[slot, i]))
        start = self.mixed(before, seats.p_backchannel)
        start = jnp.where(present.kind[0] == BACKCHANNEL, start[1], start[0])
        excess = policy.withdraw * jnp.maximum(0.0, 1 - start / jnp.maximum(seats.start_hazard, 1e-12))
        ran = toggled & present.on[1] & present.on[0] & (own <= delay)
        return seats._replace(
            debt=(debt[0], debt[1]), excess=jnp.where(ran, jnp.minimum(excess, 1.0), seats.excess)
        )

    def _missed(self, present: PairArrays, p: jax.Array, frames: jax.Array) -> Two:
        total = [jnp.zeros_like(p), jnp.zeros_like(p)]
        for j in range(self.samples):
            back = frames - jnp.floor((j + 0.5) * frames / self.samples).astype(jnp.int32)
            since = tuple(jnp.maximum(s - back, 1) for s in present.since)
            at = present._replace(since=(since[0], since[1]))
            risk = pairs_at_risk(at, 0, self.limits)
            hazard = self.mixed(at, p)
            total = [total[i] + jnp.where(risk, hazard[i], 0.0) for i in (0, 1)]
        return total[0] * frames / self.samples, total[1] * frames / self.samples

    def hazards(
        self, seats: SeatArrays, rings: Rings, frame: jax.Array, risk: jax.Array
    ) -> tuple[SeatArrays, Rings, Two]:
        """Returns the seats after the debts of the frame are paid, the rings with it, and both hazards.

        Args:
          seats: that `know` returned.
          rings: up to the frame before.
          frame: scalar, its number.
          risk: [D] whether anything can happen in the frame.
        """
        present, policy = seats.present, self.policy
        base = self.mixed(present, seats.p_backchannel)
        if not self.delay:
            return seats, rings, base
        silent = ~(present.on[0] | present.on[1])
        unseen = jnp.clip(present.since[1] - self.limits.merge, 0, self.delay)
        begun = jnp.where(silent, -jnp.expm1(-sum(self.others(present)) * unseen), 0.0)
        used, debt, withheld, spent = [], [], [], []
        hold = (policy.hold_back, policy.hold_back_backchannels)
        pace = jnp.where(present.on[0], policy.pace_ends, policy.pace_starts)
        rate = -jnp.expm1(-1 / pace)
        for i in (0, 1):
            least = base[i] * jnp.exp(-hold[i] * begun)
            withheld.append(jnp.where(risk, base[i] - least, 0.0))
            paid = jnp.maximum(least + seats.debt[i] * rate, LEAST_SHARE * least)
            used.append(jnp.where(seats.debt[i] != 0, paid, least))
            debt.append(seats.debt[i] - jnp.where(risk, used[i] - least, 0.0))
            spent.append(seats.spent[i] + jnp.where(risk, least, 0.0))
        doubted = (seats.excess > 0) & present.on[0]
        goes, excess = 1 / policy.withdraw_pace, seats.excess
        stays = (excess * jnp.exp(-goes), (1 - excess) * jnp.exp(-used[0]))
        used[0] = jnp.where(doubted, excess * goes + (1 - excess) * used[0], used[0])
        excess = jnp.where(doubted & risk, stays[0] / (stays[0] + stays[1]), excess)
        slot = frame % self.delay
        rings = rings._replace(
            sums=rings.sums.at[slot].set(jnp.stack(seats.spent)),
            withheld=rings.withheld.at[slot].set(jnp.stack(withheld)),
        )
        seats = seats._replace(debt=(debt[0], debt[1]), spent=(spent[0], spent[1]), excess=excess)
        return seats, rings, (used[0], used[1])

    def act(
        self, seats: SeatArrays, rings: Rings, frame: jax.Array, events: Two, hazard: Two
    ) -> tuple[SeatArrays, Rings]:
        """Returns seats and rings after a frame.

        Args:
          seats: that `hazards` returned.
          rings: the same.
          frame: scalar, its number.
          events: [D] int32 of the seat and of the other, see `pair.advance_pair`.
          hazard: of the seat.
        """
        event = events[0]
        toggles = event > 0
        rings = rings._replace(codes=rings.codes.at[frame % (self.delay + 1)].set(jnp.stack(events)))
        start = jnp.where(event == 2, hazard[1], hazard[0])
        start = jnp.where(seats.present.on[0], 1.0, start)
        ages = jnp.where(toggles, jnp.roll(seats.ages, 1, axis=0).at[0].set(0), seats.ages) + 1
        codes = jnp.where(toggles, jnp.roll(seats.age_codes, 1, axis=0).at[0].set(event), seats.age_codes)
        clear = functools.partial(jnp.where, toggles, 0.0)
        return seats._replace(
            ages=ages,
            age_codes=codes,
            spent=(clear(seats.spent[0]), clear(seats.spent[1])),
            debt=(clear(seats.debt[0]), clear(seats.debt[1])),
            excess=clear(seats.excess),
            start_hazard=jnp.where(toggles, start, seats.start_hazard),
        ), rings

    def _believe(
        self, lagged: PairArrays, p: jax.Array, toggled: jax.Array, told: jax.Array | None
    ) -> jax.Array:
        """Returns the probability that the other's IPU is a backchannel, after one more frame of theirs."""
        limits, on, since = self.limits, lagged.on[1], lagged.since[1]
        plain, short = self.others(lagged), self.others(lagged, True)
        if told is None:
            begun = jnp.where(since < limits.isolation, 0.0, plain[1] / (plain[0] + plain[1]))
        else:
            begun = told.astype(jnp.float32)
        after = max(limits.isolation, limits.merge)
        one = jnp.where(on, plain[0], jnp.where(since >= limits.merge, plain[0] + plain[1], 0.0))
        two = jnp.where(on, short[0], jnp.where(since >= after, short[0] + short[1], 0.0))
        weights = (
            p * jnp.where(toggled, -jnp.expm1(-two), jnp.exp(-two)),
            (1 - p) * jnp.where(toggled, -jnp.expm1(-one), jnp.exp(-one)),
        )
        updated = weights[0] / jnp.maximum(weights[0] + weights[1], 1e-30)
        late = on & (since >= limits.longest_backchannel)
        updated = jnp.where(late, jnp.where(toggled, p, 0.0), updated)
        still = (lagged.kind[1] != LONE) | (p <= 0) | (p >= 1) | (on & (since < limits.min_ipu))
        return jnp.where(toggled & ~on, begun, jnp.where(still, p, updated))
